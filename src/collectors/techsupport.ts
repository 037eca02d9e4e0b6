import { printable, printableLine } from '../domain/text.js';
import { itemError, reasonOf } from '../errors.js';
import type { CliSession } from '../ssh/cli-session.js';
import type { RemoteEntry, RemoteFiles } from '../ssh/remote-files.js';
import type { Collector, CollectorTools, Finding } from './collector.js';
import { downloadTo, isLocal } from './download.js';
import { inRoot } from './files-root.js';
import { assertSuccess, chooseScript, scriptsFolder } from './scripts.js';

/**
 * The file support calls TSF. Taken first: it shows the state right after the incident. When the CLI is not available
 * a script on the host OS writes the same file to the same folder (guide, chapter 3, The Techsupport Folder).
 */
export const techsupport: Collector = {
  id: 'techsupport',
  expects: ['Techsupport/'],
  timeoutMs: 45 * 60_000,

  async collect(tools) {
    const cli = await openCliOrReason(tools);
    if ('session' in cli) await collectByCli(tools, cli);
    else await collectByScript(tools, cli.reason);
  },
};

type OpenedCli = { session: CliSession; files: RemoteFiles; root: string };

/** The shell and its files: without either, what is made there could not be fetched. */
async function openCliOrReason(tools: CollectorTools): Promise<OpenedCli | { reason: string }> {
  try {
    const files = await tools.cliFiles();
    const root = await tools.filesRoot();
    return { session: await tools.openCli(), files, root };
  } catch (error) {
    tools.signal.throwIfAborted();
    return { reason: reasonOf(error) };
  }
}

async function collectByCli(tools: CollectorTools, { session, files, root }: OpenedCli): Promise<void> {
  const command = 'techsupport';
  try {
    const folder = inRoot(root, 'techsupport');
    const before = await listOrNothing(files, folder, tools.signal);
    const { text } = await session.run(command, tools.signal);
    const created = createdFile(text, before, await files.list(folder, tools.signal));
    await fetchAndRemove(tools, { files, path: `${folder}/${created}`, command });
  } finally {
    session.close();
  }
}

async function collectByScript(tools: CollectorTools, whyNotCli: string): Promise<void> {
  const script = await chooseScript(tools, {
    purpose: 'techsupport',
    configured: tools.appliance.techsupportScript,
    key: 'techsupportScript',
    pattern: /techsupport/i,
  }).catch((error: unknown) => {
    throw itemError('no-techsupport', `${whyNotCli}; and not by script: ${reasonOf(error)}`, error);
  });
  const command = `./${script}`;
  tools.warn(`the InCenter CLI is not available, so techsupport is made by ${command} on the host OS`);
  const result = await tools.hostExec(`cd ${scriptsFolder(tools)} && ${command}`);
  assertSuccess(result, command);
  const printed = announcedPath(result.stdout);
  if (printed === undefined)
    throw itemError('no-file-named', `"${command}" named no file: ${printableLine(result.stdout)}`);

  const errors: string[] = [];
  for (const locate of placesOf(tools, printed)) {
    try {
      const place = await locate();
      if ((await place.files.find(place.path, tools.signal))?.kind !== 'file') continue;
      await fetchAndRemove(tools, { ...place, command, note: whyNotCli });
      return;
    } catch (error) {
      tools.signal.throwIfAborted();
      if (isLocal(error)) throw error;
      errors.push(reasonOf(error));
    }
  }
  const why = errors.length > 0 ? `: ${errors.join('; ')}` : '';
  throw itemError(
    'file-out-of-reach',
    `the script made "${printableLine(printed)}", which cannot be fetched and was left on the server${why}`,
  );
}

type Place = { files: RemoteFiles; path: string };

/** Where the script's file may be read, in this order; the file root may work although the CLI's shell does not. */
function placesOf(tools: CollectorTools, printed: string): (() => Promise<Place>)[] {
  const name = printed.slice(printed.lastIndexOf('/') + 1);
  const { techsupportFolder } = tools.appliance.hostOs;
  const onHostOs = (path: string) => async () => ({ files: await tools.hostFiles(), path });
  return [
    ...(printed.startsWith('/') ? [onHostOs(printed)] : []),
    ...(techsupportFolder === undefined ? [] : [onHostOs(`${techsupportFolder}/${name}`)]),
    async () => ({ files: await tools.cliFiles(), path: inRoot(await tools.filesRoot(), `techsupport/${name}`) }),
  ];
}

async function fetchAndRemove(
  tools: CollectorTools,
  made: { files: RemoteFiles; path: string; command: string; note?: string },
): Promise<void> {
  const { files, path, command, note } = made;
  const name = path.slice(path.lastIndexOf('/') + 1);
  const finding: Finding = { ...(await downloadTo(tools, files, path, { folder: 'Techsupport', name })), command };
  if (note !== undefined && finding.reason === undefined) finding.reason = `made by the script, because ${note}`;
  tools.record(finding);
  if (finding.status !== 'ok' || tools.keepRemote) return;
  await files.remove(path, tools.signal).catch((error: unknown) => {
    tools.warn(`"${path}" could not be removed from the server: ${reasonOf(error)}`);
  });
}

/** The folder may not be there before the first file is. */
async function listOrNothing(files: RemoteFiles, folder: string, signal: AbortSignal): Promise<RemoteEntry[]> {
  return (await files.find(folder, signal)) === undefined ? [] : files.list(folder, signal);
}

/** The file that `techsupport` says it made, when the folder holds it; else the only one that is new. */
export function createdFile(output: string, before: readonly RemoteEntry[], after: readonly RemoteEntry[]): string {
  const announced = announcedPath(output)?.split('/').at(-1);
  const files = after.filter((entry) => entry.kind === 'file');
  if (announced !== undefined && files.some((entry) => entry.name === announced)) return announced;
  const fresh = files.filter((entry) => !before.some((old) => isSame(old, entry)));
  const [only, ...others] = fresh;
  if (only !== undefined && others.length === 0) return only.name;
  const said = printableLine(printable(output)) || 'nothing';
  if (only === undefined) throw itemError('no-file-named', `techsupport made no file; it said: ${said}`);
  throw itemError('no-file-named', `techsupport named no file and ${fresh.length} are new; it said: ${said}`);
}

function isSame(a: RemoteEntry, b: RemoteEntry): boolean {
  return a.name === b.name && a.sizeBytes === b.sizeBytes && a.modifiedAt?.getTime() === b.modifiedAt?.getTime();
}

/** The name after "Technical Support file created:", on the same line or the next; its pattern is not public. */
export function announcedPath(output: string): string | undefined {
  const match = /technical support file created:?[ \t]*\n?[ \t]*([^\s"']{1,300})/i.exec(output);
  const path = match?.[1]?.replace(/[.,;]$/, '');
  return path !== undefined &&
    /^[A-Za-z0-9_./-]+$/.test(path) &&
    !path.split('/').includes('..') &&
    !path.startsWith('-')
    ? path
    : undefined;
}
