import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLineStage } from '../../src/redaction/line-stage.ts';
import { createRedactor } from '../../src/redaction/redactor.ts';
import { redact, redactChunks, split } from './redact.ts';

const pieces = fc.constantFrom(
  ...[
    'password',
    'Password:',
    '=',
    ': ',
    ' ',
    '"',
    "'",
    '\\',
    '\n',
    '\r\n',
    'hunter2',
    'abc',
    'token',
    'secret',
    '&x=1',
    ',',
  ],
  ...[
    '-----BEGIN PRIVATE KEY-----',
    '-----END PRIVATE KEY-----',
    'MIIEpAIBAAKCAQEA',
    '\\n',
    '\x1b[0m',
    '\\u0070',
    '%70',
    ')',
  ],
  ...[
    'https://u:',
    '@h',
    'Authorization: ',
    'Bearer ',
    '<password>',
    '</password>',
    '\xe9',
    '2026-11-20 10:30:00 ',
    'é',
    '--psk ',
    '{',
  ],
  ...[
    '<redacted:password>',
    'aHVudGVyMg',
    'hun\nter2',
    'Cookie: ',
    'snmp community ',
    'set ',
    '****',
    'value',
    '%22',
    '-',
    '>',
  ],
);
const texts = fc.array(pieces, { maxLength: 30 }).map((all) => all.join(''));
const windowBytes = 64 * 1024;

describe('a text that is redacted', () => {
  it('is the same however the bytes arrive (I01, PT09)', () => {
    fc.assert(
      fc.property(texts, fc.array(fc.integer({ min: 1, max: 40 })), (text, sizes) => {
        const bytes = Buffer.from(text, 'latin1');
        const whole = redactChunks([bytes], ['hunter2']);

        expect(redactChunks(split(bytes, sizes), ['hunter2'])).toEqual(whole);
        expect(
          redactChunks(
            [...bytes].map((byte) => Buffer.from([byte])),
            ['hunter2'],
          ),
        ).toEqual(whole);
      }),
      { numRuns: 2000 },
    );
  });

  it('loses a known secret wherever chunks end (I01, PT09)', () => {
    const text = Buffer.from('sent hunter2 to aHVudGVyMg== and hun\nter2 too\n'.repeat(100));
    const whole = redactChunks([text], ['hunter2']);

    for (const size of [1, 2, 3, 7, 100, 250, 333]) {
      const sizes = Array<number>(Math.ceil(text.length / size)).fill(size);
      expect(redactChunks(split(text, sizes), ['hunter2'])).toEqual(whole);
    }
    expect(whole.counts).toEqual({ known: 300 });
  });

  it('stays as it is when it is redacted again (PT13)', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const once = redact(text, ['hunter2']);

        expect(redact(once, ['hunter2'])).toBe(once);
      }),
      { numRuns: 5000 },
    );
  });

  it.each([
    '-----BEGIN PRIVATE KEY-----password\r\n-----BEGIN PRIVATE KEY-----\npassword',
    '-----BEGIN PRIVATE KEY-----\nMIIEpAIBAAKCAQEA\nsecret -----BEGIN PRIVATE KEY-----MIIEpAIBAAKCAQEA\nabc',
  ])('has nothing of a key that begins within a key: %j (PT13)', (text) => {
    const once = redact(text);

    expect(once).not.toMatch(/password|MIIE|abc/);
    expect(redact(once)).toBe(once);
  });

  it('keeps its lines', () => {
    fc.assert(
      fc.property(texts, (text) => {
        expect(redact(text, ['hunter2']).split('\n')).toHaveLength(text.split('\n').length);
      }),
      { numRuns: 2000 },
    );
  });

  it('keeps bytes in which there is nothing to mask, without copying them', () => {
    const log = Buffer.from(`${'caf\xe9 \xff\x80 ordinary\r\n'.repeat(100)}no end`, 'latin1');

    const parts = [...createRedactor({ known: [] }).push(log)];

    expect(parts.every((part) => part.buffer === log.buffer)).toBe(true);
    expect(redactChunks([log]).clean.equals(log)).toBe(true);
  });

  it('does not swallow what a rule throws (I03)', () => {
    const throwing = {
      name: 'broken',
      anchors: ['x'],
      find() {
        throw new Error('broken');
      },
      replace: () => '',
    };

    expect(() => [...createLineStage([throwing], () => {}).push(Buffer.from('x\n'))]).toThrow('broken');
  });

  it('takes any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(redactChunks([Buffer.from(bytes)]).clean).toBeInstanceOf(Buffer);
      }),
    );
  });
});

describe('a line that is longer than a window', () => {
  it('loses a secret that lies across the seam of two windows, however the bytes arrive (I01, PT09)', () => {
    for (let shift = -40; shift <= 8; shift += 4) {
      for (const seam of [windowBytes, windowBytes - 4096, 2 * windowBytes - 4096]) {
        const filler = 'lorem ipsum '.repeat(20_000);
        const text = (value: string) =>
          `${filler.slice(0, seam + shift)} password=${value} ${filler.slice(0, 80_000)}\nnext\n`;
        const bytes = Buffer.from(text('hunter2'));

        const { clean } = redactChunks([bytes]);

        expect(clean.toString()).toBe(text('<redacted:password>'));
        expect(redactChunks(split(bytes, Array<number>(100).fill(5000))).clean.equals(clean)).toBe(true);
      }
    }
  });

  it.each([
    ['quotes', 'password="', '"', '<redacted:password>'],
    ['a token', 'password=', ' ', '<redacted:password>'],
    ['a key in one line', '-----BEGIN PRIVATE KEY-----', '-----END PRIVATE KEY-----', '<redacted:pem-block>'],
  ])('loses a secret that is longer than that: %s (I01)', (_, before, after, masked) => {
    const text = (value: string) => `x ${before}${value}${after} y ${'z'.repeat(70_000)}\nnext\n`;
    const bytes = Buffer.from(text('Ab'.repeat(150_000)));

    const { clean } = redactChunks([bytes]);

    expect(clean.toString()).toBe(text(masked));
    expect(redactChunks(split(bytes, Array<number>(400).fill(999))).clean.equals(clean)).toBe(true);
  });

  it('loses its secrets when most of it are colour codes (I01)', () => {
    const text = `${'\x1b[0m'.repeat(50_000)}pass\x1b[0mword=hunter2 ${'\x1b[0m'.repeat(50_000)}\n`;

    expect(redact(text)).not.toContain('hunter2');
  });
});

describe('hostile text', () => {
  const size = 10_000_000;

  it.each([
    'a',
    'a.',
    '1.',
    'password=',
    'password',
    '"',
    '\\"',
    '-----BEGIN ',
    '-----BEGIN PRIVATE KEY-----',
    'password: "',
    'password=\\',
    'eyJ',
    'eyJa.',
    '://a:',
    '<password ',
    'Authorization: ',
    '\x1b[',
    '\x1b[0m',
    '\x1b]',
    '%70',
    '\\u0070',
    'Bearer ',
    'pass_',
    'password for ',
    ' password ',
    'hunter',
    '<redacted:',
    'password:\n',
    'password=a&',
    '-----BEGIN PRIVATE KEY-----\n',
  ])('takes no longer than other text: %j (I03, PT13)', (piece) => {
    const text = Buffer.from(piece.repeat(Math.ceil(size / piece.length)));

    const { clean } = redactChunks([text], ['hunter2']);

    expect(clean.length).toBeGreaterThan(0);
  });
});
