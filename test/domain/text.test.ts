import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { folded, nearest, printable, printableLine, withoutEscapes } from '../../src/domain/text.ts';

const piece = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom(
    '\x1b[31m',
    '\x1b[2J\x1b[H',
    '\x1b]0;title\x07',
    '\x1b]8;;http://evil\x1b\\',
    '\x1b]52;c;aGk=',
    '\x1bP1$q\x1b\\',
    '\x1b(B',
    '\x1bc',
    '\x1b',
    '\x9b31m',
    '\x9d0;t\x9c',
    '\r',
    '\r\n',
    '\n',
    '\t',
    '\0',
    '\x07',
    '\x08',
    '\x7f',
    '\x85',
    '\u061c',
    '\u200e',
    '\u202e',
    '\u2066',
  ),
);
const hostileText = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(''));

describe('text that a server chose', () => {
  it('shows no control, escape or bidi character', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const shown = printable(text);

        expect(shown).not.toMatch(/(?![\t\n])\p{Cc}/u);
        expect(shown).not.toMatch(/\p{Bidi_Control}/u);
      }),
      { numRuns: 3000 },
    );
  });

  it('is the same when it is made safe twice', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        expect(printable(printable(text))).toBe(printable(text));
      }),
    );
  });

  it.each([
    ['plain text, ÅÄÖ, 日本語, 😀', 'plain text, ÅÄÖ, 日本語, 😀'],
    ['\x1b[1;31mred\x1b[0m', 'red'],
    ['\x1b]0;title\x07shown', 'shown'],
    ['\x1b]8;;http://evil\x1b\\link\x1b]8;;\x1b\\', 'link'],
    ['one\r\ntwo\rthree\n', 'one\ntwo\nthree\n'],
    ['a\tb', 'a\tb'],
    ['a\0b', 'a\u{fffd}b'],
    ['\u202etxt.exe', '\u{fffd}txt.exe'],
  ])('%j is shown as %j', (text, shown) => {
    expect(printable(text)).toBe(shown);
  });

  it('loses its escapes and nothing else', () => {
    expect(withoutEscapes('a\x1b[31mb\x1b[0m\r\n\x00c')).toBe('ab\r\n\x00c');
  });

  it('is shown in linear time, whatever the escapes in it', () => {
    const text = '\x1b]'.repeat(20_000) + '\x1b['.repeat(20_000);

    const shown = printable(text);

    expect(shown).not.toContain('\x1b');
  }, 5_000);
});

describe('text in one line', () => {
  it('is one line of at most the length that was asked for', () => {
    fc.assert(
      fc.property(hostileText, fc.integer({ min: 1, max: 300 }), (text, length) => {
        const line = printableLine(text, length);

        expect(line.length).toBeLessThanOrEqual(length);
        expect(line).not.toMatch(/[\n\t\r\u2028\u2029]|^\s|\s$/);
        expect(line).not.toMatch(/\p{Cc}|\p{Bidi_Control}/u);
      }),
      { numRuns: 1000 },
    );
  });

  it('ends in an ellipsis when it was cut', () => {
    expect(printableLine('abcdef', 4)).toBe('abc…');
    expect(printableLine('abcd', 4)).toBe('abcd');
  });

  it('is never cut in the middle of a character', () => {
    const line = printableLine('😀😀😀', 4);

    expect(line).not.toMatch(/\p{Surrogate}/u);
  });
});

describe('a mistyped word', () => {
  it.each([
    ['appliance', 'appliances'],
    ['hostos', 'hostOs'],
    ['windwo', 'window'],
    ['esat', 'east'],
    ['eats', 'east'],
  ])('%s is nearest to %s', (word, expected) => {
    expect(nearest(word, ['organization', 'appliances', 'window', 'hostOs', 'helpdesk', 'east'])).toBe(expected);
  });

  it('has no nearest word where none is near', () => {
    expect(nearest('completely-else', ['organization', 'appliances'])).toBeUndefined();
    expect(nearest('word', [])).toBeUndefined();
  });
});

describe('a line that is folded', () => {
  it('keeps its words, within the columns, and longer ones whole', () => {
    expect(folded('one two three', 7)).toEqual(['one two', 'three']);
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[a-z]{1,12}$/), { minLength: 1 }), (words) => {
        const lines = folded(words.join(' '), 10);
        expect(lines.join(' ')).toBe(words.join(' '));
        for (const line of lines) expect(line.length <= 10 || !line.includes(' ')).toBe(true);
      }),
    );
  });
});
