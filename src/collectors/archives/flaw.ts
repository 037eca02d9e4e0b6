import { printableLine } from '../../domain/text.js';
import { reasonOf, UserError } from '../../errors.js';
import { gunzipped } from '../gunzip.js';
import { refusalIn } from '../refusal.js';
import { type ByteSource, byteSource } from './byte-source.js';
import { flawOfBzip2, flawOfXz, flawOfZip } from './endings.js';
import { flawOfTar, isTarHeader } from './tar.js';
import { flawOfZstd, isSkippable } from './zstd.js';

/** What is expected of a file, by the purpose it was asked for. */
export type Claim = {
  name: string;
  /** The file must be evidence: neither empty nor an error message. */
  mustHold: boolean;
  /** The file's format is not public, whatever its name suggests. */
  mayBeUnknown?: boolean;
};

export type Looked = { flaw?: string; note?: string; proven: boolean };

const headBytes = 512;

/**
 * Reads a file to its end and checks whether it is whole by its format, which its beginning shows, or else its name. An
 * unknown format is not judged.
 * @returns `flaw`: what is wrong; `note`: what does no harm; `proven`: the format's own end was found
 */
export async function lookInto(chunks: AsyncIterable<Buffer>, claim: Claim): Promise<Looked> {
  const source = byteSource(chunks);
  const head = Buffer.from(await source.peek(headBytes));
  const check = checkOf(head);
  const looked: Looked = { proven: check !== undefined };
  const tell = (note: string) => {
    looked.note = note;
  };
  try {
    const flaw = check === undefined ? await flawOfUnknown(source, head, claim) : await check(source, claim, tell);
    return flaw === undefined ? looked : { flaw, proven: false };
  } catch (error) {
    if (error instanceof UserError && error.code === 'unpacks-endlessly') return { proven: false }; // a bomb, or a disk of zeros
    return { flaw: reasonOf(error), proven: false };
  }
}

type Check = (source: ByteSource, claim: Claim, tell: (note: string) => void) => Promise<string | undefined>;

function checkOf(head: Buffer): Check | undefined {
  const begins = (...bytes: number[]) => head.subarray(0, bytes.length).equals(Buffer.from(bytes));
  if (begins(0x1f, 0x8b)) return flawOfGzip;
  if (begins(0x50, 0x4b, 3, 4) || begins(0x50, 0x4b, 5, 6)) return flawOfZip;
  if (begins(0xfd, 0x37, 0x7a, 0x58, 0x5a, 0)) return flawOfXz;
  if (/^BZh[1-9](?:1AY&SY|\x17rE8P\x90)/.test(head.toString('latin1'))) return flawOfBzip2;
  if (begins(0x28, 0xb5, 0x2f, 0xfd) || (head.length >= 4 && isSkippable(head.readUInt32LE(0)))) return flawOfZstd;
  return isTarHeader(head) ? flawOfTar : undefined;
}

/** Unpacks gzip and checks the tar archive in it; CRC and size are compared on the way. */
async function flawOfGzip(
  source: ByteSource,
  { name, ...claim }: Claim,
  tell: (note: string) => void,
): Promise<string | undefined> {
  const content = byteSource(gunzipped(chunksOf(source), tell));
  const head = Buffer.from(await content.peek(headBytes));
  const inside = { ...claim, name: name.replace(/\.tgz$/i, '.tar').replace(/\.gz$/i, '') };
  const flaw = isTarHeader(head) ? await flawOfTar(content) : await flawOfUnknown(content, head, inside);
  await passAll(content);
  return flaw === undefined ? undefined : `unpacked, ${flaw}`;
}

async function* chunksOf(source: ByteSource): AsyncGenerator<Buffer> {
  for (let chunk = await source.some(1024 * 1024); chunk !== undefined; chunk = await source.some(1024 * 1024))
    yield chunk;
}

async function passAll(source: ByteSource): Promise<void> {
  while ((await source.some(1024 * 1024)) !== undefined);
}

const archiveName = /\.(?:tar|tgz|tbz2?|txz|tzst|gz|bz2|xz|zst|zip)$/i;
/** What a server or a proxy answers in the place of a file. */
const webPage = /^\s*<(?:!doctype html|html|head|body)\b/i;
/** An error message is no longer than this. */
const maxWordsBytes = 4096;

async function flawOfUnknown(source: ByteSource, head: Buffer, claim: Claim): Promise<string | undefined> {
  const claims = archiveName.test(claim.name);
  if (!claims && !claim.mustHold) return undefined;
  if (head.length === 0) return 'it is empty';
  if (isZeros(head) && isZeros(await source.peek(maxWordsBytes))) return 'it begins with nothing but zeros';
  if (claims && isText(head)) return `it is text and no archive: ${firstLine(head)}`;
  if (webPage.test(head.toString('latin1'))) return 'it is a web page';
  if (claims) return claim.mayBeUnknown ? undefined : 'it does not begin as an archive does';
  const all = await source.peek(maxWordsBytes);
  const words = all.length < maxWordsBytes && isText(all) ? failureIn(all.toString()) : undefined;
  return words === undefined ? undefined : `it holds nothing but: ${words}`;
}

const failures =
  /\b(?:error|failed|failure|cannot|can't|could not|unable|no space left|no such file|denied|refused)\b/i;
const maxFailureLines = 5;

function failureIn(text: string): string | undefined {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  if (lines.length > maxFailureLines) return undefined;
  const said = lines.find((line) => failures.test(line));
  return refusalIn(text) ?? (said === undefined ? undefined : printableLine(said));
}

function firstLine(text: Buffer): string {
  return printableLine(text.toString().trimStart().split('\n')[0] ?? '');
}

function isText(bytes: Buffer): boolean {
  const odd = bytes.filter((byte) => byte < 32 && byte !== 9 && byte !== 10 && byte !== 13 && byte !== 27).length;
  return odd === 0 && !/\ufffd.*\ufffd.*\ufffd/s.test(bytes.toString());
}

function isZeros(bytes: Buffer): boolean {
  return bytes.every((byte) => byte === 0);
}
