import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { printableLine } from '../domain/text.js';
import { itemError, UserError } from '../errors.js';
import { type LogPart, logParts } from '../logs/rotation.js';
import type { Download, Expected, RemoteEntry, RemoteFiles } from '../ssh/remote-files.js';
import type { CollectorTools } from './collector.js';
import { maxFileBytes } from './download.js';

/** One file of a log, opened: what it holds, unpacked. */
export type OpenPart = { name: string; compressed: boolean; content: AsyncIterable<Buffer>; download: Download };

type Place = { tools: CollectorTools; files: RemoteFiles; folder: string; type: string };

/** Rotations that may happen while a log is read; after more, what is there is taken. */
const maxSurprises = 8;
const settlePauseMs = 300;

/**
 * The files of a log in time order, each once, also when the server rotates it meanwhile: a rotation renumbers all of
 * them. So a file is known by its size and time, and by how it begins, not by its number.
 * @param onGap is told what was there and has gone
 */
export async function* openLogParts(
  place: Place,
  listing: readonly RemoteEntry[],
  onGap: (problem: string) => void,
): AsyncGenerator<OpenPart> {
  const { tools, files, folder, type } = place;
  const read = new Set<string>();
  const wanted = new Map<string, string>();
  let entries = listing;
  let surprises = 0;

  const parts = () =>
    logParts(
      type,
      entries.filter((entry) => entry.kind === 'file').map((entry) => entry.name),
    );
  const entryOf = (name: string) => entries.find((entry) => entry.name === name);
  const unread = () => parts().filter((part) => part.number !== undefined && !read.has(identityOf(entryOf(part.name))));
  const listAgain = async () => {
    entries = await files.list(folder, tools.signal);
  };
  for (const part of unread()) wanted.set(identityOf(entryOf(part.name)), part.name);

  for (;;) {
    const [next] = unread();
    if (next === undefined) break;
    const entry = entryOf(next.name);
    const expect = surprises < maxSurprises ? expectationOf(entry) : undefined;
    try {
      yield await opened(place, next, expect);
      read.add(identityOf(entry));
    } catch (error) {
      if (!isGone(error)) throw error;
      surprises++;
      if (surprises > maxSurprises) {
        read.add(identityOf(entry));
        onGap(`${next.name}: ${error.message}`);
        continue;
      }
      await tools.pause(settlePauseMs);
      await listAgain();
      noteVanished(wanted, read, entries, onGap);
    }
  }

  const current = parts().find((part) => part.number === undefined);
  if (current === undefined) return;
  const part = await openedInTheEnd(place, current);
  // It is open now, whatever its name becomes. Was it rotated between the listing and this moment?
  const { head, content } = await peek(part.content);
  await listAgain();
  for (const missed of unread()) {
    if (surprises++ > maxSurprises) break;
    const earlier = await opened(place, missed, undefined);
    const peeked = await peek(earlier.content);
    read.add(identityOf(entryOf(missed.name)));
    if (peeked.head.length > 0 && peeked.head.equals(head.subarray(0, peeked.head.length)))
      await dispose(peeked.content);
    else yield { ...earlier, content: peeked.content };
  }
  yield { ...part, content };
}

/** The file that is written to: for a moment of a rotation it is not there. */
async function openedInTheEnd(place: Place, part: LogPart): Promise<OpenPart> {
  for (let patience = 3; ; patience--) {
    try {
      return await opened(place, part, undefined);
    } catch (error) {
      if (patience === 0) {
        const { files, folder } = place;
        const download = files.read(`${folder}/${part.name}`, { signal: place.tools.signal, maxBytes: maxFileBytes });
        return { name: part.name, compressed: part.compressed, download, content: failing(error) };
      }
      await place.tools.pause(settlePauseMs);
    }
  }
}

