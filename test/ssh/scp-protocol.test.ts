import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UserError } from '../../src/errors.ts';
import { type ByteReader, readBytes } from '../../src/ssh/files/byte-reader.ts';
import { parseScpRecord, type ScpRecord } from '../../src/ssh/files/scp-protocol.ts';

const parsed = (text: string) => parseScpRecord(Buffer.from(text, 'latin1'));

describe('a record of the SCP protocol', () => {
  it.each<[string, ScpRecord]>([
    ['C0644 5 system.log', { kind: 'file', bytes: 5, name: 'system.log' }],
    ['C0600 0 a b', { kind: 'file', bytes: 0, name: 'a b' }],
    ['C4755 1 suid', { kind: 'file', bytes: 1, name: 'suid' }],
    ['C0644 9007199254740991 large', { kind: 'file', bytes: 2 ** 53 - 1, name: 'large' }],
    ['C0644 1  blank first', { kind: 'file', bytes: 1, name: ' blank first' }],
    ['C0644 1 ...', { kind: 'file', bytes: 1, name: '...' }],
    ['C0644 1 -rf', { kind: 'file', bytes: 1, name: '-rf' }],
    ['C0644 1 \x1b[2J', { kind: 'file', bytes: 1, name: '\x1b[2J' }],
    ['D0755 0 logs', { kind: 'folder', name: 'logs' }],
    ['E', { kind: 'end-of-folder' }],
    ['T1700000000 0 1700000001 0', { kind: 'times', modifiedAt: new Date(1_700_000_000_000) }],
    ['T0 0 0 0', { kind: 'times', modifiedAt: new Date(0) }],
    ['\x01scp: x: Permission denied', { kind: 'trouble', text: 'scp: x: Permission denied' }],
    ['\x02\x1b[2Jfatal', { kind: 'trouble', text: 'fatal' }],
    ['\x01', { kind: 'trouble', text: 'it does not say why' }],
  ])('is read: %j', (text, record) => {
    expect(parsed(text)).toEqual(record);
  });

  it.each([
    ...['', '\0', ' C0644 5 a', 'c0644 5 a', 'X', 'C', 'D', 'T', 'E1', 'E '],
    ...['C0644', 'C0644 5', 'C0644 5 ', 'C0644  a', 'C644 5 a', 'C00644 5 a', 'C0648 5 a', 'C0644\t5\ta'],
    ...['-1', '+5', '1e3', '0x5', '5.0', ' 5', '', '٣'].map((size) => `C0644 ${size} a`),
    ...['9007199254740992', '18446744073709551616', '1'.repeat(400)].map((size) => `C0644 ${size} a`),
    ...['.', '..', '/', '/etc/passwd', '../a', 'a/b', 'a/', 'a\0', '\0', 'a\nb'].map((name) => `C0644 5 ${name}`),
    ...['.', '..', '/', 'a/b', 'a\0b'].map((name) => `D0755 0 ${name}`),
    ...['T1', 'T1 0', 'T1 0 1', 'T-1 0 1 0', 'T1 0 1 0 ', 'T1e9 0 1 0', 'T9999999999999 0 1 0'],
  ])('is refused: %j (C15)', (text) => {
    expect(() => parsed(text)).toThrow(expect.objectContaining({ name: 'UserError', code: 'scp-broken' }));
  });

  it('is quoted without its escapes, and not at length, when it is refused', () => {
    let message = '';
    try {
      parsed(`\x1b[2J\x9b31m\x07${'x'.repeat(10_000)}`);
    } catch (error) {
      message = String(error);
    }

    expect(message).toMatch(/^UserError: it does not keep to the SCP protocol: "[^\x00-\x1f\x7f-\x9f]*x…"$/);
    expect(message.length).toBeLessThan(200);
  });

  it('of any bytes is one of those, or a typed error (PT03)', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 60 }).map((some) => Buffer.from(some)),
      fc
        .tuple(
          fc.constantFrom('C0644 ', 'D0755 ', 'T', 'E', '\x01'),
          fc.string({ unit: fc.constantFrom(...'0123456789 ./\0-ax') }),
        )
        .map(([start, rest]) => Buffer.from(start + rest)),
    );

    fc.assert(
      fc.property(bytes, (record) => {
        const result = attempt(() => parseScpRecord(record));

        if (result instanceof UserError) return result.code === 'scp-broken';
        if ('name' in result && (/[/\0\n]/.test(result.name) || ['', '.', '..'].includes(result.name))) return false;
        if (result.kind === 'file') return Number.isSafeInteger(result.bytes) && result.bytes >= 0;
        if (result.kind === 'times') return Number.isFinite(result.modifiedAt.getTime());
        return true;
      }),
      { numRuns: 1000 },
    );
  });

  it('names the file that was meant, whatever its name (PT03)', () => {
    const name = fc
      .string({ unit: 'binary', minLength: 1 })
      .filter((text) => !/[/\0\n]/.test(text) && text !== '.' && text !== '..' && !text.includes('\ufffd'));

    fc.assert(
      fc.property(name, fc.maxSafeNat(), fc.integer({ min: 0, max: 0o7777 }), (text, bytes, mode) => {
        const record = `C${mode.toString(8).padStart(4, '0')} ${bytes} ${text}`;

        expect(parseScpRecord(Buffer.from(record))).toEqual({ kind: 'file', bytes, name: text });
      }),
    );
  });

  it('with one byte changed is refused or another one, but for the mode, which does not count (PT03)', () => {
    const valid = Buffer.from('C0644 1234 system.log');

    fc.assert(
      fc.property(fc.nat(valid.length - 1), fc.integer({ min: 0, max: 255 }), (at, byte) => {
        const record = Buffer.from(valid);
        record[at] = byte;

        const result = attempt(() => parseScpRecord(record));

        const isSame = !(result instanceof UserError) && isDeepStrictEqual(result, parseScpRecord(valid));
        const isMode = at > 0 && at < 5 && result instanceof Error === false;
        expect(isSame).toBe(isMode || byte === valid[at]);
      }),
      { numRuns: 1000 },
    );
  });
});

