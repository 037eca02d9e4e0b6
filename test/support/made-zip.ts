import { crc32, deflateRawSync } from 'node:zlib';

/** An entry as it is to be written, true or not. */
export type MadeEntry = {
  name: string | Buffer;
  content?: string | Buffer;
  method?: number;
  /** Bit 3 writes a descriptor, bit 11 says UTF-8. */
  flags?: number;
  /** Unix: type and rights. */
  mode?: number;
  dosAttributes?: number;
  extra?: Buffer;
  comment?: string | Buffer;
  disk?: number;
  descriptor?: 'signed' | 'bare' | 'long' | 'none';
  /** What is said in the directory instead of the truth. */
  says?: Partial<Record<'crc' | 'bytes' | 'packedBytes' | 'at', number>>;
  /** What is said in its own header instead of the truth. */
  local?: Partial<Record<'crc' | 'bytes' | 'packedBytes' | 'flags' | 'method', number>> & {
    name?: string | Buffer;
    extra?: Buffer;
  };
  packed?: Buffer;
  /** Stands behind it and belongs to nothing. */
  behind?: Buffer;
};

export type MadeZip = {
  entries: MadeEntry[];
  before?: Buffer;
  behind?: Buffer;
  comment?: string | Buffer;
  zip64?: boolean;
  /** Changes the end: ZIP64 record, locator and record, as they are there. */
  end?: (record: Buffer) => void;
};

export const descriptorBit = 8;
export const utf8Bit = 0x800;

/** Writes a ZIP byte by byte, so that each byte of it may be a lie. */
export function madeZip({
  entries,
  before = empty,
  behind = empty,
  comment = '',
  zip64 = false,
  end,
}: MadeZip): Buffer {
  const parts: Buffer[] = [before];
  let at = before.length;
  const directory = entries.map((entry) => {
    const { bytes, central } = writtenEntry(entry, at);
    parts.push(bytes, entry.behind ?? empty);
    at += bytes.length + (entry.behind?.length ?? 0);
    return central;
  });
  const directoryBytes = directory.reduce((sum, { length }) => sum + length, 0);
  const record = endRecord(entries.length, directoryBytes, at, bytesOf(comment), zip64);
  end?.(record);
  return Buffer.concat([...parts, ...directory, record, behind]);
}

const empty = Buffer.alloc(0);
const bytesOf = (text: string | Buffer): Buffer => (typeof text === 'string' ? Buffer.from(text) : text);

function writtenEntry(entry: MadeEntry, at: number): { bytes: Buffer; central: Buffer } {
  const { flags = 0, method = 8, local = {}, says = {} } = entry;
  const content = bytesOf(entry.content ?? 'some words\n');
  const packed = entry.packed ?? (method === 0 ? content : deflateRawSync(content));
  const truth = { crc: crc32(content), bytes: content.length, packedBytes: packed.length, at };
  const said = { ...truth, ...says };
  const name = bytesOf(entry.name);
  const isLater = (flags & descriptorBit) !== 0;
  const own = { flags, method, ...(isLater ? { crc: 0, bytes: 0, packedBytes: 0 } : said), ...local };
  const header = fields([
    [4, 0x04034b50],
    [2, 20],
    [2, own.flags],
    [2, own.method],
    [4, 0x5c210000],
    [4, own.crc ?? 0],
    [4, own.packedBytes ?? 0],
    [4, own.bytes ?? 0],
    [2, bytesOf(local.name ?? name).length],
    [2, (local.extra ?? entry.extra ?? empty).length],
  ]);
  const bytes = Buffer.concat([
    ...[header, bytesOf(local.name ?? name), local.extra ?? entry.extra ?? empty, packed],
    ...(isLater ? [descriptorOf(said, entry.descriptor ?? 'signed')] : []),
  ]);
  return { bytes, central: centralOf(entry, name, { ...said, flags, method }) };
}

type Said = { crc: number; bytes: number; packedBytes: number; at: number };

function centralOf(entry: MadeEntry, name: Buffer, said: Said & { flags: number; method: number }): Buffer {
  const { extra = empty, mode = 0o100644, dosAttributes = 0, disk = 0 } = entry;
  const comment = bytesOf(entry.comment ?? '');
  const header = fields([
    [4, 0x02014b50],
    [2, 0x0314],
    [2, 20],
    [2, said.flags],
    [2, said.method],
    [4, 0x5c210000],
    [4, said.crc],
    [4, said.packedBytes],
    [4, said.bytes],
    [2, name.length],
    [2, extra.length],
    [2, comment.length],
    [2, disk],
    [2, 0],
    [4, ((mode << 16) | dosAttributes) >>> 0],
    [4, said.at],
  ]);
  return Buffer.concat([header, name, extra, comment]);
}

function descriptorOf({ crc, bytes, packedBytes }: Said, form: 'signed' | 'bare' | 'long' | 'none'): Buffer {
  if (form === 'none') return empty;
  const size = form === 'long' ? 8 : 4;
  const start = form === 'bare' ? empty : Buffer.from('PK\x07\x08', 'latin1');
  return Buffer.concat([
    start,
    fields([
      [4, crc],
      [size, packedBytes],
      [size, bytes],
    ]),
  ]);
}

function endRecord(count: number, bytes: number, at: number, comment: Buffer, zip64: boolean): Buffer {
  const long = fields([
    ...[
      [4, 0x06064b50] as const,
      [8, 44] as const,
      [2, 45] as const,
      [2, 45] as const,
      [4, 0] as const,
      [4, 0] as const,
    ],
    ...[[8, count] as const, [8, count] as const, [8, bytes] as const, [8, at] as const],
    ...[[4, 0x07064b50] as const, [4, 0] as const, [8, at + bytes] as const, [4, 1] as const],
  ]);
  const record = fields([
    [4, 0x06054b50],
    [2, 0],
    [2, 0],
    [2, zip64 ? 0xffff : count],
    [2, zip64 ? 0xffff : count],
    [4, zip64 ? 0xffffffff : bytes],
    [4, zip64 ? 0xffffffff : at],
    [2, comment.length],
  ]);
  return Buffer.concat([...(zip64 ? [long] : []), record, comment]);
}

function fields(values: ReadonlyArray<readonly [size: number, value: number]>): Buffer {
  return Buffer.concat(
    values.map(([size, value]) => {
      const field = Buffer.alloc(size);
      if (size === 8) field.writeBigUInt64LE(BigInt(value));
      else field.writeUIntLE(value, 0, size);
      return field;
    }),
  );
}

/** An extra field. */
export function extraOf(kind: number, content: Buffer): Buffer {
  return Buffer.concat([
    fields([
      [2, kind],
      [2, content.length],
    ]),
    content,
  ]);
}

/** The sizes of more than 4 GiB, as they stand in their field. */
export function longSizes(...values: number[]): Buffer {
  return extraOf(1, fields(values.map((value) => [8, value] as const)));
}
