import { printableLine } from '../domain/text.js';
import { itemError, UserError } from '../errors.js';
import { believedTime } from '../logs/file-time.js';
import { type LogPart, logParts } from '../logs/rotation.js';
import type { Download, Expected, RemoteEntry, RemoteFiles } from '../ssh/files/remote-files.js';
import type { CollectorTools } from './collector.js';
import { maxFileBytes } from './download.js';
import { gunzipped } from './gunzip.js';

/** One file of a log, opened: what it holds, unpacked. */
export type OpenPart = {
  name: string;
  compressed: boolean;
  /** It is written to. */
  isCurrent: boolean;
  modifiedAt: Date | undefined;
  content: AsyncIterable<Buffer>;
  download: Download;
};

/** Where a log lies: `type` is its name, such as `system`. */
export type LogPlace = { tools: CollectorTools; files: RemoteFiles; folder: string; type: string };

/** What need not be read: rotated files by identity, and whether the current one. */
type Left = { rotated: ReadonlySet<string>; current: boolean };

/** Rotations that may happen while a log is read; after more, what is there is taken. */
const maxSurprises = 8;
const settlePauseMs = 300;

/**
 * The files of a log in time order, each once, also when the server rotates it meanwhile: a rotation renumbers all of
 * them, and may pack them. So a file is known by its size and time, and by how it begins, not by its name.
 * @param onGap is told what was there and has gone
 */
export async function* openLogParts(
  place: LogPlace,
  listing: readonly RemoteEntry[],
  left: Left,
  onGap: (problem: string) => void,
): AsyncGenerator<OpenPart> {
  const { tools, files, folder, type } = place;
  const read = new Map<string, number>();
  const begun: { head: Buffer; modifiedAt: Date | undefined }[] = [];
  const wanted = new Map<string, RemoteEntry>();
  let entries = listing;
  let surprises = 0;

  const entryOf = (name: string) => entries.find((entry) => entry.name === name);
  const parts = () => logParts(type, namesOf(type, entries), (name) => entryOf(name)?.modifiedAt);
  const countRead = (entry: RemoteEntry | undefined) => {
    const identity = identityOf(entry);
    read.set(identity, (read.get(identity) ?? 0) + 1);
  };
  /** Of several with the same size and time, the oldest were read first. */
  const unread = () => {
    const counts = new Map(read);
    return parts().filter(({ name, number }) => {
      if (number === undefined) return false;
      const identity = identityOf(entryOf(name));
      const count = counts.get(identity) ?? 0;
      counts.set(identity, count - 1);
      return count <= 0 && !left.rotated.has(identity);
    });
  };
  const listAgain = async () => {
    entries = await files.list(folder, tools.signal);
  };
  const currentPart = () => parts().find((part) => part.number === undefined);

  async function* rotatedParts(judge: (head: Buffer) => Judgement = () => 'new'): AsyncGenerator<OpenPart> {
    for (let [next] = unread(); next !== undefined; [next] = unread()) {
      const entry = entryOf(next.name);
      const expect = surprises < maxSurprises ? expectationOf(entry) : undefined;
      try {
        const part = await opened(place, next, entry, expect);
        const { head, content } = await peek(part.content);
        countRead(entry);
        const isKnown = begun.some((other) => other.head.equals(head) && mayBeEqual(other.modifiedAt, part.modifiedAt));
        const judgement = isKnown ? 'known' : judge(head);
        if (judgement === 'known' || judgement === 'open') await dispose(content);
        else {
          if (head.length > 0) begun.push({ head, modifiedAt: part.modifiedAt });
          yield { ...part, content };
        }
        if (judgement === 'open' || judgement === 'covers open') return; // the others are newer
      } catch (error) {
        if (!isGone(error)) throw error;
        surprises++;
        if (surprises > maxSurprises) {
          countRead(entry);
          onGap(`${next.name}: ${error.message}`);
          continue;
        }
        await tools.pause(settlePauseMs);
        await listAgain();
        noteVanished(wanted, read, entries, onGap);
      }
    }
  }

  for (const { name } of unread()) {
    const entry = entryOf(name);
    if (entry !== undefined) wanted.set(identityOf(entry), entry);
  }
  yield* rotatedParts();
  if (left.current) return;
  // In the middle of a rotation there is none.
  for (let patience = 3; currentPart() === undefined && patience > 0; patience--) {
    await tools.pause(settlePauseMs);
    await listAgain();
    yield* rotatedParts();
  }
  const current = currentPart();
  if (current === undefined) return onGap(`${type}.log: there are only rotated files`);

  const part = await openedInTheEnd(place, current, entryOf(current.name));
  // It is open now, whatever its name becomes. Was it rotated between the listing and this moment?
  const { head, content, isWhole } = await peek(part.content);
  await listAgain();
  let isCovered = false;
  yield* rotatedParts((other) => {
    if (head.length === 0) return 'new';
    if (beginsWith(head, other)) return other.length < head.length ? 'known' : 'open';
    isCovered = isWhole && beginsWith(other, head); // it was rotated when it had grown
    return isCovered ? 'covers open' : 'new';
  });
  if (isCovered) await dispose(content);
  else yield { ...part, content };
}

/** What a rotated file is, compared with the current one that is open. */
type Judgement = 'new' | 'known' | 'open' | 'covers open';

/** While a file is packed it is there twice: the packed one may not be whole. */
function namesOf(type: string, entries: readonly RemoteEntry[]): string[] {
  const names = entries.filter((entry) => entry.kind === 'file').map((entry) => entry.name);
  const all = new Set(names);
  return names.filter((name) => {
    const unpacked = name.slice(0, -'.gz'.length);
    return !name.endsWith('.gz') || unpacked === `${type}.log` || !all.has(unpacked);
  });
}