async function opened(
  { tools, files, folder }: Place,
  { name, compressed }: LogPart,
  expect: Expected | undefined,
): Promise<OpenPart> {
  const download = files.read(`${folder}/${name}`, {
    signal: tools.signal,
    maxBytes: maxFileBytes,
    ...(expect === undefined ? {} : { expect }),
  });
  const chunks = download.chunks[Symbol.asyncIterator]();
  try {
    const first = await chunks.next(); // opens it, and finds out whether it is the expected one
    const bytes = startingWith(first, chunks);
    return { name, compressed, download, content: compressed ? gunzipped(bytes) : bytes };
  } catch (error) {
    if (isGone(error)) throw error;
    return { name, compressed, download, content: failing(error) }; // one file that cannot be read does not cost the others
  }
}

async function* failing(error: unknown): AsyncGenerator<Buffer> {
  yield* [];
  throw error;
}

async function* startingWith(first: IteratorResult<Buffer>, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  try {
    for (let next = first; !next.done; next = await rest.next()) yield next.value;
  } finally {
    await rest.return?.();
  }
}

const headBytes = 256;

/** Looks at the beginning without taking it away. */
async function peek(content: AsyncIterable<Buffer>): Promise<{ head: Buffer; content: AsyncGenerator<Buffer> }> {
  const chunks = content[Symbol.asyncIterator]();
  const taken: Buffer[] = [];
  let length = 0;
  let failure: unknown;
  try {
    while (length < headBytes) {
      const next = await chunks.next();
      if (next.done) break;
      taken.push(next.value);
      length += next.value.length;
    }
  } catch (error) {
    failure = error; // told to whoever reads on
  }
  async function* whole(): AsyncGenerator<Buffer> {
    yield* taken;
    if (failure !== undefined) throw failure;
    yield* { [Symbol.asyncIterator]: () => chunks };
  }
  return { head: Buffer.concat(taken).subarray(0, headBytes), content: whole() };
}

async function dispose(content: AsyncGenerator<Buffer>): Promise<void> {
  await content.next();
  await content.return(undefined);
}

/** Text of logs shrinks to a twentieth or so; what unpacks to far more is no log (measured: zeros unpack to 1028 times). */
const maxRatio = 200;
const ratioCountsFromBytes = 64 * 1024 * 1024;

async function* gunzipped(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let packed = 0;
  let unpacked = 0;
  async function* counted(): AsyncGenerator<Buffer> {
    for await (const chunk of chunks) {
      packed += chunk.length;
      yield chunk;
    }
  }
  const gunzip = createGunzip({ chunkSize: 256 * 1024 });
  const feeding = pipeline(Readable.from(counted()), gunzip);
  feeding.catch(() => undefined); // the same error ends the loop below
  for await (const chunk of gunzip as AsyncIterable<Buffer>) {
    unpacked += chunk.length;
    if (unpacked > ratioCountsFromBytes && unpacked > packed * maxRatio)
      throw itemError('unpacks-endlessly', `it unpacks to more than ${maxRatio} times its size`);
    yield chunk;
  }
  await feeding;
}

function identityOf(entry: RemoteEntry | undefined): string {
  const { name = '', sizeBytes, modifiedAt } = entry ?? {};
  return sizeBytes === undefined || modifiedAt === undefined ? name : `${sizeBytes} ${modifiedAt.getTime()}`;
}

function expectationOf(entry: RemoteEntry | undefined): Expected {
  const { sizeBytes, modifiedAt } = entry ?? {};
  return { ...(sizeBytes === undefined ? {} : { sizeBytes }), ...(modifiedAt === undefined ? {} : { modifiedAt }) };
}

/** At most ten rotated files are kept: a rotation takes the oldest away. */
function noteVanished(
  wanted: Map<string, string>,
  read: ReadonlySet<string>,
  entries: readonly RemoteEntry[],
  onGap: (problem: string) => void,
): void {
  const here = new Set(entries.map(identityOf));
  for (const [identity, name] of wanted) {
    if (read.has(identity) || here.has(identity)) continue;
    wanted.delete(identity);
    onGap(`${printableLine(name, 80)}: vanished, the server rotated it away meanwhile`);
  }
}

function isGone(error: unknown): error is UserError {
  return error instanceof UserError && (error.code === 'no-such-file' || error.code === 'file-changed');
}
