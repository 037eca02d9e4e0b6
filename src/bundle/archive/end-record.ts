import type { FileWindow } from './file-window.js';
import type { FlawList } from './flaws.js';

const signature = Buffer.from('PK\x05\x06', 'latin1');
const recordBytes = 22;
const locatorBytes = 20;
const record64Bytes = 56;
const maxComment = 0xffff;

/** The end of an archive (APPNOTE 4.3.14 to 4.3.16): where the directory is. */
export type EndRecord = {
  entries: number;
  directoryAt: number;
  directoryBytes: number;
  /** Where the directory has to end, because something else begins there. */
  directoryEnd: number;
  comment: Buffer;
};

/** @returns undefined where there is none: it is no ZIP, or its end is missing */
export async function findEnd(file: FileWindow, flaws: FlawList): Promise<EndRecord | undefined> {
  const tailBytes = Math.min(file.bytes, recordBytes + maxComment);
  const from = file.bytes - tailBytes;
  const tail = await file.at(from, tailBytes);
  if (tail === undefined) return undefined;
  const places = placesOf(tail);
  const fitting = places.findLast((at) => at + recordBytes + commentAt(tail, at) === tail.length);
  const place = fitting ?? (await plausible(places, tail, file));
  if (place === undefined) return undefined;
  const end = place + recordBytes + commentAt(tail, place);
  if (end < tail.length) flaws.add('safe.bytes-after', `${tail.length - end} bytes stand behind the archive`);
  if (end > tail.length) flaws.add('safe.comment', 'the comment at the end is cut');
  if (places.some((at) => at > place && at < end))
    flaws.add('safe.two-ends', 'its comment holds another end of an archive');
  const record = tail.subarray(place, place + recordBytes);
  return withZip64(record, Buffer.from(tail.subarray(place + recordBytes, end)), from + place, file, flaws);
}

function placesOf(tail: Buffer): number[] {
  const places: number[] = [];
  for (let at = tail.indexOf(signature); at >= 0; at = tail.indexOf(signature, at + 1))
    if (at + recordBytes <= tail.length) places.push(at);
  return places;
}

function commentAt(tail: Buffer, at: number): number {
  return tail.readUInt16LE(at + 20);
}

/** Where no record fits the end of the file: the last one whose directory is there. */
async function plausible(places: readonly number[], tail: Buffer, file: FileWindow): Promise<number | undefined> {
  for (const at of places.slice(-20).reverse()) {
    const begins = await file.at(tail.readUInt32LE(at + 16), 4);
    if (begins?.toString('latin1') === 'PK\x01\x02') return at;
  }
  return undefined;
}

async function withZip64(
  record: Buffer,
  comment: Buffer,
  recordAt: number,
  file: FileWindow,
  flaws: FlawList,
): Promise<EndRecord> {
  const disks = [record.readUInt16LE(4), record.readUInt16LE(6)];
  const here = record.readUInt16LE(8);
  const said = [record.readUInt16LE(10), record.readUInt32LE(12), record.readUInt32LE(16)];
  if (disks.some((disk) => disk !== 0 && disk !== 0xffff) || (here !== said[0] && here !== 0xffff))
    flaws.add('safe.split', 'it is one part of a split archive');
  const locator = await file.at(recordAt - locatorBytes, locatorBytes);
  const has64 = locator?.readUInt32LE(0) === 0x07064b50;
  const end64 = has64 ? await readEnd64(locator, recordAt - locatorBytes, file, flaws) : undefined;
  if (!has64 && said.slice(1).includes(0xffffffff)) flaws.add('safe.zip64', 'its ZIP64 end record is missing');
  const full = [0xffff, 0xffffffff, 0xffffffff];
  const [entries = 0, directoryBytes = 0, directoryAt = 0] = said.map((value, index) => {
    const value64 = end64?.values[index];
    if (value64 === undefined) return value;
    if (value !== full[index] && value !== value64) flaws.add('safe.zip64', 'its two end records do not agree');
    return value === full[index] ? value64 : value;
  });
  return { entries, directoryAt, directoryBytes, directoryEnd: end64?.at ?? recordAt, comment };
}

async function readEnd64(
  locator: Buffer,
  locatorAt: number,
  file: FileWindow,
  flaws: FlawList,
): Promise<{ at: number; values: number[] } | undefined> {
  const at = Number(locator.readBigUInt64LE(8));
  const record = await file.at(at, record64Bytes);
  if (record?.readUInt32LE(0) !== 0x06064b50) {
    flaws.add('safe.zip64', 'its ZIP64 end record is not where it is said to be');
    return undefined;
  }
  if (at + 12 + Number(record.readBigUInt64LE(4)) !== locatorAt)
    flaws.add('safe.zip64', 'its ZIP64 end record has another length than it says');
  const isSplit = locator.readUInt32LE(4) !== 0 || locator.readUInt32LE(16) > 1 || record.readUInt32LE(16) !== 0;
  const here = record.readBigUInt64LE(24);
  if (isSplit || here !== record.readBigUInt64LE(32)) flaws.add('safe.split', 'it is one part of a split archive');
  return { at, values: [32, 40, 48].map((place) => Number(record.readBigUInt64LE(place))) };
}
