import { crc32 } from 'node:zlib';
import { type ByteSource, byteSource } from '../../collectors/archives/byte-source.js';
import { isTarHeader } from '../../collectors/archives/tar.js';
import { gunzipped } from '../../collectors/gunzip.js';

export type ListedFile = { bytes: number; crc32: number };
export type TarListing = { files: ReadonlyMap<string, ListedFile>; isWhole: boolean };

const blockBytes = 512;
const maxNames = 50_000;
const maxLongNameBytes = 64 * 1024;

/** Names, sizes and CRC of the files in a tar archive, packed or not; their contents are passed over. */
export async function listTar(chunks: AsyncIterable<Buffer>): Promise<TarListing> {
  const reading = chunks[Symbol.asyncIterator]();
  try {
    return await listed(byteSource({ [Symbol.asyncIterator]: () => reading }));
  } finally {
    await reading.return?.(); // what is not read to its end is closed all the same
  }
}

async function listed(packed: ByteSource): Promise<TarListing> {
  const start = await packed.peek(2);
  const isGzip = start[0] === 0x1f && start[1] === 0x8b;
  const source = isGzip ? byteSource(gunzipped(rest(packed), () => undefined)) : packed;
  const files = new Map<string, ListedFile>();
  try {
    return { files, isWhole: await walk(source, files) };
  } catch {
    return { files, isWhole: false }; // damaged or a bomb: what is known of it is what came before
  }
}

async function* rest(source: ByteSource): AsyncGenerator<Buffer> {
  for (let chunk = await source.some(65_536); chunk !== undefined; chunk = await source.some(65_536)) yield chunk;
}

async function walk(source: ByteSource, files: Map<string, ListedFile>): Promise<boolean> {
  let longName: string | undefined;
  while (files.size < maxNames) {
    const header = await source.exactly(blockBytes);
    if (header === undefined) return false;
    if (!isTarHeader(header)) return header.every((byte) => byte === 0);
    const type = String.fromCharCode(header[156] ?? 0);
    const bytes = Number.parseInt(textOf(header, 124, 136).trim() || '0', 8);
    if (!Number.isSafeInteger(bytes)) return false;
    if ('Lx'.includes(type) && bytes <= maxLongNameBytes) {
      longName = nameIn(await source.exactly(bytes), type) ?? longName;
    } else {
      const sum = await crcOf(source, /[1-6]/.test(type) ? 0 : bytes);
      if (sum === undefined) return false;
      if (type === '0' || type === '\0') files.set(longName ?? nameOf(header), { bytes, crc32: sum });
      longName = undefined;
    }
    if (!(await source.skip((blockBytes - (bytes % blockBytes)) % blockBytes))) return false;
  }
  return false;
}

function nameOf(header: Buffer): string {
  const prefix = textOf(header, 345, 500);
  const name = textOf(header, 0, 100);
  return header.toString('latin1', 257, 262) === 'ustar' && prefix !== '' ? `${prefix}/${name}` : name;
}

function nameIn(record: Buffer | undefined, type: string): string | undefined {
  if (record === undefined) return undefined;
  return type === 'L' ? textOf(record, 0, record.length) : /\d+ path=([^\n]*)\n/.exec(record.toString())?.[1];
}

function textOf(bytes: Buffer, from: number, to: number): string {
  return bytes.subarray(from, to).toString().split('\0')[0] ?? '';
}

async function crcOf(source: ByteSource, bytes: number): Promise<number | undefined> {
  let sum = 0;
  for (let left = bytes; left > 0; ) {
    const chunk = await source.some(left);
    if (chunk === undefined) return undefined;
    sum = crc32(chunk, sum);
    left -= chunk.length;
  }
  return sum;
}