/** Files of a flood of equal lines begin alike; one that was packed meanwhile kept its time. */
function mayBeEqual(a: Date | undefined, b: Date | undefined): boolean {
  return a === undefined || b === undefined || Math.floor(a.getTime() / 1000) === Math.floor(b.getTime() / 1000);
}

function beginsWith(text: Buffer, start: Buffer): boolean {
  return text.subarray(0, start.length).equals(start);
}

/** The file that is written to: for a moment of a rotation it is not there. */
async function openedInTheEnd(place: LogPlace, part: LogPart, entry: RemoteEntry | undefined): Promise<OpenPart> {
  for (let patience = 3; ; patience--) {
    try {
      return await opened(place, part, entry, undefined);
    } catch (error) {
      if (patience === 0) {
        const { files, folder } = place;
        const download = files.read(`${folder}/${part.name}`, { signal: place.tools.signal, maxBytes: maxFileBytes });
        return { ...part, isCurrent: true, modifiedAt: undefined, download, content: failing(error) };
      }
      await place.tools.pause(settlePauseMs);
    }
  }
}

async function opened(
  { tools, files, folder }: LogPlace,
  { name, compressed, number }: LogPart,
  entry: RemoteEntry | undefined,
  expect: Expected | undefined,
): Promise<OpenPart> {
  const modifiedAt = believedTime(entry?.modifiedAt);
  const isCurrent = number === undefined;
  const download = files.read(`${folder}/${name}`, {
    signal: tools.signal,
    maxBytes: maxFileBytes,
    ...(expect === undefined ? {} : { expect }),
  });
  const chunks = download.chunks[Symbol.asyncIterator]();
  try {
    const first = await chunks.next(); // opens it, and finds out whether it is the expected one
    const bytes = startingWith(first, chunks);
    return { name, compressed, isCurrent, modifiedAt, download, content: compressed ? gunzipped(bytes) : bytes };
  } catch (error) {
    if (isGone(error)) throw error;
    return { name, compressed, isCurrent, modifiedAt, download, content: failing(error) }; // one file that cannot be read does not cost the others
  }
}

async function* failing(error: unknown): AsyncGenerator<Buffer> {
  yield* [];
  throw error;
}

async function* startingWith(first: IteratorResult<Buffer>, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  try {
    for (let next = first; !next.done; next = await rest.next()) yield next.value;
  } catch (error) {
    if (error instanceof UserError && error.code === 'no-such-file')
      throw itemError('vanished', 'it vanished while it was read', error);
    throw error;
  } finally {
    await rest.return?.();
  }
}

/** Logs may begin with the same header. */
const headBytes = 64 * 1024;

/** Looks at the beginning without taking it away. */
async function peek(
  content: AsyncIterable<Buffer>,
): Promise<{ head: Buffer; isWhole: boolean; content: AsyncGenerator<Buffer> }> {
  const chunks = content[Symbol.asyncIterator]();
  const taken: Buffer[] = [];
  let length = 0;
  let isWhole = false;
  let failure: unknown;
  try {
    while (length < headBytes) {
      const next = await chunks.next();
      isWhole = next.done === true;
      if (next.done) break;
      taken.push(next.value);
      length += next.value.length;
    }
  } catch (error) {
    failure = error; // told to whoever reads on
  }
  async function* whole(): AsyncGenerator<Buffer> {
    for (let first = taken.shift(); first !== undefined; first = taken.shift()) yield first; // none is kept longer
    if (failure !== undefined) throw failure;
    yield* { [Symbol.asyncIterator]: () => chunks };
  }
  return { head: beginningOf(taken), isWhole, content: whole() };
}

function beginningOf(chunks: readonly Buffer[]): Buffer {
  return Buffer.from(Buffer.concat(chunks).subarray(0, headBytes));
}

async function dispose(content: AsyncGenerator<Buffer>): Promise<void> {
  await content.next();
  await content.return(undefined);
}

/** What stays of a rotated file when it is renamed. */
export function identityOf(entry: RemoteEntry | undefined): string {
  const { name = '', sizeBytes, modifiedAt } = entry ?? {};
  return sizeBytes === undefined || modifiedAt === undefined ? name : `${sizeBytes} ${modifiedAt.getTime()}`;
}

function expectationOf(entry: RemoteEntry | undefined): Expected {
  const { sizeBytes, modifiedAt } = entry ?? {};
  return { ...(sizeBytes === undefined ? {} : { sizeBytes }), ...(modifiedAt === undefined ? {} : { modifiedAt }) };
}

/** At most ten rotated files are kept: a rotation takes the oldest away. One that was packed kept its time. */
function noteVanished(
  wanted: Map<string, RemoteEntry>,
  read: ReadonlyMap<string, number>,
  entries: readonly RemoteEntry[],
  onGap: (problem: string) => void,
): void {
  const here = new Set(entries.map(identityOf));
  const times = new Set(entries.map((entry) => entry.modifiedAt?.getTime() ?? Number.NaN));
  for (const [identity, { name, modifiedAt }] of wanted) {
    if (read.has(identity) || here.has(identity) || times.has(modifiedAt?.getTime() ?? -1)) continue;
    wanted.delete(identity);
    onGap(`${printableLine(name, 80)}: vanished, the server rotated it away meanwhile`);
  }
}

function isGone(error: unknown): error is UserError {
  return error instanceof UserError && (error.code === 'no-such-file' || error.code === 'file-changed');
}
