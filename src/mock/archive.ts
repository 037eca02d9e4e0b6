import { constants, crc32, deflateRawSync } from 'node:zlib';
import { type MockFile, type Piece, piecedFile } from './files.js';
import { tarEnd, tarFile, tarHeader, tarPadding } from './tar.js';

export type ArchiveOptions = {
  /** The exact size of the archive; at least what its texts need. */
  bytes: number;
  /** Incompressible bytes, repeated to reach that size. */
  block: Buffer;
  modifiedMs: number;
};

const storedBytes = 65_535;
const storedHeadBytes = 5;
/** Room for gzip's header and trailer, and for the compressed end of the archive. */
const frameBytes = 96;

/**
 * A `.tar.gz` with texts and, if it is to be larger than these, a trace next to them. The trace is stored uncompressed,
 * so that any size needs no memory.
 */
export function archiveOf(texts: Record<string, string>, { bytes, block, modifiedMs }: ArchiveOptions): MockFile {
  const files = Object.entries(texts).map(([name, text]) => tarFile(name, Buffer.from(text), modifiedMs));
  const smallest = frameBytes + compressed(Buffer.concat([...files, tarHeader('x', 0, 0)])).length;
  const traceBytes = payloadOf(bytes - smallest, block);
  const head = Buffer.concat(
    traceBytes > 0 ? [...files, tarHeader('traces/trace.bin', traceBytes, modifiedMs)] : files,
  );
  const tail = Buffer.concat([tarPadding(traceBytes), tarEnd]);
  const body: Piece[] = [once(compressed(head)), ...storedPieces(block, traceBytes), once(deflateRawSync(tail))];
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(crc32(tail, crcOfRepeated(block, traceBytes, crc32(head))));
  trailer.writeUInt32LE((head.length + traceBytes + tail.length) % 2 ** 32, 4);
  const missing = bytes - sizeOf(body) - trailer.length - gzipHead('').length;
  return piecedFile([once(gzipHead(' '.repeat(Math.max(0, missing)))), ...body, once(trailer)], modifiedMs);
}

function once(block: Buffer): Piece {
  return { block, bytes: block.length };
}

function sizeOf(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, { bytes }) => sum + bytes, 0);
}

/** The header of a gzip file, with a comment that gives it the wanted length. */
function gzipHead(comment: string): Buffer {
  return Buffer.from(`\x1f\x8b\x08\x10\0\0\0\0\0\x03${comment}\0`, 'latin1');
}

/** Compressed bytes that end at a byte boundary, so that more can follow. */
function compressed(bytes: Buffer): Buffer {
  return deflateRawSync(bytes, { finishFlush: constants.Z_FULL_FLUSH });
}

/** How many bytes of a repeated block fit as stored data. */
function payloadOf(room: number, block: Buffer): number {
  if (room <= 0) return 0;
  const unit = stored(block).length;
  const rest = room % unit;
  return Math.floor(room / unit) * block.length + Math.max(0, rest - storedHeadBytes * Math.ceil(rest / storedBytes));
}

/** A block, repeated to a length, as the stored data of deflate. */
function storedPieces(block: Buffer, bytes: number): Piece[] {
  const unit = stored(block);
  return [
    { block: unit, bytes: Math.floor(bytes / block.length) * unit.length },
    once(stored(block.subarray(0, bytes % block.length))),
  ];
}

function stored(bytes: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += storedBytes) {
    const part = bytes.subarray(at, at + storedBytes);
    const head = Buffer.alloc(storedHeadBytes);
    head.writeUInt16LE(part.length, 1);
    head.writeUInt16LE(part.length ^ 0xffff, 3);
    parts.push(head, part);
  }
  return Buffer.concat(parts);
}

function crcOfRepeated(block: Buffer, bytes: number, start: number): number {
  let sum = start;
  for (let left = bytes; left > 0; left -= block.length) sum = crc32(block.subarray(0, left), sum);
  return sum;
}
