import type { Bundle } from '../domain/bundle-layout.js';
import { type JournalEntry, latest } from '../domain/journal.js';
import { formatSize } from '../domain/quantities.js';
import { doubling, retried } from '../domain/retried.js';
import type { UploadFolder } from '../drops/drop.js';
import { readPart } from '../drops/read-part.js';
import { exitCode, reasonOf, UserError, usageError } from '../errors.js';
import type { Run } from '../state/runs.js';
import type { Operator } from '../ui/operator.js';

/** How many attempts in a row may fail without one more byte at the server. */
const attempts = 4;
/** Before a bundle is resumed, this much of what is at the server is read back and compared. */
const tailBytes = 1024 * 1024;
const maxPartials = 9;

export type Sending = {
  run: Run;
  zip: Bundle;
  /** The folder, as the journal and the ticket name it. */
  to: string;
  open(): Promise<UploadFolder>;
  operator: Operator;
  signal: AbortSignal;
};

/** How a bundle arrived. */
export type Arrived = {
  /** The bundle's name there. */
  name: string;
  /** Whether the server showed its size afterwards; a wrong size is an error. */
  verified: boolean;
  /** How many bytes were there before; all bytes when nothing was sent. */
  resumedAt: number;
};

/**
 * Uploads a whole bundle to a folder of another server: it gets a partial name first, is resumed from what an earlier
 * attempt left, compared by size, and renamed at the end. A lost connection is made again.
 * @throws UserError of the drop, `upload-not-whole`, `name-taken`
 */
export async function sendBundle(sending: Sending): Promise<Arrived> {
  const { operator, signal } = sending;
  const state: State = { begunAt: undefined, refused: new Set() };
  let furthest = -1;
  let inARow = 0;
  return retried(() => withDrop(sending, (drop) => attempt(sending, drop, state)), {
    pauseAfter(error) {
      signal.throwIfAborted();
      if (state.begunAt === undefined || !mayGoBetter(error)) return undefined;
      if (state.begunAt > furthest) inARow = 0;
      furthest = Math.max(furthest, state.begunAt);
      inARow++;
      return inARow === attempts ? undefined : doubling(1000, inARow);
    },
    async pause(waitMs, error) {
      operator.emit({ type: 'note', text: `${reasonOf(error)}; again in ${waitMs / 1000} s` });
      await operator.sleep(waitMs, signal);
      signal.throwIfAborted();
    },
  });
}

type State = {
  /** How many bytes were there when sending last began; undefined before that. */
  begunAt: number | undefined;
  /** Names under which the server did not let us resume. */
  refused: Set<string>;
};

async function withDrop<T>({ open }: Sending, work: (drop: UploadFolder) => Promise<T>): Promise<T> {
  const drop = await open();
  try {
    return await work(drop);
  } finally {
    drop.close();
  }
}

function mayGoBetter(error: unknown): boolean {
  return error instanceof UserError && (error.code === 'upload-interrupted' || error.code === 'unreachable');
}

async function attempt(sending: Sending, drop: UploadFolder, state: State): Promise<Arrived> {
  const { run, zip, to, operator, signal } = sending;
  const there = await drop.sizeOf(zip.name, signal);
  if (there !== undefined) {
    if (there === zip.bytes && (await isOurs(sending, drop, zip.name, there)))
      return { name: zip.name, verified: true, resumedAt: zip.bytes };
    throw nameTaken(zip, to);
  }
  const { name, start } = await beginning(sending, drop, state);
  await run.journal.write({ type: 'uploading', to, name, sha256: zip.sha256 });
  state.begunAt = start;
  const goingOn = start === 0 ? '' : `, going on at ${formatSize(start)}`;
  operator.emit({
    type: 'step-started',
    step: 'upload',
    text: `uploading ${zip.name}, ${formatSize(zip.bytes)}, to ${to}${goingOn}`,
  });
  const onProgress = (bytes: number) =>
    operator.emit({ type: 'step-progress', step: 'upload', bytes, totalBytes: zip.bytes });
  if (start < zip.bytes) {
    try {
      await drop.send(zip.path, name, start, { signal, onProgress });
    } catch (error) {
      if (start === 0 || !isRefusal(error)) throw error;
      operator.emit({ type: 'note', text: `${reasonOf(error)}; beginning again under another name` });
      state.refused.add(name);
      return attempt(sending, drop, state);
    }
  }
  return settle(sending, drop, name, start);
}

