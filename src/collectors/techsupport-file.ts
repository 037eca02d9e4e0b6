import { printable, printableLine } from '../domain/text.js';
import { itemError, reasonOf } from '../errors.js';
import type { RemoteEntry, RemoteFiles } from '../ssh/files/remote-files.js';
import type { CollectorTools, Finding, Trace } from './collector.js';
import { downloadToEnd } from './download.js';

/** A techsupport file that was made. */
type Made = {
  files: RemoteFiles;
  path: string;
  command: string;
  trace: Trace;
  note?: string;
  cut?: string | undefined;
};

/** Takes a techsupport file and, when it came whole, takes it away from the server. */
export async function fetchAndRemove(tools: CollectorTools, made: Made): Promise<void> {
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
  const first = { size: (await files.find(path, tools.signal))?.sizeBytes, atMs: performance.now() };
  let { finding, sawEnd } = await downloadToEnd(tools, files, path, place);
  const restedMs = first.size === finding.bytes ? performance.now() - first.atMs : 0;
  for (let repeats = 0; repeats < maxRepeats; repeats++) {
    if (!sawEnd) return finding; // its size says nothing
    const size = await restingSize(tools, files, path, finding.bytes, repeats === 0 ? restedMs : 0);
    if (size === undefined || size === finding.bytes) return finding;
    ({ finding, sawEnd } = await downloadToEnd(tools, files, path, { ...place, replaces: finding }));
  }
  return { ...finding, status: 'partial', reason: 'the server was still writing it' };
}

/** @param restedMs how long it has had `bytes` already */
async function restingSize(
  tools: CollectorTools,
  files: RemoteFiles,
  path: string,
  bytes: number | undefined,
  restedMs: number,
): Promise<number | undefined> {
  const size = async () => (await files.find(path, tools.signal))?.sizeBytes;
  let last = bytes;
  for (let waits = 0; waits < maxSettles; waits++) {
    await tools.pause(waits === 0 ? Math.max(0, settleMs - restedMs) : settleMs);
    const now = await size();
    if (now === last) return now;
    last = now;
  }
  return last;
}

export function partsOf(path: string): { folder: string; name: string } {
  const slash = path.lastIndexOf('/');
  return { folder: slash <= 0 ? path.slice(0, slash + 1) : path.slice(0, slash), name: path.slice(slash + 1) };
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

export function newFiles(before: readonly RemoteEntry[], after: readonly RemoteEntry[]): RemoteEntry[] {
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
