import type { DirectoryEntry } from './directory.js';
import { trueValues } from './extra-fields.js';
import type { FileWindow } from './file-window.js';
import { decodeName } from './names.js';

const signature = 0x04034b50;
const headerBytes = 30;
export const hasDescriptor = 8;

/** Where an entry lies in the file: its header, its packed bytes, and what follows them. */
export type Place = { from: number; dataAt: number; to: number };

/** Reads what stands before and behind the packed bytes of an entry. @returns its place, and how it differs from the directory */
export async function placeOf(file: FileWindow, entry: DirectoryEntry): Promise<{ place?: Place; differs?: string }> {
  const header = await file.at(entry.at, headerBytes);
  if (header?.readUInt32LE(0) !== signature) return { differs: 'is not where the directory says' };
  const [nameBytes, extraBytes] = [header.readUInt16LE(26), header.readUInt16LE(28)];
  const behind = await file.at(entry.at + headerBytes, nameBytes + extraBytes);
  if (behind === undefined) return { differs: 'is cut' };
  const name = behind.subarray(0, nameBytes);
  const extra = Buffer.from(behind.subarray(nameBytes));
  const dataAt = entry.at + headerBytes + nameBytes + extraBytes;
  const differs = nameDiffers(entry, name, extra) ?? headerDiffers(entry, header, extra);
  const descriptor = entry.flags & hasDescriptor ? await descriptorBytes(file, dataAt + entry.packedBytes, entry) : 0;
  const place = { from: entry.at, dataAt, to: dataAt + entry.packedBytes + (descriptor ?? 0) };
  const fault =
    differs ?? (descriptor === undefined ? 'has other sizes behind its content than in the directory' : undefined);
  return fault === undefined ? { place } : { place, differs: fault };
}

function nameDiffers(entry: DirectoryEntry, name: Buffer, extra: Buffer): string | undefined {
  if (!name.equals(entry.rawName)) return 'has another name in its own header';
  const { other } = decodeName(name, entry.flags, extra);
  return other === undefined || other === entry.decoded.other ? undefined : 'has a second name in its own header';
}

function headerDiffers(entry: DirectoryEntry, header: Buffer, extra: Buffer): string | undefined {
  if (header.readUInt16LE(6) !== entry.flags || header.readUInt16LE(8) !== entry.method)
    return 'is packed in another way by its own header';
  const sizes = trueValues([header.readUInt32LE(22), header.readUInt32LE(18)], extra);
  const said = [header.readUInt32LE(14), ...(sizes ?? [Number.NaN])];
  const expected = [entry.crc32, entry.bytes, entry.packedBytes];
  const isLater = (value: number) => value === 0 && (entry.flags & hasDescriptor) !== 0;
  const isSame = said.every((value, index) => value === expected[index] || isLater(value));
  return isSame ? undefined : 'has other sizes in its own header than in the directory';
}

/** CRC and sizes behind the content, in one of four forms. @returns how long; undefined where none of them fits */
async function descriptorBytes(file: FileWindow, at: number, entry: DirectoryEntry): Promise<number | undefined> {
  for (const isLong of [false, true]) {
    for (const hasSignature of [true, false]) {
      const expected = descriptorOf(entry, isLong, hasSignature);
      const found = expected === undefined ? undefined : await file.at(at, expected.length);
      if (expected !== undefined && found?.equals(expected)) return expected.length;
    }
  }
  return undefined;
}

function descriptorOf(entry: DirectoryEntry, isLong: boolean, hasSignature: boolean): Buffer | undefined {
  if (!isLong && Math.max(entry.bytes, entry.packedBytes) > 0xffffffff) return undefined;
  const start = Buffer.from(hasSignature ? 'PK\x07\x08' : '', 'latin1');
  const crc = Buffer.alloc(4);
  crc.writeUInt32LE(entry.crc32);
  const sizes = [entry.packedBytes, entry.bytes].map((value) => {
    const size = Buffer.alloc(isLong ? 8 : 4);
    if (isLong) size.writeBigUInt64LE(BigInt(value));
    else size.writeUInt32LE(value);
    return size;
  });
  return Buffer.concat([start, crc, ...sizes]);
}
