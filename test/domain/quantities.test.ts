import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatDuration, formatSize, parseDuration, parseSize } from '../../src/domain/quantities.ts';

describe('a duration', () => {
  it.each([
    ['30m', 1_800_000],
    ['1h30m', 5_400_000],
    ['90s', 90_000],
    ['1.5h', 5_400_000],
    ['2d', 172_800_000],
    ['250ms', 250],
    ['1m500ms', 60_500],
    ['-7m', -420_000],
    ['+7m', 420_000],
    [' 30m ', 1_800_000],
    ['0s', 0],
  ])('is read from %j', (text, ms) => {
    const found = parseDuration(text);

    expect(found).toBe(ms);
  });

  it.each([
    '',
    '30',
    'm',
    '30 m',
    '30x',
    '1h 30m',
    '--7m',
    '1e3s',
    '.5h',
    '30m!',
    'NaNs',
    '３０m',
    '30M',
  ])('is not read from %j', (text) => {
    const found = parseDuration(text);

    expect(found).toBeUndefined();
  });

  it('adds up its parts, whatever they are', () => {
    const part = fc.tuple(fc.nat(9999), fc.constantFrom('ms', 's', 'm', 'h', 'd'));
    const unitMs: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 4 }), (parts) => {
        const text = parts.map(([amount, unit]) => `${amount}${unit}`).join('');

        const expected = parts.reduce((sum, [amount, unit]) => sum + amount * (unitMs[unit] ?? Number.NaN), 0);
        expect(parseDuration(text)).toBe(expected);
      }),
    );
  });

  it.each([
    [0, '0.0 s'],
    [400, '0.4 s'],
    [9_949, '9.9 s'],
    [9_950, '10 s'],
    [12_000, '12 s'],
    [59_499, '59 s'],
    [59_600, '1 min'],
    [200_000, '3 min 20 s'],
    [3_599_600, '1 h'],
    [3_900_000, '1 h 5 min'],
    [-420_000, '7 min'],
  ])('of %d ms is shown as %j', (ms, text) => {
    const shown = formatDuration(ms);

    expect(shown).toBe(text);
  });
});

describe('a size', () => {
  it.each([
    ['25MB', 25_000_000],
    ['24MiB', 25_165_824],
    ['500', 500],
    ['500B', 500],
    ['1.5 kB', 1500],
    ['2gib', 2_147_483_648],
    ['1GB', 1_000_000_000],
    ['1KiB', 1024],
    [' 25mb ', 25_000_000],
  ])('is read from %j', (text, bytes) => {
    const found = parseSize(text);

    expect(found).toBe(bytes);
  });

  it.each([
    '',
    'MB',
    '-1',
    '25M',
    '25 MBytes',
    '25ib',
    '1e6',
    '0x10',
    'NaN',
    '25MB25MB',
    '1,5MB',
  ])('is not read from %j', (text) => {
    const found = parseSize(text);

    expect(found).toBeUndefined();
  });

  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1 kB'],
    [12_600, '13 kB'],
    [999_499, '999 kB'],
    [999_500, '1.0 MB'],
    [12_400_000, '12.4 MB'],
    [25_000_000, '25.0 MB'],
    [1_500_000_000, '1.50 GB'],
  ])('of %d bytes is shown as %j', (bytes, text) => {
    const shown = formatSize(bytes);

    expect(shown).toBe(text);
  });

  it('is shown so that it can be read back to within its last digit', () => {
    fc.assert(
      fc.property(fc.nat(Number.MAX_SAFE_INTEGER), (bytes) => {
        const back = parseSize(formatSize(bytes)) ?? Number.NaN;

        expect(Math.abs(back - bytes)).toBeLessThanOrEqual(Math.max(500, bytes * 0.05));
      }),
    );
  });
});
