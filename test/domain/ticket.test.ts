import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bundleMarker, parseTicketKey, referencePattern } from '../../src/domain/ticket.ts';

describe('a ticket number as people type it', () => {
  it.each([
    ['TIC-1234', 'TIC-1234'],
    ['tic-1234', 'TIC-1234'],
    ['Tic-1234', 'TIC-1234'],
    ['1234', 'TIC-1234'],
    [' TIC-1234\n', 'TIC-1234'],
    ['SUP-7', 'SUP-7'],
    ['sup-7', 'sup-7'],
    ['TICKET-7', 'TICKET-7'],
  ])('%j means %s', (text, key) => {
    expect(parseTicketKey(text)).toBe(key);
  });

  it.each([
    '',
    'TIC-',
    'TIC',
    'TIC-12a',
    'TIC--12',
    'TIC-pending',
    '-12',
    '../TIC-12',
    'TIC-12/..',
    'TIC 12',
    '7-12',
    '1234567890123',
    'TIC-1234567890123',
    'TIC-１２',
    'ABCDEFGHIJKLMNOPQ-1',
    '#1234',
  ])('%j is none', (text) => {
    expect(parseTicketKey(text)).toBeUndefined();
  });

  it('is always safe as the name of a folder, and read as itself again', () => {
    const texts = fc.oneof(
      fc.string(),
      fc.stringMatching(/^\s?[A-Za-z]{0,4}-?\d{0,13}\s?$/),
      fc.stringMatching(/^[tT][iI][cC]-\d{1,12}$/),
    );

    fc.assert(
      fc.property(texts, (text) => {
        const key = parseTicketKey(text);

        if (key === undefined) return;
        expect(key).toMatch(/^[A-Za-z][A-Za-z0-9]{0,15}-\d{1,12}$/);
        expect(parseTicketKey(key)).toBe(key);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('the marker of a bundle in a comment', () => {
  it('tells bundles apart by their hash', () => {
    const markers = ['a', 'b'].map((digit) => bundleMarker(digit.repeat(64)));

    expect(markers).toEqual(['[bundle aaaaaaaaaaaaaaaa]', '[bundle bbbbbbbbbbbbbbbb]']);
  });
});

describe('a reference', () => {
  it.each(['', 'a b', "a'b", 'a"b', 'a%b', 'a*b', 'a/b', 'ä', 'x'.repeat(65), 'a\n'])('is never %j', (text) => {
    expect(referencePattern.test(text)).toBe(false);
  });
});
