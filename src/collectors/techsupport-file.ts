import { reasonOf, type UserError } from '../errors.js';
import type { RemoteEntry, RemoteFiles } from '../ssh/files/remote-files.js';
import type { CollectorTools, Finding, Trace } from './collector.js';
import { type Downloaded, downloadToEnd, isLocal } from './download.js';
import { removeFile } from './remove-file.js';

/** A techsupport file on a server. */
type Made = {
  files: RemoteFiles;
  path: string;
  /** The file's entry when it was found. */
  seen: RemoteEntry;
  command: string;
  trace: Trace;
  /** Strikes out every trace that was noted for it; without this function, only `trace` is struck out. */
  gone?: () => Promise<void>;
  /** What a reader must know about how the file was made. */
  notes: string | undefined;
  /** The error that ended the dialogue in which the file was made. */
  cut?: UserError | undefined;
  /** The script's report that something failed. */
  failure?: string | undefined;
};

/**
 * Fetches a techsupport file and, if it came whole, removes it from the server. What came is recorded, whatever is found
 * out about it later.
 */
export async function fetchAndRemove(tools: CollectorTools, made: Made): Promise<void> {
  const { server, evidence, signal, warn } = tools;
  const { files, path, trace, gone = () => server.forgetRemoteFile(trace) } = made;
  const { finding, end } = await downloadFinished(tools, made);
  evidence.record(finding);
  if (end !== undefined) throw end;
  if (server.keepRemote) return gone();
  if (finding.status !== 'ok') {
    // It is the state right after the incident, and cannot be made again.
    warn(`"${path}" did not come whole and was left on the server; the next run removes it`);
    return;
  }
  try {
    await removeFile(files, path, signal);
    await gone();
  } catch (error) {
    warn(`"${path}" could not be removed from the server, the next run tries again: ${reasonOf(error)}`);
  }
}

type FinishTools = Pick<CollectorTools, 'evidence' | 'signal' | 'pause'>;

/** A file whose format does not show its end is taken for finished when it has not changed for this long. */
const restMs = 100;
const settleMs = 500;
const maxSettles = 120;
const maxRepeats = 3;

/**
 * Downloads a file that may still be being written (C27): it is fetched at once, and again if it has grown or changed
 * meanwhile.
 * @returns the finding, and the error that ended everything while the file was asked about
 */
async function downloadFinished(tools: FinishTools, made: Made): Promise<{ finding: Finding; end?: unknown }> {
  const { files, path } = made;
  const place = { folder: 'Techsupport' as const, name: partsOf(path).name };
  const sawAtMs = performance.now();
  let last = await downloadToEnd(tools, files, path, place);
  try {
    let before = made.seen;
    for (let repeats = 0; repeats < maxRepeats; repeats++) {
      const after = await restingEntry(tools, made, last, repeats === 0 ? sawAtMs : performance.now());
      if (after === undefined || !last.sawEnd || isSame(after, before, last.finding.bytes))
        return { finding: findingOf(made, last) };
      before = after;
      last = await downloadToEnd(tools, files, path, {
        ...place,
        replaces: { path: last.finding.path, bytes: last.finding.bytes },
      });
    }
    return { finding: findingOf(made, last, 'the server was still writing it') };
  } catch (error) {
    const finding = findingOf(made, last, `whether it was finished could not be asked: ${reasonOf(error)}`);
    return tools.signal.aborted || isLocal(error) ? { finding, end: error } : { finding };
  }
}

/** The file's entry once it no longer grows. A file whose format shows its end is not waited for. */
async function restingEntry(
  { signal, pause }: Pick<CollectorTools, 'signal' | 'pause'>,
  { files, path, cut, seen }: Made,
  { finding, proven, sawEnd }: Downloaded,
  sinceMs: number,
): Promise<RemoteEntry | undefined> {
  const look = () => files.find(path, signal);
  const patient = cut !== undefined || finding.status !== 'ok' || seen.sizeBytes !== finding.bytes;
  if (!proven && sawEnd) await pause(Math.max(0, sinceMs + (patient ? settleMs : restMs) - performance.now()));
  let entry = await look();
  for (let waits = 0; waits < maxSettles && entry?.sizeBytes !== finding.bytes; waits++) {
    await pause(settleMs);
    const now = await look();
    if (now?.sizeBytes === entry?.sizeBytes) return now;
    entry = now;
  }
  return entry;
}

/** Whether the file has the size that came, and was not written to since it was seen with that size. */
function isSame(after: RemoteEntry, before: RemoteEntry, bytes: number | undefined): boolean {
  if (after.sizeBytes === undefined) return true;
  return after.sizeBytes === bytes && (before.sizeBytes !== bytes || isSameTime(after, before));
}

function isSameTime(a: RemoteEntry, b: RemoteEntry): boolean {
  return a.modifiedAt?.getTime() === b.modifiedAt?.getTime();
}

/** The finding: what came, and all that is known about how it was made. */
function findingOf(made: Made, { finding, proven }: Downloaded, doubt?: string): Finding {
  const { command, cut, notes, failure } = made;
  const unfinished = cut !== undefined && !proven ? `it may not be finished: ${reasonOf(cut)}` : undefined;
  const finished = cut !== undefined && proven ? `the server finished it all the same: ${reasonOf(cut)}` : undefined;
  const doubts = [unfinished, failure, doubt].filter((each) => each !== undefined);
  const reasons = [...doubts, finding.reason, finished, notes].filter((each) => each !== undefined);
  return {
    ...finding,
    command,
    status: doubts.length > 0 ? 'partial' : finding.status,
    ...(reasons.length === 0 ? {} : { reason: reasons.join('; ') }),
  };
}

export function partsOf(path: string): { folder: string; name: string } {
  const slash = path.lastIndexOf('/');
  return { folder: slash <= 0 ? path.slice(0, slash + 1) : path.slice(0, slash), name: path.slice(slash + 1) };
}

export function newFiles(before: readonly RemoteEntry[], after: readonly RemoteEntry[]): RemoteEntry[] {
  return after.filter((entry) => entry.kind === 'file' && !before.some((old) => isEqual(old, entry)));
}

function isEqual(a: RemoteEntry, b: RemoteEntry): boolean {
  return a.name === b.name && a.sizeBytes === b.sizeBytes && isSameTime(a, b);
}

const announcements = [
  /technical support file created:?[ \t]*\n?[ \t]*([^\s"']{1,300})(?![^\s"'])/i,
  /\bcreated:[ \t]*\n?[ \t]*([^\s"']{1,300})(?![^\s"'])/i,
];

/**
 * The name after "Technical Support file created:", on the same line or the next. The vendor's naming pattern is not
 * public.
 */
export function announcedPath(output: string): string | undefined {
  for (const announcement of announcements) {
    const path = announcement.exec(output)?.[1]?.replace(/[.,;]$/, '');
    if (path !== undefined) return isPlain(path) ? path : undefined;
  }
  return undefined;
}

function isPlain(path: string): boolean {
  return /^[A-Za-z0-9_./-]+$/.test(path) && !path.split('/').includes('..') && !path.startsWith('-');
}