function isRefusal(error: unknown): boolean {
  return error instanceof UserError && error.code === 'upload-refused';
}

/** Compares what has arrived with what was sent, and gives it its final name. */
async function settle(
  { zip, to, operator, signal }: Sending,
  drop: UploadFolder,
  name: string,
  start: number,
): Promise<Arrived> {
  const size = await drop.sizeOf(name, signal);
  if (size !== undefined && size !== zip.bytes) throw notWhole(name, size, zip, to);
  if (!(await drop.rename(name, zip.name, signal))) {
    operator.emit({ type: 'warning', text: `${to} does not let files be renamed: it stays "${name}"` });
    return { name, verified: size !== undefined, resumedAt: start };
  }
  const after = await drop.sizeOf(zip.name, signal);
  if (after !== undefined && after !== zip.bytes) throw notWhole(zip.name, after, zip, to);
  return { name: zip.name, verified: (after ?? size) !== undefined, resumedAt: start };
}

/** A partial name that is free, or under which a beginning of our file lies. */
async function beginning(
  sending: Sending,
  drop: UploadFolder,
  { refused }: State,
): Promise<{ name: string; start: number }> {
  const { zip, to, operator, signal } = sending;
  for (let number = 1; number <= maxPartials; number++) {
    const name = partialName(zip, number);
    if (refused.has(name)) continue;
    const start = await drop.sizeOf(name, signal);
    if (start === undefined) return { name, start: 0 };
    if (start <= zip.bytes && (await isOurs(sending, drop, name, start))) return { name, start };
    operator.emit({ type: 'warning', text: `"${name}" at ${to} is not the beginning of this ZIP; it is left alone` });
  }
  throw usageError(
    'name-taken',
    `there are ${maxPartials} unfinished files of other content at ${to}`,
    'Name another folder with --to',
  );
}

/** The partial name, which is made from the hash of the ZIP, so that it never continues another ZIP. */
function partialName(zip: Bundle, number: number): string {
  return `${zip.name}.${zip.sha256.slice(0, 8)}${number === 1 ? '' : `-${number}`}.part`;
}

/** Whether the server's file is the beginning of ours: by its last bytes, else by the journal. */
async function isOurs({ run, zip, to, signal }: Sending, drop: UploadFolder, name: string, size: number) {
  const start = Math.max(0, size - tailBytes);
  const theirs = await drop.readFrom(name, start, signal);
  if (theirs !== undefined) return theirs.equals(await readPart(zip.path, start, size - start));
  return run.journal.entries.some((entry) => isAbout(entry, to, zip) && (entry.name === name || name === zip.name));
}

function isAbout(entry: JournalEntry, to: string, zip: Bundle): entry is Extract<JournalEntry, { type: 'uploading' }> {
  return entry.type === 'uploading' && entry.to === to && entry.sha256 === zip.sha256;
}

/** The earlier upload of this ZIP to a folder; undefined if there was none, or if another ZIP went there since. */
export function uploadedBefore(run: Run, to: string, zip: Bundle): Arrived | undefined {
  const uploaded = latest(run.journal, 'uploaded');
  if (uploaded?.to !== to || uploaded.sha256 !== zip.sha256) return undefined;
  return { name: uploaded.name, verified: uploaded.verified, resumedAt: zip.bytes };
}

function nameTaken(zip: Bundle, to: string): UserError {
  return usageError(
    'name-taken',
    `there is another file "${zip.name}" at ${to}; it is left alone`,
    'Name another folder with --to, or have it removed there',
  );
}

function notWhole(name: string, size: number, zip: Bundle, to: string): UserError {
  return new UserError(
    'upload-not-whole',
    `"${name}" at ${to} has ${size} bytes instead of ${zip.bytes}, although the server confirmed all of them`,
    { exit: exitCode.unreachable },
  );
}
