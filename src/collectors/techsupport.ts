import { reasonOf } from '../errors.js';
import type { CliSession } from '../ssh/cli/cli.js';
import type { RemoteEntry, RemoteFiles } from '../ssh/files/remote-files.js';
import type { Collector, CollectorTools, Trace } from './collector.js';
import { inRoot } from './files-root.js';
import { refusalIn } from './refusal.js';
import { collectByScript } from './techsupport-by-script.js';
import { createdFile, fetchAndRemove, newFiles } from './techsupport-file.js';

/**
 * The file support calls TSF. Taken first: it shows the state right after the incident. When the CLI is not available
 * a script on the host OS writes the same file to the same folder (guide, chapter 3, The Techsupport Folder).
 */
export const techsupport: Collector = {
  id: 'techsupport',
  expects: ['Techsupport/'],

  async collect(tools) {
    const cli = await openCliOrReason(tools);
    const whyNot = 'session' in cli ? await collectByCli(tools, cli) : cli.reason;
    if (whyNot !== undefined) await collectByScript(tools, whyNot);
  },
};

type OpenedCli = { files: RemoteFiles; folder: string; before: RemoteEntry[]; session: CliSession };

/** The shell and its files: without either, what is made there could not be fetched. */
async function openCliOrReason(tools: CollectorTools): Promise<OpenedCli | { reason: string }> {
  try {
    const files = await tools.cliFiles();
    const folder = inRoot(await tools.filesRoot(), 'techsupport');
    const before = await listOrNothing(files, folder, tools.signal);
    return { files, folder, before, session: await tools.openCli() };
  } catch (error) {
    tools.signal.throwIfAborted();
    return { reason: reasonOf(error) };
  }
}

/** @returns why the CLI did not do it, when that is so */
async function collectByCli(tools: CollectorTools, cli: OpenedCli): Promise<string | undefined> {
  const { files, folder, before, session } = cli;
  const trace: Trace = { face: 'cli', folder, before: before.map((entry) => entry.name) };
  try {
    await tools.making(trace);
    const { text, cut } = await runTechsupport(tools, session);
    const refusal = refusalIn(text);
    if (refusal !== undefined) {
      await tools.gone(trace);
      return `"${tools.appliance.cli.user}" may not run techsupport: ${refusal}`;
    }
    if (cut === undefined) tools.serverIsFree();
    const created = createdFile(text, before, await files.list(folder, tools.signal), cut);
    await fetchAndRemove(tools, { files, path: `${folder}/${created}`, command, trace, cut });
    return undefined;
  } catch (error) {
    if (!tools.keepRemote) await removeNew(tools, cli, trace);
    throw error;
  } finally {
    session.close();
  }
}

const command = 'techsupport';

/** The session may be lost, or be silent, although the server goes on; then its file says what became of it. */
async function runTechsupport(tools: CollectorTools, session: CliSession): Promise<{ text: string; cut?: string }> {
  try {
    const { text } = await session.run(command, tools.signal);
    return { text };
  } catch (error) {
    tools.signal.throwIfAborted();
    return { text: session.printed(), cut: reasonOf(error) };
  } finally {
    session.close(); // the place is needed for the files
  }
}

/** What an interrupted run made is taken away again, when it is clear which file that is. */
async function removeNew(tools: CollectorTools, { files, folder, before }: OpenedCli, trace: Trace): Promise<void> {
  const grace = AbortSignal.timeout(5000); // the run may have been interrupted; this still has to happen
  try {
    const [only, ...others] = newFiles(before, await files.list(folder, grace));
    if (only === undefined || others.length > 0) return; // the next run looks again
    await files.remove(`${folder}/${only.name}`, grace);
    await tools.gone(trace);
  } catch (error) {
    tools.warn(
      `what techsupport made in "${folder}" could not be removed, the next run tries again: ${reasonOf(error)}`,
    );
  }
}

/** The folder may not be there before the first file is. */
async function listOrNothing(files: RemoteFiles, folder: string, signal: AbortSignal): Promise<RemoteEntry[]> {
  return (await files.find(folder, signal)) === undefined ? [] : files.list(folder, signal);
}
