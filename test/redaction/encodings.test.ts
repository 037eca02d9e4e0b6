import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { redact } from './redact.ts';

const password = '<redacted:password>';

/** The encodings in which a known secret is found. */
const encoders: Record<string, (secret: string) => string> = {
  plain: (secret) => secret,
  base64: (secret) => Buffer.from(secret, 'latin1').toString('base64').replace(/=+$/, ''),
  'base64 behind a user': (secret) => Buffer.from(`bob:${secret}`, 'latin1').toString('base64'),
  url: (secret) => encodeURIComponent(secret),
  'url, every character': (secret) => bytesOf(secret, (hex) => `%${hex}`),
  hex: (secret) => bytesOf(secret, (hex) => hex),
  'HEX:WITH:COLONS': (secret) => bytesOf(secret, (hex) => hex.toUpperCase()).replace(/..(?=.)/g, '$&:'),
  json: (secret) => JSON.stringify(secret).slice(1, -1),
  'json, every character': (secret) => bytesOf(secret, (hex) => `\\u00${hex}`),
  xml: (secret) => secret.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`),
};

function bytesOf(secret: string, write: (hex: string) => string): string {
  return [...Buffer.from(secret, 'latin1')].map((byte) => write(byte.toString(16).padStart(2, '0'))).join('');
}

const printable = fc.string({
  unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)),
  minLength: 6,
  maxLength: 24,
});
const secrets = printable.filter(
  (secret) => !/^\d+$|redacted|known/.test(secret) && !'<redacted:known>'.includes(secret),
);

describe('a secret that is written in another way', () => {
  it.each([
    ['pass\x1b[0mword: x1', `password: ${password}`],
    ['\x1b[1mpassword\x1b[0m=\x1b[31mhun\x1b[32mter2\x1b[0m end', `password=${password} end`],
    ['\x1b]0;title\x07password=x1', `password=${password}`],
    ['{"\\u0070assword":"x1"}', `{"password":"${password}"}`],
    ['password\\u003dx1', `password=${password}`],
    ['?%70assword=x1&y=2', `?password=${password}&y=2`],
    ['?p%61ss%77ord%3Dx1', `?password%3D${password}`],
  ])('is masked with colour codes or escapes run through it (I01): %j', (line, masked) => {
    expect(redact(`${line}\n`)).toBe(`${masked}\n`);
  });

  it('leaves a line with escapes as it is when nothing is found in it', () => {
    const text = '\x1b[31mred\x1b[0m \\u0070 %70 password\x1b[0m changed\n';

    expect(redact(text)).toBe(text);
  });

  it.each(Object.keys(encoders))('is masked when it is known: %s (I01)', (name) => {
    const secret = 'Tr0ub"4d\\or&3/+';
    const written = encoders[name]?.(secret) ?? '';

    const clean = redact(`2026-11-20 10:30:00 sent ${written} to host\n`, [secret]);

    expect(clean).not.toContain(written);
    expect(clean).toContain('<redacted:known>');
    expect(clean).toMatch(/^2026-11-20 10:30:00 sent .* to host\n$/);
  });

  it('is masked when it is known and a terminal broke it, whose line ends stay (I01)', () => {
    expect(redact('echo hun\r\nter2 done\n', ['hunter2'])).toBe('echo <redacted:known>\r\n done\n');
    expect(redact('echo aHVu\ndGVy\nMg== done\n', ['hunter2'])).toBe('echo <redacted:known>\n\n done\n');
    expect(redact('hun\x1b[0mter2\n', ['hunter2'])).toBe('<redacted:known>\n');
  });

  it('is masked when it is known and not ASCII', () => {
    const secret = 'pässwörd€';
    const utf8 = Buffer.from(secret).toString('latin1');

    for (const written of [utf8, encodeURIComponent(secret), '\\u0070\\u00e4ssw\\u00f6rd\\u20ac']) {
      expect(redact(`x ${written} y`, [secret])).toBe('x <redacted:known> y');
    }
    expect(redact('x p\xe4ss y', ['p\xe4ss'])).toBe('x <redacted:known> y');
  });

  it('is not looked for when it is too short to be told from other text', () => {
    expect(redact('2026-11-20 abc 1234\n', ['abc', '2026', '', '1234'])).toBe('2026-11-20 abc 1234\n');
  });

  it('is masked as the longer of two that are known', () => {
    expect(redact('x hunter2hunter3 y', ['hunter2', 'hunter2hunter3'])).toBe('x <redacted:known> y');
  });

  it('is in no listed encoding afterwards, wherever it stood (I01, PT13)', () => {
    const around = fc.constantFrom(
      '',
      ' ',
      '\n',
      'password=',
      '"',
      '{"x":"',
      '&y=',
      '\x1b[0m',
      '://u:',
      '@h',
      '<',
      '-',
    );

    fc.assert(
      fc.property(
        secrets,
        fc.array(fc.tuple(around, fc.constantFrom(...Object.keys(encoders)), around)),
        (secret, pieces) => {
          const text = pieces
            .map(([before, name, after]) => before + (encoders[name]?.(secret) ?? '') + after)
            .join(' ');

          const clean = redact(text, [secret]);

          for (const encode of Object.values(encoders)) expect(clean).not.toContain(encode(secret));
        },
      ),
      { numRuns: 500 },
    );
  });
});
