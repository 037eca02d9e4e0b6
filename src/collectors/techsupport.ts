import type { FaceId } from '../domain/appliance.js';
import { printable, printableLine } from '../domain/text.js';
import { itemError, reasonOf } from '../errors.js';
import type { CliSession } from '../ssh/cli.js';
import type { RemoteEntry, RemoteFiles } from '../ssh/remote-files.js';
import type { Collector, CollectorTools, Finding, Trace } from './collector.js';
import { downloadTo, isLocal } from './download.js';
import { inRoot } from './files-root.js';
import { assertFreeSpace, awaitTurn, runScript } from './host-os.js';
import { refusalIn } from './refusal.js';
import { assertSuccess, chooseScript, techsupportRule } from './scripts.js';

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

async function collectByScript(tools: CollectorTools, whyNotCli: string): Promise<void> {
  const script = await chooseScript(tools, techsupportRule(tools.appliance)).catch((error: unknown) => {
    throw itemError('no-techsupport', `${whyNotCli}; and not by script: ${reasonOf(error)}`, error);
  });
  const byScript = `./${script}`;
  tools.warn(`techsupport is made by ${byScript} on the host OS, because ${whyNotCli}`);
  await assertFreeSpace(tools);
  await awaitTurn(tools, script);
  const result = await runScript(tools, script);
  assertSuccess(result, byScript);
  const printed = announcedPath(result.stdout);
  if (printed === undefined)
    throw itemError('no-file-named', `"${byScript}" named no file: ${printableLine(result.stdout)}`);

  const errors: string[] = [];
  for (const locate of placesOf(tools, printed)) {
    try {
      const place = await locate();
      if ((await place.files.find(place.path, tools.signal))?.kind !== 'file') continue;
      const { folder, name } = partsOf(place.path);
      const trace: Trace = { face: place.face, folder, name };
      await tools.making(trace);
      await fetchAndRemove(tools, { ...place, command: byScript, trace, note: whyNotCli });
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

type Place = { face: FaceId; files: RemoteFiles; path: string };

/** Where the script's file may be read, in this order; the file root may work although the CLI's shell does not. */
function placesOf(tools: CollectorTools, printed: string): (() => Promise<Place>)[] {
  const name = printed.slice(printed.lastIndexOf('/') + 1);
  const { techsupportFolder } = tools.appliance.hostOs;
  const onHostOs = (path: string) => async (): Promise<Place> => ({
    face: 'hostOs',
    files: await tools.hostFiles(),
    path,
  });
  return [
    ...(printed.startsWith('/') ? [onHostOs(printed)] : []),
    ...(techsupportFolder === undefined ? [] : [onHostOs(`${techsupportFolder}/${name}`)]),
    async () => ({
      face: 'cli',
      files: await tools.cliFiles(),
      path: inRoot(await tools.filesRoot(), `techsupport/${name}`),
    }),
  ];
}

type Made = {
  files: RemoteFiles;
  path: string;
  command: string;
  trace: Trace;
  note?: string;
  cut?: string | undefined;
};

async function fetchAndRemove(tools: CollectorTools, made: Made): Promise<void> {
  const { files, path, command, trace, note, cut } = made;
  const finding: Finding = { ...(await downloadFinished(tools, files, path)), command };
  if (note !== undefined && finding.reason === undefined) finding.reason = `made by the script, because ${note}`;
  if (cut !== undefined) {
    finding.status = 'partial';
    finding.reason = [`it may not be finished: ${cut}`, finding.reason].filter(Boolean).join('; ');
  }
  tools.record(finding);
  if (tools.keepRemote) return tools.gone(trace);
  if (finding.status !== 'ok') {
    // It is the state right after the incident, and cannot be made again.
    tools.warn(`"${path}" did not come whole and was left on the server; the next run removes it`);
    return;
  }
  try {
    await files.remove(path, tools.signal);
    await tools.gone(trace);
  } catch (error) {
    tools.warn(`"${path}" could not be removed from the server, the next run tries again: ${reasonOf(error)}`);
  }
}

const settleMs = 500;
const maxSettles = 120;
const maxRepeats = 3;

/** A file that is named may still be written: it is taken again when its size has come to rest (C27). */
async function downloadFinished(tools: CollectorTools, files: RemoteFiles, path: string): Promise<Finding> {
  const place = { folder: 'Techsupport' as const, name: partsOf(path).name };
  let finding = await downloadTo(tools, files, path, place);
  for (let repeats = 0; repeats < maxRepeats; repeats++) {
    const size = await restingSize(tools, files, path, finding.bytes);
    if (size === undefined || size === finding.bytes) return finding;
    finding = await downloadTo(tools, files, path, { ...place, replaces: finding });
  }
  return { ...finding, status: 'partial', reason: 'the server was still writing it' };
}

async function restingSize(
  tools: CollectorTools,
  files: RemoteFiles,
  path: string,
  bytes: number | undefined,
): Promise<number | undefined> {
  const size = async () => (await files.find(path, tools.signal))?.sizeBytes;
  let last = bytes;
  for (let waits = 0; waits < maxSettles; waits++) {
    await tools.pause(settleMs);
    const now = await size();
    if (now === last) return now;
    last = now;
  }
  return last;
}

function partsOf(path: string): { folder: string; name: string } {
  const slash = path.lastIndexOf('/');
  return { folder: slash <= 0 ? path.slice(0, slash + 1) : path.slice(0, slash), name: path.slice(slash + 1) };
}

/** The folder may not be there before the first file is. */
async function listOrNothing(files: RemoteFiles, folder: string, signal: AbortSignal): Promise<RemoteEntry[]> {
  return (await files.find(folder, signal)) === undefined ? [] : files.list(folder, signal);
}

/** The file that `techsupport` says it made, when the folder holds it; else the only one that is new. */
export function createdFile(
  output: string,
  before: readonly RemoteEntry[],
  after: readonly RemoteEntry[],
  cut?: string,
): string {
  const announced = announcedPath(output)?.split('/').at(-1);
  if (announced !== undefined && after.some((entry) => entry.kind === 'file' && entry.name === announced))
    return announced;
  const fresh = newFiles(before, after);
  const [only, ...others] = fresh;
  if (only !== undefined && others.length === 0) return only.name;
  const said = cut ?? `it said: ${printableLine(printable(output)) || 'nothing'}`;
  if (only === undefined) throw itemError('no-file-named', `techsupport made no file; ${said}`);
  throw itemError('no-file-named', `techsupport named no file and ${fresh.length} are new; ${said}`);
}

function newFiles(before: readonly RemoteEntry[], after: readonly RemoteEntry[]): RemoteEntry[] {
  return after.filter((entry) => entry.kind === 'file' && !before.some((old) => isSame(old, entry)));
}

function isSame(a: RemoteEntry, b: RemoteEntry): boolean {
  return a.name === b.name && a.sizeBytes === b.sizeBytes && a.modifiedAt?.getTime() === b.modifiedAt?.getTime();
}

/** The name after "Technical Support file created:", on the same line or the next; its pattern is not public. */
export function announcedPath(output: string): string | undefined {
  const match = /technical support file created:?[ \t]*\n?[ \t]*([^\s"']{1,300})(?![^\s"'])/i.exec(output);
  const path = match?.[1]?.replace(/[.,;]$/, '');
  return path !== undefined &&
    /^[A-Za-z0-9_./-]+$/.test(path) &&
    !path.split('/').includes('..') &&
    !path.startsWith('-')
    ? path
    : undefined;
}
