import type { ByteSource } from './byte-source.js';

const cut = 'the zstd data is cut';
const frameMagic = 0xfd2fb528;

/** Walks the frames and blocks (RFC 8878). @returns what is wrong; undefined: it is whole */
export async function flawOfZstd(source: ByteSource): Promise<string | undefined> {
  for (;;) {
    const magic = await source.peek(4);
    if (magic.length === 0) return undefined;
    if (magic.every((byte) => byte === 0)) return undefined; // padding
    if (magic.length < 4) return cut;
    await source.skip(4);
    const kind = magic.readUInt32LE(0);
    const flaw = isSkippable(kind) ? await passSkippable(source) : await passFrame(source, kind);
    if (flaw !== undefined) return flaw;
  }
}

export function isSkippable(magic: number): boolean {
  return magic >>> 4 === 0x184d2a5;
}

async function passSkippable(source: ByteSource): Promise<string | undefined> {
  const size = await source.exactly(4);
  return size !== undefined && (await source.skip(size.readUInt32LE(0))) ? undefined : cut;
}

async function passFrame(source: ByteSource, magic: number): Promise<string | undefined> {
  if (magic !== frameMagic) return 'something else lies behind the zstd data';
  const descriptor = (await source.exactly(1))?.[0];
  if (descriptor === undefined) return cut;
  const single = (descriptor >> 5) & 1;
  const contentSize = [single, 2, 4, 8][descriptor >> 6] ?? 0;
  const dictionary = [0, 1, 2, 4][descriptor & 3] ?? 0;
  if (!(await source.skip(1 - single + dictionary + contentSize))) return cut;
  for (let last = false; !last; ) {
    const header = (await source.exactly(3))?.readUIntLE(0, 3);
    if (header === undefined) return cut;
    last = (header & 1) === 1;
    const type = (header >> 1) & 3;
    if (type === 3) return 'the zstd data is damaged';
    if (!(await source.skip(type === 1 ? 1 : header >> 3))) return cut; // 1: one byte that is repeated
  }
  const hasChecksum = (descriptor & 4) !== 0;
  return hasChecksum && !(await source.skip(4)) ? cut : undefined;
}
