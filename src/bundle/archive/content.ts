import { pipeline, Readable } from 'node:stream';
import { crc32, createInflateRaw } from 'node:zlib';
import { exitCode, UserError } from '../../errors.js';
import type { ArchiveEntry } from './archive.js';
import { shownName } from './names.js';

/** What may be read of an entry: its packed bytes, and how they are packed. */
export type Packed = { chunks: AsyncIterable<Buffer>; method: number };

/** The content of an entry, which ends at the first byte that is not as the directory says. @throws UserError `archive-damaged` */
export async function* contentOf(entry: ArchiveEntry, { chunks, method }: Packed): AsyncGenerator<Buffer> {
  let [sum, bytes] = [0, 0];
  for await (const chunk of method === 8 ? inflated(chunks, entry) : chunks) {
    bytes += chunk.length;
    if (bytes > entry.bytes) throw damaged(entry, `it holds more than the ${entry.bytes} bytes it says`);
    sum = crc32(chunk, sum);
    yield chunk;
  }
  if (bytes < entry.bytes) throw damaged(entry, `it holds ${bytes} bytes and says ${entry.bytes}`);
  if (sum !== entry.crc32) throw damaged(entry, 'its CRC differs');
}

async function* inflated(chunks: AsyncIterable<Buffer>, entry: ArchiveEntry): AsyncGenerator<Buffer> {
  const inflate = createInflateRaw({ chunkSize: 64 * 1024 });
  pipeline(Readable.from(chunks), inflate, () => undefined); // errors come out where it is read
  try {
    for await (const chunk of inflate) yield chunk as Buffer;
  } catch (error) {
    const isZlib = error instanceof Error && 'code' in error && String(error.code).startsWith('Z_');
    throw isZlib ? damaged(entry, error.message) : error;
  } finally {
    inflate.destroy();
  }
  const left = entry.packedBytes - inflate.bytesWritten;
  if (left !== 0) throw damaged(entry, `${left} bytes stand behind its packed content`);
}

export function damaged(entry: ArchiveEntry, why: string): UserError {
  return new UserError('archive-damaged', `${shownName(entry.name)} is damaged: ${why}`, {
    exit: exitCode.notAsItShouldBe,
    hint: 'Ask for the ZIP again',
  });
}
