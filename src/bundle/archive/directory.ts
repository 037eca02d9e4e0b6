import type { EndRecord } from './end-record.js';
import { trueValues } from './extra-fields.js';
import type { FileWindow } from './file-window.js';
import type { FlawList } from './flaws.js';
import { limits } from './limits.js';
import { type DecodedName, decodeName } from './names.js';

const signature = 0x02014b50;
const headerBytes = 46;

/** An entry as the central directory has it (APPNOTE 4.3.12). */
export type DirectoryEntry = {
  decoded: DecodedName;
  rawName: Buffer;
  /** Of the format, in tenths, that a reader needs. */
  version: number;
  flags: number;
  method: number;
  crc32: number;
  packedBytes: number;
  bytes: number;
  /** Where its local header begins. */
  at: number;
  extra: Buffer;
  comment: Buffer;
  /** What kind of file it is, by the systems that may have written it. */
  attributes: number;
};

/** All entries, as far as there is a directory to read: what is wrong with it is told. */
export async function readDirectory(file: FileWindow, end: EndRecord, flaws: FlawList): Promise<DirectoryEntry[]> {
  const shift = await shiftOf(file, end);
  if (shift !== 0)
    flaws.add('safe.bytes-before', `${Math.abs(shift)} bytes stand before the archive, or are missing there`);
  const entries: DirectoryEntry[] = [];
  const start = end.directoryAt + shift;
  let at = start;
  while (at < end.directoryEnd) {
    if (entries.length === limits.entries || at - start > limits.directoryBytes) {
      flaws.add('safe.too-many', `it has more than ${limits.entries} entries, or names longer than any bundle has`);
      return entries;
    }
    const next = await readEntry(file, at, end.directoryEnd, flaws);
    if (next === undefined) break;
    at += next.length;
    entries.push({ ...next.entry, at: next.entry.at + shift });
  }
  if (at !== end.directoryEnd || at - start !== end.directoryBytes || entries.length !== end.entries)
    flaws.add(
      'safe.directory',
      `its directory is damaged: it says ${end.entries} entries, and ${entries.length} are there`,
    );
  return entries;
}

/** How far all is moved, because something was put before the archive. */
async function shiftOf(file: FileWindow, end: EndRecord): Promise<number> {
  if (end.entries === 0 || (await isEntry(file, end.directoryAt))) return 0;
  const moved = end.directoryEnd - end.directoryBytes;
  return (await isEntry(file, moved)) ? moved - end.directoryAt : 0;
}

async function isEntry(file: FileWindow, at: number): Promise<boolean> {
  return (await file.at(at, 4))?.readUInt32LE(0) === signature;
}

async function readEntry(
  file: FileWindow,
  at: number,
  directoryEnd: number,
  flaws: FlawList,
): Promise<{ entry: DirectoryEntry; length: number } | undefined> {
  const header = await file.at(at, headerBytes);
  if (header?.readUInt32LE(0) !== signature) return undefined;
  const lengths = [28, 30, 32].map((place) => header.readUInt16LE(place));
  const length = lengths.reduce((sum, each) => sum + each, headerBytes);
  const all = at + length <= directoryEnd ? await file.at(at, length) : undefined;
  if (all === undefined) return undefined;
  const [nameEnd = 0, extraEnd = 0] = lengths.map((_, index) =>
    lengths.slice(0, index + 1).reduce((sum, each) => sum + each, headerBytes),
  );
  const rawName = Buffer.from(all.subarray(headerBytes, nameEnd));
  const extra = Buffer.from(all.subarray(nameEnd, extraEnd));
  const flags = all.readUInt16LE(8);
  const decoded = decodeName(rawName, flags, extra);
  const said = [24, 20, 42].map((place) => all.readUInt32LE(place));
  const values = trueValues(said, extra);
  if (values === undefined) flaws.add('safe.zip64', 'its ZIP64 sizes are missing or do not agree', decoded.name);
  if (![0, 0xffff].includes(all.readUInt16LE(34))) flaws.add('safe.split', 'it is on another part', decoded.name);
  const [bytes = 0, packedBytes = 0, localAt = 0] = values ?? said;
  const entry: DirectoryEntry = {
    ...{ decoded, rawName, flags, extra, bytes, packedBytes, at: localAt },
    version: all.readUInt8(6),
    method: all.readUInt16LE(10),
    crc32: all.readUInt32LE(16),
    comment: Buffer.from(all.subarray(extraEnd)),
    attributes: all.readUInt32LE(38),
  };
  return { entry, length };
}
