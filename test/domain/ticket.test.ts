import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bundleMarker, isTicketKey, parseTicketKey, referencePattern } from '../../src/domain/ticket.ts';

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
    ['#1234', 'TIC-1234'],
    ['A_B-7', 'A_B-7'],
    ['INC0010023', 'INC0010023'],
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
    'ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJKL-1',
    '#',
    '##1234',
    'a0',
    'COM1',
    'INC',
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
        expect(key).toMatch(/^[A-Za-z][A-Za-z0-9_]{0,30}(-\d{1,12})?$/);
        expect(parseTicketKey(key)).toBe(key);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('the key of a ticket', () => {
  it.each(['TIC-1', 'INC0010023', 'SUP-7', 'A_B-7', 'RT-123456789012'])('may be %s', (key) => {
    expect(isTicketKey(key)).toBe(true);
  });

  it.each([
    '',
    'TIC',
    '../TIC-1',
    'TIC-1/..',
    'TIC-1\n',
    '.',
    '..',
    '1234',
    '#1234',
    'com1',
    'LPT9',
    'TIC 1',
    'TIC-1.',
  ])('is never what is no safe name of a folder: %j', (key) => {
    expect(isTicketKey(key)).toBe(false);
  });

  it('has the prefix of its help desk', () => {
    const keys = ['7', '#7', 'rt-7', 'RT-7', 'SUP-7'].map((text) => parseTicketKey(text, 'RT'));

    expect(keys).toEqual(['RT-7', 'RT-7', 'RT-7', 'RT-7', 'SUP-7']);
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
