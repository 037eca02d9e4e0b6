import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { firstTime, type PartTimes, partsOutside } from '../../src/logs/overlap.ts';

const at = (time: string) => new Date(`2026-11-${time}:00Z`);
const window = { since: at('20T09:30'), until: at('20T10:30') };

/** Files of a log, oldest first: when each begins, and when it was last written to. */
function parts(...times: (readonly [first: string | undefined, modifiedAt: string | undefined])[]): PartTimes[] {
  return times.map(([first, modifiedAt], index) => ({
    name: `part ${index}`,
    first: first === undefined ? undefined : at(first),
    modifiedAt: modifiedAt === undefined ? undefined : at(modifiedAt),
  }));
}

function outside(...times: Parameters<typeof parts>): string[] {
  return [...partsOutside(parts(...times), window)];
}

describe('the files of a log that a window does not need', () => {
  it('are those before and after it', () => {
    expect(
      outside(
        ['18T00:00', '19T00:00'],
        ['19T00:00', '20T00:00'],
        ['20T00:00', '20T12:00'],
        ['20T12:00', '20T18:00'],
        ['20T18:00', '21T00:00'],
      ),
    ).toEqual(['part 0', 'part 1', 'part 4']);
  });

  it('are not those that end or begin within two hours of it', () => {
    expect(outside(['20T01:00', '20T08:00'], ['20T08:00', '20T12:00'], ['20T12:29', '20T20:00'])).toEqual([]);
    expect(outside(['20T01:00', '20T07:00'], ['20T07:00', '20T12:00'], ['20T12:31', '20T20:00'])).toEqual([
      'part 0',
      'part 2',
    ]);
  });

  it('are never told by their own time alone', () => {
    expect(outside([undefined, '01T00:00'], [undefined, '01T00:00'], ['20T09:00', '20T12:00'])).toEqual([]);
    expect(outside(['20T23:00', '20T10:00'])).toEqual([]);
  });

  it('are not those that were written to later than a newer one begins', () => {
    expect(outside(['18T00:00', '20T10:00'], ['19T00:00', '20T12:00'])).toEqual([]);
  });

  it('may lie behind one whose beginning cannot be read', () => {
    expect(outside(['17T00:00', '18T00:00'], [undefined, undefined], ['19T00:00', '20T12:00'])).toEqual([
      'part 0',
      'part 1',
    ]);
  });

  it('are none where the files are not in the order of their times', () => {
    expect(outside(['18T00:00', '19T00:00'], ['19T00:00', '19T02:00'], ['18T12:00', '20T12:00'])).toEqual([]);
  });

  it('never hold a line of it, whatever the lines and the cuts between files (PT08)', () => {
    const log = fc
      .array(fc.integer({ min: -3000, max: 3000 }), { minLength: 1, maxLength: 200 })
      .map((minutes) => minutes.sort((a, b) => a - b));
    const cuts = fc.array(fc.nat(200), { maxLength: 8 });
    fc.assert(
      fc.property(log, cuts, fc.array(fc.boolean(), { maxLength: 9 }), (minutes, cutAt, readable) => {
        const edges = [0, ...cutAt.map((cut) => cut % (minutes.length + 1)).sort((a, b) => a - b), minutes.length];
        const files = edges
          .slice(1)
          .map((end, index) => minutes.slice(edges[index], end))
          .filter((lines) => lines.length > 0);
        const instant = (minute: number) => new Date(window.since.getTime() + minute * 60_000);
        const known = files.map((lines, index) => ({
          name: `${index}`,
          first: readable[index] === false ? undefined : instant(lines[0] as number),
          modifiedAt: instant(lines.at(-1) as number),
        }));
        for (const name of partsOutside(known, window)) {
          expect(files[Number(name)]?.some((minute) => minute >= 0 && minute <= 60)).toBe(false);
        }
      }),
    );
  });
});

describe('the first time in the beginning of a file', () => {
  const cutting = { window, zone: 'UTC', readAt: at('21T00:00') };

  it.each([
    ['of its first line', '2026-11-20 09:00:00 one\n2026-11-20 09:01:00 two\n'],
    ['behind lines without one', '# a header\n\n2026-11-20T09:00:00Z one\n'],
    ['without a year, by when the file was written', 'Nov 20 09:00:00 host app: one\n'],
  ])('is that %s', (_what, text) => {
    expect(firstTime(Buffer.from(text), false, cutting)).toEqual(at('20T09:00'));
    expect(firstTime(gzipSync(text), true, cutting)).toEqual(at('20T09:00'));
  });

  it('is found in a packed file of which only the beginning is there', () => {
    const lines = Array.from({ length: 20_000 }, (_, index) => `2026-11-20 09:00:00 line ${Math.sin(index)}\n`);

    expect(firstTime(gzipSync(lines.join('')).subarray(0, 16_384), true, cutting)).toEqual(at('20T09:00'));
  });

  it('takes the year from when the file was written', () => {
    const text = Buffer.from('Dec 31 23:00:00 host app: one\n');
    const options = { ...cutting, writtenAt: new Date('2025-01-01T00:00:00Z') };

    expect(firstTime(text, false, options)).toEqual(new Date('2024-12-31T23:00:00Z'));
  });

  it.each([
    ['is no time in it', Buffer.from('nothing\nat all\n'), false],
    ['is only half a line', Buffer.from('2026-11-20 09:00:00 one'), false],
    ['is nothing', Buffer.alloc(0), true],
    ['cannot be unpacked', Buffer.from('no gzip'), true],
    ['unpacks without end', gzipSync(Buffer.alloc(4_000_000)), true],
  ])('is unknown where there %s', (_what, head, compressed) => {
    expect(firstTime(head, compressed, cutting)).toBeUndefined();
  });
});