function attempt<T>(work: () => T): T | UserError {
  try {
    return work();
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
}

type Piece = { take: number } | { line: number };

describe('a reader of bytes', () => {
  it('gives lines and bytes as they are asked for', async () => {
    const reader = readerOf(['C0644 5 a', '\nhel', '', 'lo\0', '\n', 'rest']);

    expect(String(await reader.line(100))).toBe('C0644 5 a');
    expect(String(await reader.some(5))).toBe('hel');
    expect(String(await reader.some(2))).toBe('lo');
    expect(await reader.some(1)).toEqual(Buffer.from('\0'));
    expect(String(await reader.line(1))).toBe('');
    expect(await reader.line(100)).toBeUndefined();
    expect(await reader.some(1)).toBeUndefined();
  });

  it('stops looking for the end of a line where it was told to', async () => {
    let read = 0;
    async function* endless() {
      for (;;) {
        read += 1000;
        yield Buffer.alloc(1000, 'x');
      }
    }

    const line = await readBytes(endless()).line(8192);

    expect(line).toBeUndefined();
    expect(read).toBeLessThanOrEqual(9000);
  });

  it('has the line that ends with its last allowed byte, and none that is a byte longer', async () => {
    expect(String(await readerOf(['1234\n']).line(5))).toBe('1234');
    expect(await readerOf(['1234\n']).line(4)).toBeUndefined();
  });

  it('passes on why the bytes do not come', async () => {
    const reason = new Error('lost');
    async function* broken() {
      yield Buffer.from('he');
      throw reason;
    }
    const reader = readBytes(broken());

    expect(String(await reader.some(5))).toBe('he');
    await expect(reader.line(5)).rejects.toBe(reason);
  });

  it('does not depend on the pieces the bytes come in (PT09)', async () => {
    const bytes = fc
      .array(fc.constantFrom(...'abc\n\0'), { maxLength: 60 })
      .map((characters) => Buffer.from(characters.join('')));
    const wishes = fc.array(
      fc.oneof(
        fc.record({ take: fc.integer({ min: 1, max: 20 }) }),
        fc.record({ line: fc.integer({ min: 1, max: 20 }) }),
      ),
      { maxLength: 12 },
    );

    await fc.assert(
      fc.asyncProperty(
        bytes,
        fc.array(fc.integer({ min: 0, max: 9 })),
        wishes,
        async (stream, sizes, wanted: Piece[]) => {
          const inPieces = await told(readBytes(split(stream, sizes)), wanted);
          const atOnce = await told(readBytes(split(stream, [stream.length])), wanted);

          expect(inPieces).toEqual(atOnce);
        },
      ),
      { numRuns: 400 },
    );
  });
});

function readerOf(texts: readonly string[]): ByteReader {
  return readBytes(
    (async function* () {
      for (const text of texts) yield Buffer.from(text, 'latin1');
    })(),
  );
}

async function* split(bytes: Buffer, sizes: readonly number[]): AsyncGenerator<Buffer> {
  let at = 0;
  for (const size of sizes) {
    yield bytes.subarray(at, at + size);
    at += size;
  }
  yield bytes.subarray(at);
}

/** What a reader gives for a row of wishes: so many bytes, or a line. */
async function told(reader: ByteReader, wishes: readonly Piece[]): Promise<(string | undefined)[]> {
  const answers: (string | undefined)[] = [];
  for (const wish of wishes)
    answers.push('line' in wish ? await lineOf(reader, wish.line) : await take(reader, wish.take));
  return answers;
}

async function lineOf(reader: ByteReader, atMost: number): Promise<string | undefined> {
  return (await reader.line(atMost))?.toString('latin1');
}

async function take(reader: ByteReader, count: number): Promise<string> {
  let text = '';
  while (text.length < count) {
    const bytes = await reader.some(count - text.length);
    if (bytes === undefined) break;
    expect(bytes.length).toBeGreaterThan(0);
    text += bytes.toString('latin1');
  }
  return text;
}
