import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRedactor } from '../../src/redaction/redactor.ts';
import { type TextForm, textForm } from '../../src/redaction/text-form.ts';
import { split } from './redact.ts';

const wideForms = ['utf-16le', 'utf-16be'] as const;

function encode(text: string, form: TextForm): Buffer {
  const bytes = Buffer.from(text, 'utf16le');
  return form === 'utf-16be' ? bytes.swap16() : bytes;
}

function redactWide(chunks: readonly Buffer[], form: TextForm, known: readonly string[] = []): Buffer {
  const redactor = createRedactor({ known, form });
  return Buffer.concat([...chunks.flatMap((chunk) => [...redactor.push(chunk)]), ...redactor.end()]);
}

describe.each(wideForms)('a text in %s', (form) => {
  const text = (value: string) => `\ufeffåäö 密 😀\r\nLösenord: ${value}\r\npassword=${value} end\r\n`;
  const clean = '\ufeffåäö 密 😀\r\nLösenord: <redacted:password>\r\npassword=<redacted:password> end\r\n';

  it('loses its secrets and stays what it was, wherever chunks end (field-E03)', () => {
    const bytes = encode(text('sömmär2026'), form);

    for (const size of [1, 2, 3, 7, bytes.length]) {
      const parts = split(bytes, Array<number>(Math.ceil(bytes.length / size)).fill(size));
      expect(redactWide(parts, form).equals(encode(clean, form))).toBe(true);
    }
  });

  it('loses what is known (field-E03)', () => {
    expect(
      redactWide([encode('x pässwörd y', form)], form, ['pässwörd']).equals(encode('x <redacted:known> y', form)),
    ).toBe(true);
  });

  it('comes back byte for byte where nothing is masked: odd bytes, lone surrogates, marks (field-E03)', () => {
    const units = fc.array(
      fc.oneof(
        fc.constantFrom(0xd83d, 0xde00, 0xfeff, 10, 0, 0x7f, 0x80, 0x7ff, 0x800, 0xffff),
        fc.integer({ min: 128, max: 65_535 }),
      ),
    );

    fc.assert(
      fc.property(units, fc.boolean(), fc.array(fc.integer({ min: 1, max: 9 })), (all, isOdd, sizes) => {
        const bytes = Buffer.alloc(all.length * 2 + (isOdd ? 1 : 0), 0x41);
        for (const [index, unit] of all.entries()) bytes.writeUInt16LE(unit, index * 2);

        expect(redactWide(split(bytes, sizes), form).equals(bytes)).toBe(true);
      }),
    );
  });

  it('is known by its mark, or by its NULs (field-E03)', () => {
    expect(textForm(encode('\ufeff密', form))).toBe(form);
    expect(textForm(encode('password: x\r\n', form))).toBe(form);
    expect(textForm(encode('password: x\r\n', form), true)).toBe(form);
  });
});

describe('a file', () => {
  it('is a text of bytes, one of UTF-32, or none, by how it begins (I01, field-E03)', () => {
    expect(textForm(Buffer.from('plain caf\xe9', 'latin1'))).toBe('bytes');
    expect(textForm(Buffer.from('\ufeffwith a mark'))).toBe('bytes');
    expect(textForm(Buffer.alloc(0))).toBe('bytes');
    expect(textForm(Buffer.from('a\0b'))).toBeUndefined();
    expect(textForm(Buffer.from('a\0b'), true)).toBe('bytes');
    expect(textForm(Buffer.from([0xff, 0xfe, 0, 0, 0x70, 0, 0, 0]))).toBe('utf-32');
    expect(textForm(Buffer.from([0, 0, 0xfe, 0xff, 0, 0, 0, 0x70]))).toBe('utf-32');
  });

  it.each([
    'пароль: лето 2026\n',
    'κωδικός: καλοκαίρι\n',
    '密码：夏天 x\n',
    'הסיסמה היא: קיץ\n',
    '日志 😀 开始 1\n',
  ])('in UTF-16 or UTF-32 without a mark is known by its characters: %s (field-E03)', (line) => {
    const text = line.repeat(9);
    const quads = Buffer.concat(
      Array.from(text, (character) => {
        const bytes = Buffer.alloc(4);
        bytes.writeUInt32LE(character.codePointAt(0) ?? 0);
        return bytes;
      }),
    );

    for (const meant of [false, true]) {
      expect(textForm(encode(text, 'utf-16le'), meant)).toBe('utf-16le');
      expect(textForm(encode(text, 'utf-16be'), meant)).toBe('utf-16be');
      expect(textForm(quads, meant)).toBe('utf-32');
      expect(textForm(Buffer.from(quads).swap32(), meant)).toBe('utf-32');
    }
  });

  it.each([
    'plain text of a log\n',
    'пароль: лето 2026\n',
    '密码：夏天\n',
    'lösenordet är\n',
  ])('of bytes stays one when a crash left NULs in it: %s (field-E03)', (line) => {
    for (const nuls of [1, 3, 900]) {
      for (const before of [line.repeat(4), `${line.repeat(4)}x`]) {
        expect(textForm(Buffer.from(`${before}${'\0'.repeat(nuls)}${line.repeat(4)}`), true)).toBe('bytes');
      }
    }
    expect(textForm(Buffer.from(`${line.repeat(20)}\0${line.repeat(20)}`, 'latin1'), true)).toBe('bytes');
  });

  it('full of NULs that is in no form known is no text, so that nothing says it was masked (field-E03)', () => {
    const broken = encode(`\ud800\ue000 лето 2026 пароль ${'летом, зимой '.repeat(9)}`, 'utf-16le');

    expect(textForm(broken, true)).toBeUndefined();
    expect(
      textForm(Buffer.concat(Array.from({ length: 50 }, (_, index) => Buffer.from([index, 0, 200]))), true),
    ).toBeUndefined();
  });
});
