import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseWeek, weekAfter, weekAt, weekName, weekSpan, weekTitle } from '../../src/domain/week.ts';
import { formatLocal } from '../../src/domain/zone.ts';

describe('a week as ISO 8601 counts it', () => {
  it.each([
    ['2026-W53', 'week 53 (28 December 2026 – 3 January 2027)'],
    ['2027-W01', 'week 1 (4–10 January 2027)'],
    ['2026-W01', 'week 1 (29 December 2025 – 4 January 2026)'],
    ['2026-W47', 'week 47 (16–22 November 2026)'],
    ['2026-W44', 'week 44 (26 October – 1 November 2026)'],
  ])('%s is %s', (name, title) => {
    const week = parseWeek(name);

    expect(week && weekTitle(week)).toBe(title);
  });

  it.each([
    '2027-W53',
    '2026-W00',
    '2026-W54',
    '2026-47',
    'W47',
    '2026-W7',
    '',
    '0000-W01',
  ])('there is no week %j', (text) => {
    expect(parseWeek(text)).toBeUndefined();
  });

  it.each([
    ['Europe/Stockholm', '2026-W13', 167],
    ['Europe/Stockholm', '2026-W43', 169],
    ['Europe/Stockholm', '2026-W47', 168],
    ['America/St_Johns', '2026-W10', 167],
    ['America/St_Johns', '2026-W44', 169],
    ['Australia/Lord_Howe', '2026-W14', 168.5],
  ])('in %s %s has %d hours', (zone, name, hours) => {
    const { from, until } = weekSpan(parseWeek(name) ?? { year: 0, week: 0 }, zone);

    expect((until.getTime() - from.getTime()) / 3_600_000).toBe(hours);
    expect([from, until].map((at) => formatLocal(at, zone).slice(11))).toEqual(['00:00', '00:00']);
  });

  it('has every instant in exactly one week, and weeks follow each other without a gap', () => {
    const zones = fc.constantFrom('UTC', 'Europe/Stockholm', 'America/St_Johns', 'Asia/Beirut', 'Pacific/Apia');
    const instants = fc.date({ min: new Date('1999-01-01'), max: new Date('2040-01-01'), noInvalidDate: true });
    fc.assert(
      fc.property(zones, instants, (zone, at) => {
        const week = weekAt(at, zone);
        const { from, until } = weekSpan(week, zone);
        expect(from <= at && at < until).toBe(true);
        expect(weekSpan(weekAfter(week, 1), zone).from).toEqual(until);
        expect(parseWeek(weekName(week))).toEqual(week);
        expect(weekName(weekAfter(week, 1)) > weekName(week)).toBe(true);
      }),
    );
  });
});
