import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapeRegExp, shellWord } from '../../src/domain/quoting.ts';

describe('a word of a command', () => {
  it('arrives as it is, whatever it holds', () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }).filter((word) => !word.includes('\0'));
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 30 }), (words) => {
        const command = `printf '%s\\0' ${words.map(shellWord).join(' ')}`;
        expect(execFileSync('sh', ['-c', command]).toString().split('\0').slice(0, -1)).toEqual(words);
      }),
      { numRuns: 40 },
    );
  });

  it.each([
    ['/etc/icepack.yaml', '/etc/icepack.yaml'],
    ['sftp://user@example.com:22/in', 'sftp://user@example.com:22/in'],
    ['a~b', 'a~b'],
    ['~/a', "'~/a'"],
    ["it's", `'it'\\''s'`],
    ['', "''"],
  ])('has quotes only where it needs them: %s', (word, quoted) => {
    expect(shellWord(word)).toBe(quoted);
  });
});

describe('a text in a regular expression', () => {
  it('matches itself and nothing else', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (text, other) => {
        const expression = new RegExp(`^${escapeRegExp(text)}$`);
        expect(expression.test(text)).toBe(true);
        expect(expression.test(other)).toBe(text === other);
      }),
    );
  });
});
