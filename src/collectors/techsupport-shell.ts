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

/** Opens the shell and its files; without the files, what is made there could not be fetched. */
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

/** Where the file that the shell makes can be fetched. @throws UserError the reason of port 22, which says more */
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

/**
 * Whether the folder is a link. This is asked on the session that lists files; SCP would need another one, and knows no
 * links.
 */
async function leadsElsewhere(files: RemoteFiles, folder: string, signal: AbortSignal): Promise<boolean> {
  if (!(await files.abilities(signal)).skips) return false;
  return (await files.find(folder, signal))?.isLink === true;
}

export const techsupportCommand = 'techsupport';

/** What the command printed, and the error that ended it early. */
export type Ran = { text: string; cut?: UserError; startedMs: number };

/** Runs techsupport. If the session is lost or silent, the server may still go on: then the file shows the result. */
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
