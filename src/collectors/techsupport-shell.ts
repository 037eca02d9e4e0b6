import { reasonOf, UserError } from '../errors.js';
import type { CliSession } from '../ssh/cli/cli.js';
import type { RemoteEntry, RemoteFiles } from '../ssh/files/remote-files.js';
import type { CollectorTools } from './collector.js';
import { cliRoot, type FileRoot, hostRoot, inRoot, type RootTools } from './files-root.js';
import { listOrNothing } from './remove-file.js';

/** A shell in which techsupport can be run, and the folder in which its file will lie. */
export type OpenedShell = Pick<FileRoot, 'face' | 'files' | 'note'> & {
  folder: string;
  isLink: boolean;
  before: RemoteEntry[];
  session: CliSession;
};

/** The shell and its files: without either, what is made there could not be fetched. */
export async function openShellOrReason(tools: CollectorTools): Promise<OpenedShell | { reason: string }> {
  try {
    const { path, ...root } = await eitherRoot(tools);
    const { files } = root;
    const folder = inRoot(path, 'techsupport');
    const [before, isLink] = await Promise.all([
      listOrNothing(files, folder, tools.signal),
      leadsElsewhere(files, folder, tools.signal),
    ]);
    return { ...root, folder, isLink, before, session: await tools.cli.open() };
  } catch (error) {
    tools.signal.throwIfAborted();
    return { reason: reasonOf(error) };
  }
}

/** Where the file that the shell makes can be fetched. @throws UserError why not from port 22: that says more */
async function eitherRoot({ cli, hostOs, signal }: RootTools): Promise<FileRoot> {
  try {
    return await cliRoot(cli);
  } catch (error) {
    signal.throwIfAborted();
    return hostRoot(hostOs, error).catch(() => {
      throw error;
    });
  }
}

/** Asked beside the listing, on the same session; over SCP it would be one of its own, which does not know links anyway. */
async function leadsElsewhere(files: RemoteFiles, folder: string, signal: AbortSignal): Promise<boolean> {
  if (!(await files.abilities(signal)).skips) return false;
  return (await files.find(folder, signal))?.isLink === true;
}

export const techsupportCommand = 'techsupport';

/** What it printed, and what ended it before its end. */
export type Ran = { text: string; cut?: UserError; startedMs: number };

/** The session may be lost, or be silent, although the server goes on; then its file says what became of it. */
export async function runTechsupport(session: CliSession, signal: AbortSignal): Promise<Ran> {
  const startedMs = performance.now();
  try {
    const { text } = await session.run(techsupportCommand, signal);
    return { text, startedMs };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof UserError)) throw error;
    return { text: session.printed(), cut: error, startedMs };
  } finally {
    session.close(); // the place is needed for the files
  }
}
