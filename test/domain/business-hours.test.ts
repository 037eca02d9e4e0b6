import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BusinessHours, isBusiness, parseDateRange, parseWeeklyHours } from '../../src/domain/business-hours.ts';
import { localTime } from '../../src/domain/zone.ts';

function hours(zone: string, on: string[], except: string[] = []): BusinessHours {
  return {
    zone,
    on: on.map((text) => parseWeeklyHours(text) ?? expect.fail(text)),
    except: except.map((text) => parseDateRange(text) ?? expect.fail(text)),
  };
}

const stockholm = 'Europe/Stockholm';
const usual = hours(stockholm, ['Mon-Fri 08:00-17:00'], ['2026-12-24..2026-12-26', '2027-01-01']);
const at = (text: string, given: BusinessHours) => isBusiness(new Date(text), given);

describe('hours of the week', () => {
  it.each([
    ['Mon-Fri 08:00-17:00', { days: [1, 2, 3, 4, 5], from: 480, until: 1020 }],
    ['Sat,Sun 10:00-12:30', { days: [6, 0], from: 600, until: 750 }],
    ['Fri-Mon 00:00-24:00', { days: [5, 6, 0, 1], from: 0, until: 1440 }],
    ['Mon-Wed,Wed,Fri 22:00-06:00', { days: [1, 2, 3, 5], from: 1320, until: 360 }],
  ])('%s is read', (text, read) => {
    expect(parseWeeklyHours(text)).toEqual(read);
  });

  it.each([
    'Mon-Fri',
    '08:00-17:00',
    'Monday 08:00-17:00',
    'Mon-Fri-Sun 08:00-17:00',
    'Mon, 08:00-17:00',
    'Mon 8:00-17:00',
    'Mon 08:60-17:00',
    'Mon 08:00-24:01',
    'Mon 24:00-06:00',
    'Mon 08:00-08:00',
    'Mon 08:00-17:00 12:00-13:00',
  ])('%s is refused', (text) => {
    expect(parseWeeklyHours(text)).toBeUndefined();
  });

  it('takes single dates and ranges of them, and no others', () => {
    expect(parseDateRange('2026-12-24')).toEqual({ first: '2026-12-24', last: '2026-12-24' });
    expect(parseDateRange('2026-12-24..2026-12-26')).toEqual({ first: '2026-12-24', last: '2026-12-26' });
    const wrong = [
      '2026-02-29',
      '2026-12-26..2026-12-24',
      '24.12.2026',
      '2026-12-24..',
      '2026-1-1..2026-2-1..2026-3-1',
    ];
    expect(wrong.filter((text) => parseDateRange(text) !== undefined)).toEqual([]);
  });
});

describe('business hours', () => {
  it('begin with their first minute and end before their last, in their own zone', () => {
    expect(at('2026-11-20T06:59:59Z', usual)).toBe(false);
    expect(at('2026-11-20T07:00:00Z', usual)).toBe(true);
    expect(at('2026-11-20T15:59:59Z', usual)).toBe(true);
    expect(at('2026-11-20T16:00:00Z', usual)).toBe(false);
    expect(at('2026-11-21T09:00:00Z', usual)).toBe(false); // a Saturday
  });

  it('are not on the days that are excepted', () => {
    expect(at('2026-12-23T12:00:00Z', usual)).toBe(true);
    expect(at('2026-12-24T12:00:00Z', usual)).toBe(false);
    expect(at('2026-12-25T12:00:00Z', usual)).toBe(false);
    expect(at('2026-12-28T12:00:00Z', usual)).toBe(true);
    expect(at('2027-01-01T12:00:00Z', usual)).toBe(false);
  });

  it('go over midnight, from Saturday to Sunday as well; a day that is excepted is so from its midnight', () => {
    const nights = hours(stockholm, ['Fri,Sat 22:00-06:00'], ['2026-11-22']);

    expect(at('2026-11-20T20:59:00Z', nights)).toBe(false);
    expect(at('2026-11-20T21:00:00Z', nights)).toBe(true);
    expect(at('2026-11-21T04:59:00Z', nights)).toBe(true);
    expect(at('2026-11-21T05:00:00Z', nights)).toBe(false);
    expect(at('2026-11-21T22:59:00Z', nights)).toBe(true);
    expect(at('2026-11-21T23:00:00Z', nights)).toBe(false); // Sunday the 22nd
    expect(at('2026-11-29T04:59:00Z', nights)).toBe(true);
  });

  it('may be several on one day', () => {
    const split = hours('UTC', ['Mon-Fri 08:00-12:00', 'Mon-Fri 13:00-17:00', 'Sat 09:00-24:00']);

    expect(at('2026-11-20T12:30:00Z', split)).toBe(false);
    expect(at('2026-11-20T13:00:00Z', split)).toBe(true);
    expect(at('2026-11-21T23:59:59Z', split)).toBe(true);
    expect(at('2026-11-22T00:00:00Z', split)).toBe(false);
  });

  it('follow the clocks when they are set: Stockholm in March and October, Lord Howe by half an hour', () => {
    expect(at('2026-03-27T16:30:00Z', usual)).toBe(false);
    expect(at('2026-03-30T06:00:00Z', usual)).toBe(true); // 08:00 is an hour earlier since Sunday
    expect(at('2026-10-26T06:30:00Z', usual)).toBe(false);
    const skipped = hours(stockholm, ['Sun 02:30-05:00']);
    expect(at('2026-03-29T00:59:59Z', skipped)).toBe(false);
    expect(at('2026-03-29T01:00:00Z', skipped)).toBe(true); // 02:30 is not shown; 03:00 is
    const repeated = hours(stockholm, ['Sun 01:00-02:30']);
    expect(at('2026-10-25T00:45:00Z', repeated)).toBe(true); // between its first end and its second beginning
    expect(at('2026-10-25T01:29:59Z', repeated)).toBe(true);
    expect(at('2026-10-25T01:30:00Z', repeated)).toBe(false);
    const howe = hours('Australia/Lord_Howe', ['Sun 01:45-08:00']);
    expect(at('2026-04-04T14:45:00Z', howe)).toBe(true); // 01:45 for the first time
    expect(at('2026-04-04T15:10:00Z', howe)).toBe(true); // 01:40, after the clocks went back
  });

  it("that have begun go on where the clocks go back to the day before: St. John's, 7 November 2010, 00:01", () => {
    const sunday = hours('America/St_Johns', ['Sun 00:00-06:00']);

    expect(at('2010-11-07T02:29:00Z', sunday)).toBe(false);
    expect(at('2010-11-07T02:30:00Z', sunday)).toBe(true);
    expect(at('2010-11-07T02:45:00Z', sunday)).toBe(true); // 23:15 on Saturday, once more
  });

  it('end with the day where a date was skipped: Samoa had no 30 December 2011', () => {
    const friday = hours('Pacific/Apia', ['Fri 08:00-17:00']);

    const during = Array.from({ length: 72 }, (_, hour) => new Date(Date.UTC(2011, 11, 29, 10 + hour)));
    expect(during.filter((each) => isBusiness(each, friday))).toEqual([]);
  });
});

