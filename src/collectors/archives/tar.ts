import type { ByteSource } from './byte-source.js';

const blockBytes = 512;
const checksumAt = { from: 148, to: 156 };

/** Whether a block is the header of an entry, by its checksum. */
export function isTarHeader(block: Buffer): boolean {
  if (block.length < blockBytes || isZero(block)) return false;
  const written = octal(block, checksumAt.from, checksumAt.to);
  if (written === undefined) return false;
  let unsigned = 0;
  let signed = 0; // as some old programs reckon it
  for (const [at, byte] of block.subarray(0, blockBytes).entries()) {
    const value = at >= checksumAt.from && at < checksumAt.to ? 0x20 : byte;
    unsigned += value;
    signed += value > 127 ? value - 256 : value;
  }
  return written === unsigned || written === signed;
}

/** Walks from header to header up to the two blocks of zeros that end an archive. @returns what is wrong; undefined: it is whole */
export async function flawOfTar(source: ByteSource): Promise<string | undefined> {
  let sizeByPax: number | undefined;
  for (let entries = 0; ; entries++) {
    const block = await source.exactly(blockBytes);
    if (block === undefined) return 'the tar archive is cut: its end is missing';
    if (isZero(block)) return endOf(source);
    if (!isTarHeader(block)) return `the tar archive is damaged behind its entry ${entries}`;
    const type = String.fromCharCode(block[156] ?? 0);
    const size = contentBytes(block, type, sizeByPax);
    if (size === undefined) return `the tar archive is damaged: entry ${entries + 1} has no size`;
    sizeByPax = undefined;
    if (type === 'S' && !(await passSparseMap(block, source))) return cut(entries);
    if (type === 'x' && size <= maxPaxBytes) {
      const records = await source.exactly(size);
      if (records === undefined) return cut(entries);
      sizeByPax = paxSize(records);
    } else if (!(await source.skip(size))) return cut(entries);
    if (!(await source.skip((blockBytes - (size % blockBytes)) % blockBytes))) return cut(entries);
  }
}

/**
 * Checks the second block of zeros. GNU tar accepts a single one with a warning, but the archive may be cut between the
 * two.
 */
async function endOf(source: ByteSource): Promise<string | undefined> {
  const second = await source.exactly(blockBytes);
  return second === undefined ? 'the tar archive is cut: its end is missing' : undefined;
}

function cut(entries: number): string {
  return `the tar archive is cut in its entry ${entries + 1}`;
}

/** The size of an entry's content; links, devices and folders have none, whatever their size field says. */
function contentBytes(block: Buffer, type: string, sizeByPax: number | undefined): number | undefined {
  if (/[1-6]/.test(type)) return 0;
  if (sizeByPax !== undefined && type !== 'x') return sizeByPax;
  return numberIn(block, 124, 136);
}

/** A number in a header: octal digits, or base 256 for larger ones, as GNU tar writes them. */
function numberIn(block: Buffer, from: number, to: number): number | undefined {
  if (((block[from] ?? 0) & 0x80) === 0) return octal(block, from, to);
  let value = (block[from] ?? 0) & 0x7f;
  for (const byte of block.subarray(from + 1, to)) value = value * 256 + byte;
  return Number.isSafeInteger(value) ? value : undefined;
}

function octal(block: Buffer, from: number, to: number): number | undefined {
  const digits = /^[ \0]*([0-7]+)[ \0]*$/.exec(block.toString('latin1', from, to))?.[1];
  return digits === undefined ? undefined : Number.parseInt(digits, 8);
}

const maxPaxBytes = 1024 * 1024;

function paxSize(records: Buffer): number | undefined {
  const digits = /(?:^|\n)\d+ size=(\d+)\n/.exec(records.toString('latin1'))?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** Skips the blocks in which the map of a sparse file continues. */
async function passSparseMap(header: Buffer, source: ByteSource): Promise<boolean> {
  for (let more = header[482] === 1; more; ) {
    const block = await source.exactly(blockBytes);
    if (block === undefined) return false;
    more = block[504] === 1;
  }
  return true;
}

function isZero(block: Buffer): boolean {
  return block.every((byte) => byte === 0);
}
