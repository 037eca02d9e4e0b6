import { crc32 } from 'node:zlib';
import type { ByteSource } from './byte-source.js';

/** Reads to the end. @returns the last bytes, and where they begin */
async function lastBytes(source: ByteSource, wanted: number): Promise<{ tail: Buffer; from: number }> {
  let tail: Buffer = Buffer.alloc(0);
  let bytes = 0;
  for (let chunk = await source.some(readBytes); chunk !== undefined; chunk = await source.some(readBytes)) {
    bytes += chunk.length;
    tail = chunk.length >= wanted ? chunk : Buffer.concat([tail.subarray(-wanted), chunk]);
  }
  tail = Buffer.from(tail.subarray(-wanted));
  return { tail, from: bytes - tail.length };
}

const readBytes = 1024 * 1024;
const zip = { end: 0x06054b50, endBytes: 22, locator: 0x07064b50, locatorBytes: 20, end64: 0x06064b50, end64Bytes: 56 };
const zipTailBytes = zip.endBytes + 0xffff + zip.locatorBytes + zip.end64Bytes;

/**
 * Checks the end record of a ZIP: its directory must end right before it; bytes after it do no harm. @returns what is
 * wrong; undefined if it is whole
 */
export async function flawOfZip(source: ByteSource): Promise<string | undefined> {
  const { tail, from } = await lastBytes(source, zipTailBytes);
  for (let at = tail.length - zip.endBytes; at >= 0; at--) {
    if (tail.readUInt32LE(at) === zip.end && directoryEnd(tail, at, from) !== undefined) return undefined;
  }
  return 'the ZIP is cut: its central directory is missing';
}

function directoryEnd(tail: Buffer, at: number, from: number): true | undefined {
  if (at + zip.endBytes + tail.readUInt16LE(at + 20) > tail.length) return undefined; // its comment is cut
  const [size, offset] = [tail.readUInt32LE(at + 12), tail.readUInt32LE(at + 16)];
  if (size + offset === from + at) return true;
  const locator = at - zip.locatorBytes;
  if (locator < zip.end64Bytes || tail.readUInt32LE(locator) !== zip.locator) return undefined;
  const end64 = Number(tail.readBigUInt64LE(locator + 8)) - from;
  if (end64 < 0 || end64 > locator - zip.end64Bytes || tail.readUInt32LE(end64) !== zip.end64) return undefined;
  const [size64, offset64] = [tail.readBigUInt64LE(end64 + 40), tail.readBigUInt64LE(end64 + 48)];
  return Number(size64 + offset64) === from + end64 ? true : undefined;
}

const xzFooterBytes = 12;
/** The most padding that is looked through; it comes in groups of four zeros. */
const maxPadding = 64 * 1024;

/** Checks the footer of an xz file. @returns what is wrong; undefined if it is whole, as far as the footer tells */
export async function flawOfXz(source: ByteSource): Promise<string | undefined> {
  const { tail } = await lastBytes(source, xzFooterBytes + maxPadding);
  const footer = tail.subarray(0, tail.length - zerosAtEnd(tail)).subarray(-xzFooterBytes);
  const whole =
    footer.length === xzFooterBytes &&
    footer.toString('latin1', 10) === 'YZ' &&
    footer.readUInt32LE(0) === crc32(footer.subarray(4, 10));
  return whole ? undefined : 'the xz data is cut: its footer is missing';
}

const bzip2End = 0x177245385090n;

/**
 * Looks for the end mark of bzip2, which begins at any bit, before a CRC and up to seven bits of padding. @returns what
 * is wrong; undefined if it is whole
 */
export async function flawOfBzip2(source: ByteSource): Promise<string | undefined> {
  const { tail } = await lastBytes(source, 16 + maxPadding);
  const zeros = zerosAtEnd(tail); // some of them may be of the CRC
  for (let padding = Math.max(0, zeros - 5); padding <= zeros; padding++) {
    if (endsAsBzip2(tail.subarray(0, tail.length - padding))) return undefined;
  }
  return 'the bzip2 data is cut: its end is missing';
}

function endsAsBzip2(bytes: Buffer): boolean {
  if (bytes.length < 14) return false;
  const last = BigInt(`0x${bytes.subarray(-11).toString('hex')}`);
  for (let pad = 0n; pad < 8n; pad++) {
    if (((last >> (pad + 32n)) & 0xffffffffffffn) === bzip2End) return true;
  }
  return false;
}

function zerosAtEnd(bytes: Buffer): number {
  let zeros = 0;
  while (zeros < bytes.length && bytes[bytes.length - 1 - zeros] === 0) zeros++;
  return zeros;
}
