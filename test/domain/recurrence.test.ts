import { describe, expect, it } from 'vitest';
import { nextSpans, parseRecurrence, spanAt } from '../../src/domain/recurrence.ts';

/** The next spans after a time, in UTC. */
function next(text: string, zone: string, at: string, count = 2): string[] {
  const recurrence = parseRecurrence(text);
  if (recurrence === undefined) throw new Error(`not read: ${text}`);
  return nextSpans(recurrence, zone, new Date(at), count).map(
    ({ from, until }) => `${from.toISOString().slice(0, 16)}/${until.toISOString().slice(0, 16)}`,
  );
}

describe('hours that come again', () => {
  it.each([
    ['Sun 02:00-04:00', { days: [0], from: 120, until: 240 }],
    ['2nd Tue 20:00-23:00', { days: [2], nth: 2, from: 1200, until: 1380 }],
    ['last Sun 22:00-03:00', { days: [0], nth: 'last', from: 1320, until: 180 }],
  ])('are read: %s', (text, expected) => {
    expect(parseRecurrence(text)).toEqual(expected);
  });

  it.each([
    '',
    'Sun',
    '02:00-04:00',
    '2nd Mon-Fri 02:00-04:00',
    '6th Sun 02:00-04:00',
    'Sun 02:00-02:00',
    'every Sun 02:00-04:00',
  ])('are refused: %j', (text) => {
    expect(parseRecurrence(text)).toBeUndefined();
  });

  it('are each week, over midnight too, by the clocks of their zone', () => {
    expect(next('Sun 02:00-04:00', 'Europe/Stockholm', '2026-11-20T10:00:00Z')).toEqual([
      '2026-11-22T01:00/2026-11-22T03:00',
      '2026-11-29T01:00/2026-11-29T03:00',
    ]);
    expect(next('Sat 22:00-03:00', 'America/St_Johns', '2026-11-20T10:00:00Z', 1)).toEqual([
      '2026-11-22T01:30/2026-11-22T06:30',
    ]);
  });

  it('are once a month: the second Tuesday, the last Sunday, a fifth Monday only where there is one', () => {
    expect(next('2nd Tue 20:00-23:00', 'UTC', '2026-11-11T00:00:00Z')).toEqual([
      '2026-12-08T20:00/2026-12-08T23:00',
      '2027-01-12T20:00/2027-01-12T23:00',
    ]);
    expect(next('last Sun 01:00-03:00', 'UTC', '2026-11-20T00:00:00Z', 1)).toEqual([
      '2026-11-29T01:00/2026-11-29T03:00',
    ]);
    expect(next('5th Mon 01:00-03:00', 'UTC', '2026-12-01T00:00:00Z', 1)).toEqual([
      '2027-03-29T01:00/2027-03-29T03:00',
    ]);
  });

  it('begin at the change where their beginning is skipped, and end at the second of an hour that comes twice (W37)', () => {
    expect(next('Sun 02:30-04:00', 'Europe/Stockholm', '2026-03-28T10:00:00Z', 1)).toEqual([
      '2026-03-29T01:00/2026-03-29T02:00',
    ]);
    expect(next('Sun 02:00-02:30', 'Europe/Stockholm', '2026-10-24T10:00:00Z', 1)).toEqual([
      '2026-10-25T00:00/2026-10-25T01:30',
    ]);
    expect(next('Sun 02:00-02:15', 'Australia/Lord_Howe', '2026-10-03T00:00:00Z', 1)).toEqual([
      '2026-10-10T15:00/2026-10-10T15:15',
    ]);
  });

  it('are on the leap day where that is one of them (W37)', () => {
    expect(next('5th Tue 10:00-11:00', 'UTC', '2028-02-01T00:00:00Z', 1)).toEqual([
      '2028-02-29T10:00/2028-02-29T11:00',
    ]);
  });

  it('are not a minute longer than said: the first instant is in, the last one is not', () => {
    const recurrence = parseRecurrence('Sun 02:00-04:00');
    const isIn = (at: string) => recurrence !== undefined && spanAt(recurrence, 'UTC', new Date(at)) !== undefined;

    expect(
      ['2026-11-22T01:59:59Z', '2026-11-22T02:00:00Z', '2026-11-22T03:59:59Z', '2026-11-22T04:00:00Z'].map(isIn),
    ).toEqual([false, true, true, false]);
  });
});
