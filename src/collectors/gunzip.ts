import type { ReadableOptions } from 'node:stream';
import { crc32, createInflateRaw, type InflateRaw, type ZlibOptions } from 'node:zlib';
import { itemError, type UserError } from '../errors.js';
import { type ByteSource, byteSource } from './archives/byte-source.js';

/**
 * Log text shrinks to about a twentieth; what unpacks to far more than that is not a log (measured: zeros unpack to 1028
 * times).
 */
const maxRatio = 200;
const ratioCountsFromBytes = 64 * 1024 * 1024;

/**
 * Unpacks what `gzip -dc` would: every member. Of a member that is cut it gives all that came; of one that is damaged in
 * the middle, what comes before the damage except its last 32 kB.
 * @param onTail is told about harmless bytes after the last member; without it, such bytes count as damage
 * @throws UserError `unpacks-endlessly`, or with zlib's code where it is cut or damaged, after all that could be unpacked
 */
export async function* gunzipped(
  chunks: AsyncIterable<Buffer>,
  onTail: (text: string) => void = (text) => {
    throw damaged(text);
  },
): AsyncGenerator<Buffer> {
  const sizes = { packed: 0, unpacked: 0 };
  const source = byteSource(counted(chunks, sizes));
  if (!isMember(await source.peek(2))) throw damaged(await beginningOf(source));
  let members = 1;
  for (; isMember(await source.peek(2)); members++) {
    for await (const piece of member(source, members)) {
      sizes.unpacked += piece.length;
      if (sizes.unpacked > ratioCountsFromBytes && sizes.unpacked > sizes.packed * maxRatio)
        throw itemError('unpacks-endlessly', `it unpacks to more than ${maxRatio} times its size`);
      yield piece;
    }
  }
  if (isBegun(await source.peek(2))) throw cutIn(members);
  const tail = await describeTail(source);
  if (tail !== undefined) onTail(tail);
}

async function* counted(chunks: AsyncIterable<Buffer>, sizes: { packed: number }): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    sizes.packed += chunk.length;
    yield chunk;
  }
}

function isMember(start: Buffer): boolean {
  return start.length === 2 && start[0] === 0x1f && start[1] === 0x8b;
}

/** Whether this is a cut member of which only the first byte came; gzip sees it in the same way. */
function isBegun(start: Buffer): boolean {
  return start.length === 1 && start[0] === 0x1f;
}

function cutIn(number: number): UserError {
  return itemError(
    'Z_BUF_ERROR',
    `unexpected end of file: the gzip data is cut${number > 1 ? ` in its member ${number}` : ''}`,
  );
}

async function beginningOf(source: ByteSource): Promise<string> {
  return (await source.peek(1)).length === 0 ? 'it is empty' : 'it does not begin as a gzip file does';
}

function damaged(message: string): UserError {
  return itemError('Z_DATA_ERROR', message);
}

/** Describes the bytes after the last member; zeros are ordinary padding. */
async function describeTail(source: ByteSource): Promise<string | undefined> {
  let bytes = 0;
  let zeros = true;
  for (let chunk = await source.some(pieceBytes); chunk !== undefined; chunk = await source.some(pieceBytes)) {
    bytes += chunk.length;
    zeros &&= chunk.every((byte) => byte === 0);
  }
  if (bytes === 0 || zeros) return undefined;
  return `${bytes} ${bytes === 1 ? 'byte' : 'bytes'} behind the end of the gzip data ${bytes === 1 ? 'is' : 'are'} no part of it`;
}

/** One member: its header, the deflated bytes, their CRC and their count (RFC 1952). */
async function* member(source: ByteSource, number: number): AsyncGenerator<Buffer> {
  const cut = () => cutIn(number);
  await passHeader(source, cut);
  let sum = 0;
  let bytes = 0;
  for await (const piece of inflated(source, cut)) {
    sum = crc32(piece, sum);
    bytes += piece.length;
    yield piece;
  }
  const trailer = await source.exactly(8);
  if (trailer === undefined) throw cut();
  if (trailer.readUInt32LE(0) !== sum) throw damaged('the gzip data is damaged: its CRC differs');
  if (trailer.readUInt32LE(4) !== bytes % 2 ** 32) throw damaged('the gzip data is damaged: its size differs');
}

const flag = { headerCrc: 2, extra: 4, name: 8, comment: 16, reserved: 0xe0 };

async function passHeader(source: ByteSource, cut: () => Error): Promise<void> {
  const fixed = await source.exactly(10);
  if (fixed === undefined) throw cut();
  const flags = fixed[3] ?? 0;
  if (fixed[2] !== 8 || (flags & flag.reserved) !== 0)
    throw damaged('the gzip data is damaged: its header is of no known form');
  if (flags & flag.extra) {
    const length = await source.exactly(2);
    if (length === undefined || !(await source.skip(length.readUInt16LE(0)))) throw cut();
  }
  for (const each of [flag.name, flag.comment]) {
    if (flags & each && !(await passText(source))) throw cut();
  }
  if (flags & flag.headerCrc && !(await source.skip(2))) throw cut();
}

async function passText(source: ByteSource): Promise<boolean> {
  for (;;) {
    const chunk = await source.some(pieceBytes);
    if (chunk === undefined) return false;
    const end = chunk.indexOf(0);
    if (end < 0) continue;
    source.putBack(chunk.subarray(end + 1));
    return true;
  }
}

/** The packed bytes that are unpacked at a time; they become at most a thousand times as many. */
const pieceBytes = 8 * 1024;

/** Unpacks one deflate stream and leaves what follows it in the source. */
async function* inflated(source: ByteSource, cut: () => Error): AsyncGenerator<Buffer> {
  // zlib gives nothing of a buffer in which it meets damage: a small one loses little.
  const sizes: ZlibOptions & ReadableOptions = { chunkSize: 32 * 1024, highWaterMark: 2048 * pieceBytes };
  const inflate = createInflateRaw(sizes);
  try {
    let fed = 0;
    for (;;) {
      const piece = await source.some(pieceBytes);
      if (piece === undefined) throw cut();
      fed += piece.length;
      const failure = await writeTo(inflate, piece);
      const out: Buffer | null = inflate.read();
      if (out !== null) yield out;
      if (failure !== undefined) throw damaged(`the gzip data is damaged: ${failure.message}`);
      const left = fed - inflate.bytesWritten;
      if (left === 0) continue;
      source.putBack(piece.subarray(piece.length - left));
      return;
    }
  } finally {
    inflate.destroy();
  }
}

/** @returns what is wrong with the stream; zlib does not call back then */
function writeTo(inflate: InflateRaw, piece: Buffer): Promise<Error | undefined> {
  return new Promise((resolve) => {
    inflate.once('error', resolve);
    inflate.write(piece, () => {
      inflate.off('error', resolve);
      resolve(undefined);
    });
  });
}
