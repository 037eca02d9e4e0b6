import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gunzipped } from '../../src/collectors/gunzip.ts';

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

type Unpacked = { content: Buffer; tail: string | undefined; failure: string | undefined };

async function unpack(packed: Buffer, pieceBytes = 64 * 1024): Promise<Unpacked> {
  const parts: Buffer[] = [];
  let tail: string | undefined;
  let failure: string | undefined;
  try {
    for await (const part of gunzipped(inPieces(packed, pieceBytes), (text) => {
      tail = text;
    }))
      parts.push(part);
  } catch (error) {
    failure = error instanceof Error ? error.message : String(error);
  }
  return { content: Buffer.concat(parts), tail, failure };
}

/** What the real `gzip -dc` makes of it: status 1 is an error, 2 a warning. */
function gzipDc(packed: Buffer): { content: Buffer; status: number | null } {
  const { stdout, status } = spawnSync('gzip', ['-dc'], { input: packed, maxBuffer: 64 * 1024 * 1024 });
  return { content: stdout, status };
}

const lines = Buffer.from(
  Array.from({ length: 20_000 }, (_, n) => `2026-11-28 12:00:00.${n} INFO something ${(n * 7919) % 10_007}\n`).join(''),
);
const one = gzipSync(lines);
const two = gzipSync(randomBytes(100_000));

describe('a packed file gives what gzip itself would give', () => {
  it.each<[what: string, packed: Buffer]>([
    ['two members', Buffer.concat([one, two])],
    ['zeros behind it', Buffer.concat([one, Buffer.alloc(5000)])],
    ['garbage behind it', Buffer.concat([one, Buffer.from('garbage that is no gzip')])],
    ['one byte behind it that begins like a member', Buffer.concat([one, Buffer.from([0x1f])])],
    ['zeros, and then garbage', Buffer.concat([one, Buffer.alloc(600), Buffer.from('x')])],
    ['a second member that is cut', Buffer.concat([one, two.subarray(0, 50_000)])],
    ['a second member of nothing but its magic bytes', Buffer.concat([one, two.subarray(0, 2)])],
    ['a second member of an unknown method', Buffer.concat([one, Buffer.from([0x1f, 0x8b, 7, 0, 0, 0, 0, 0, 0, 3])])],
    ['a trailer that is cut', one.subarray(0, -3)],
    ['a CRC that differs', changed(one, one.length - 8)],
    ['a size that differs', changed(one, one.length - 1)],
    ['damage in the middle', changed(one, one.length >> 1)],
    ['text', Buffer.from('tar: /var: Cannot open: Permission denied\n')],
    ['nothing', Buffer.alloc(0)],
  ])('of a file with %s (field-B08)', async (_what, packed) => {
    const theirs = gzipDc(packed);

    const ours = await unpack(packed);

    expect(ours.content.subarray(0, theirs.content.length).equals(theirs.content)).toBe(true);
    expect(ours.failure !== undefined).toBe(theirs.status === 1);
    expect(ours.tail !== undefined).toBe(theirs.status === 2);
  });

  it('cut or changed anywhere, in pieces of any size (field-B08)', async () => {
    const small = Buffer.concat([gzipSync(lines.subarray(0, 3000)), gzipSync(randomBytes(200)), Buffer.alloc(20)]);
    const where = fc.integer({ min: 0, max: small.length - 1 });
    await fc.assert(
      fc.asyncProperty(where, fc.boolean(), fc.integer({ min: 1, max: 4000 }), async (at, cuts, pieceBytes) => {
        const packed = cuts ? small.subarray(0, at) : changed(small, at);
        const theirs = gzipDc(packed);

        const ours = await unpack(packed, pieceBytes);

        expect(ours.failure !== undefined).toBe(theirs.status === 1);
        if (cuts) expect(ours.content.subarray(0, theirs.content.length).equals(theirs.content)).toBe(true);
        else expect(theirs.content.length - ours.content.length).toBeLessThan(32 * 1024);
      }),
      { numRuns: 150, endOnFailure: true },
    );
  });
});

describe('a packed file', () => {
  it('that is damaged says so after all that came before it (field-B08)', async () => {
    const { content, failure } = await unpack(Buffer.concat([one, two.subarray(0, 60_000)]));

    expect(content.length).toBeGreaterThan(lines.length + 50_000);
    expect(failure).toBe('unexpected end of file: the gzip data is cut in its member 2');
  });

  it('with header fields of every kind is unpacked', async () => {
    const header = Buffer.from([0x1f, 0x8b, 8, 2 | 4 | 8 | 16, 0, 0, 0, 0, 0, 3]);
    const fields = Buffer.concat([Buffer.from([3, 0]), Buffer.from('xyzname\0comment\0'), Buffer.from([0, 0])]);

    const { content, failure } = await unpack(Buffer.concat([header, fields, one.subarray(10)]), 701);

    expect(failure).toBeUndefined();
    expect(content.equals(lines)).toBe(true);
  });

  it('of thousands of small members takes no time to speak of', async () => {
    const member = gzipSync('x');

    const { content } = await unpack(Buffer.concat(Array.from({ length: 3000 }, () => member)));

    expect(content.length).toBe(3000);
  });
});

function changed(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at] = (copy[at] ?? 0) ^ 0x41;
  return copy;
}