const zones = ['Europe/Stockholm', 'America/New_York', 'Australia/Lord_Howe', 'America/Havana', 'Africa/Casablanca'];
const weekdays = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
const clock = (minutes: number) =>
  `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
const range = fc
  .record({ day: fc.constantFrom(...weekdays), from: fc.nat(1439), until: fc.integer({ min: 0, max: 1440 }) })
  .filter(({ from, until }) => from !== until)
  .map(({ day, from, until }) => `${day} ${clock(from)}-${clock(until)}`);
/** Quarters of an hour in 2026 and 2027, with their changes of the clocks. */
const instant = fc.integer({ min: 0, max: 2 * 365 * 96 }).map((n) => new Date(Date.UTC(2026, 0, 1) + n * 900_000));

describe('business hours at any time', () => {
  it('are never shorter than the clocks of their zone show them', () => {
    fc.assert(
      fc.property(fc.constantFrom(...zones), range, instant, (zone, text, when) => {
        const [read] = hours(zone, [text]).on;
        const { year, month, day, hour, minute } = localTime(when, zone);
        const [now, weekday] = [60 * hour + minute, new Date(Date.UTC(year, month - 1, day)).getUTCDay()];
        const { days, from, until } = read ?? expect.fail();
        const isOn = (shift: number) => days.includes((weekday + shift + 7) % 7);
        const shown =
          until > from ? isOn(0) && now >= from && now < until : (isOn(0) && now >= from) || (isOn(-1) && now < until);
        if (shown) expect(isBusiness(when, hours(zone, [text]))).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it('have one beginning and one end in a week, also where the clocks are set', () => {
    fc.assert(
      fc.property(fc.constantFrom(...zones), range, instant, (zone, text, start) => {
        const given = hours(zone, [text]);
        const week = Array.from({ length: 7 * 96 }, (_, n) =>
          isBusiness(new Date(start.getTime() + n * 900_000), given),
        );
        const changes = week.filter((open, n) => n > 0 && open !== week[n - 1]).length;
        expect(changes).toBeLessThanOrEqual(2);
      }),
      { numRuns: 100 },
    );
  });

  it('cover the week when they are all of it, and nothing of it on days that are excepted', () => {
    fc.assert(
      fc.property(fc.constantFrom(...zones), instant, (zone, when) => {
        const { year, month, day } = localTime(when, zone);
        const today = new Date(Date.UTC(year, month - 1, day)).toISOString().slice(0, 10);
        expect(isBusiness(when, hours(zone, ['Mon-Sun 00:00-24:00']))).toBe(true);
        expect(isBusiness(when, hours(zone, ['Mon-Sun 00:00-24:00'], [today]))).toBe(false);
      }),
      { numRuns: 1000 },
    );
  });
});
