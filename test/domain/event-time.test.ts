import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseEventTime } from '../../src/domain/event-time.ts';
import { localTime } from '../../src/domain/zone.ts';
import { UserError } from '../../src/errors.ts';
import { hintOf } from '../support/hint.ts';

const stockholm = 'Europe/Stockholm';
const newYork = 'America/New_York';
const lordHowe = 'Australia/Lord_Howe';
const now = new Date('2026-11-20T10:00:00Z'); // 11:00 in Stockholm

function read(text: string, zone = stockholm, at: Date | string = now): string {
  return parseEventTime(text, zone, new Date(at)).toISOString().replace('.000Z', 'Z');
}

function refusal(text: string, zone = stockholm, at: Date | string = now): UserError {
  try {
    parseEventTime(text, zone, new Date(at));
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  throw new Error(`"${text}" was taken`);
}

describe('the time of an event', () => {
  it.each([
    ['now', '2026-11-20T10:00:00Z'],
    ['-45m', '2026-11-20T09:15:00Z'],
    ['-1h30m', '2026-11-20T08:30:00Z'],
    [' -2d ', '2026-11-18T10:00:00Z'],
    ['2026-11-20T10:32', '2026-11-20T09:32:00Z'],
    ['2026-11-20 10:32', '2026-11-20T09:32:00Z'],
    ['2026-11-20 10:32:05', '2026-11-20T09:32:05Z'],
    ['2026-07-01 10:32', '2026-07-01T08:32:00Z'],
    ['2026-11-20T10:32+01:00', '2026-11-20T09:32:00Z'],
    ['2026-11-20 10:32 +0100', '2026-11-20T09:32:00Z'],
    ['2026-11-20T04:32-05:00', '2026-11-20T09:32:00Z'],
    ['2026-11-20T09:32Z', '2026-11-20T09:32:00Z'],
    ['2026-11-20t09:32:30z', '2026-11-20T09:32:30Z'],
    ['2024-02-29 12:00', '2024-02-29T11:00:00Z'],
    ['45m', '2026-11-20T09:15:00Z'],
    ['45m ago', '2026-11-20T09:15:00Z'],
    ['10.32', '2026-11-20T09:32:00Z'],
    ['Nov 20 10:32:05', '2026-11-20T09:32:05Z'],
    ['Nov  5 10:32', '2026-11-05T09:32:00Z'],
    ['nov 21 10:32', '2025-11-21T09:32:00Z'],
    ['Dec 31 23:59:59.999', '2025-12-31T22:59:59Z'],
  ])('is read from %j', (text, instant) => {
    const found = read(text);

    expect(found).toBe(instant);
  });

  it.each([
    ['Nov 21 00:00:05', '2026-11-20T22:59:50Z', '2026-11-20T23:00:05Z'],
    ['Jan  1 00:00:05', '2026-12-31T22:59:50Z', '2026-12-31T23:00:05Z'],
    ['Dec 31 23:59:55', '2026-12-31T23:00:10Z', '2026-12-31T22:59:55Z'],
    ['Nov 20 00:30', '2026-11-19T23:45:00Z', '2026-11-19T23:30:00Z'],
    ['Feb 29 12:00', '2029-01-10T00:00:00Z', '2028-02-29T11:00:00Z'],
  ])('of a log line is that of the newest year in which it is not to come: %j at %s', (text, at, instant) => {
    const found = read(text, stockholm, at);

    expect(found).toBe(instant);
  });

  it.each([
    '',
    'yesterday',
    '10',
    '10:3',
    '24:00',
    '10:60',
    '10:32:60',
    '2026-11-20',
    '2026-13-01 10:00',
    '2025-02-29 10:00',
    '2026-11-31 10:00',
    '2026-11-20T25:00',
    '2026-11-20T10:00+99:00',
    '2026-11-20T10:00+01:00x',
    '-45',
    '- 45m',
    '+45m',
    '45',
    '1032',
    '10.3',
    'Now 20 10:32',
    'Nov 31 10:32',
    'Feb 29 10:32',
  ])('is refused when it is %j', (text) => {
    const error = refusal(text);

    expect(error).toMatchObject({ code: 'bad-time', exit: 2 });
    expect(error.message).toContain(`"${text}"`);
  });

  it('is said to be unreadable together with the forms that can be read', () => {
    const hint = hintOf(refusal('yesterday'));

    for (const form of hint.replace(/^.*: /, '').split(', ')) {
      expect(() => parseEventTime(form.replaceAll('"', ''), stockholm, now)).not.toThrow();
    }
  });
});

describe('a bare time of day', () => {
  it.each([
    ['10:32', '2026-11-20T09:32:00Z'],
    ['9:05', '2026-11-20T08:05:00Z'],
    ['10:32:05', '2026-11-20T09:32:05Z'],
    ['11:00', '2026-11-20T10:00:00Z'],
    ['11:01', '2026-11-19T10:01:00Z'],
    ['23:59', '2026-11-19T22:59:00Z'],
    ['00:00', '2026-11-19T23:00:00Z'],
  ])('%s is its most recent occurrence', (text, instant) => {
    const found = read(text);

    expect(found).toBe(instant);
  });

  it('is yesterday’s on the evening of the day with 25 hours', () => {
    const evening = '2026-10-25T22:30:00Z'; // 23:30 in Stockholm, after the clocks were set back

    const found = read('23:45', stockholm, evening);

    expect(found).toBe('2026-10-24T21:45:00Z');
  });

  it('is yesterday’s in the first hour after the day with 23 hours', () => {
    const midnight = '2026-03-29T22:15:00Z'; // 00:15 on the 30th in Stockholm, after the clocks were set forward

    const found = read('23:50', stockholm, midnight);

    expect(found).toBe('2026-03-29T21:50:00Z');
  });

  it('is yesterday’s before the clocks skip it today', () => {
    const night = '2026-03-29T00:00:00Z'; // 01:00 in Stockholm; 02:00 to 03:00 is skipped today

    const found = read('02:30', stockholm, night);

    expect(found).toBe('2026-03-28T01:30:00Z');
  });

  it('is yesterday’s before it is reached for the first time on the day that repeats it', () => {
    const night = '2026-10-24T23:00:00Z'; // 01:00 on the 25th in Stockholm; 02:00 to 03:00 comes twice

    const found = read('02:30', stockholm, night);

    expect(found).toBe('2026-10-24T00:30:00Z');
  });

  it.each([
    ['2026-10-25T00:40:00Z', '02:30', '2026-10-25T00:30:00Z'],
    ['2026-10-25T01:10:00Z', '02:30', '2026-10-25T00:30:00Z'],
    ['2026-10-25T00:10:00Z', '02:30', '2026-10-24T00:30:00Z'],
  ])('is clear while the repeated hour runs, because the other one is still to come: at %s', (at, text, instant) => {
    expect(read(text, stockholm, at)).toBe(instant);
  });

  it('is refused once it came twice, naming both (D03)', () => {
    const { hint } = refusal('02:30', stockholm, '2026-10-25T01:30:00Z');

    expect(hint).toBe('Write 2026-10-25T02:30+02:00 or 2026-10-25T02:30+01:00');
  });

  it('is refused when the clocks skipped it today (D04)', () => {
    expect(refusal('02:30', stockholm, '2026-03-29T01:00:00Z').message).toContain('skipped');
  });

  it('is never in the future, never a day or more ago, and shows the time that was typed', () => {
    const zones = fc.constantFrom(stockholm, newYork, lordHowe, 'UTC', 'Asia/Kolkata', 'Pacific/Kiritimati');
    const times = fc.integer({ min: Date.UTC(2020, 0, 1), max: Date.UTC(2030, 0, 1) });

    fc.assert(
      fc.property(zones, times, fc.nat(23), fc.nat(59), (zone, ms, hour, minute) => {
        const text = `${hour}:${String(minute).padStart(2, '0')}`;
        let at: Date;
        try {
          at = parseEventTime(text, zone, new Date(ms));
        } catch (error) {
          expect(String(error)).toMatch(/skipped|set back/);
          return;
        }

        expect(at.getTime()).toBeLessThanOrEqual(ms);
        expect(ms - at.getTime()).toBeLessThan(25 * 3_600_000);
        expect(localTime(at, zone)).toMatchObject({ hour, minute, second: 0 });
      }),
      { numRuns: 2000 },
    );
  });
});

describe('a time in the future', () => {
  it.each(['2026-11-20T10:02Z', '2026-11-20 11:02', '2027-01-01 00:00'])('is refused: %s', (text) => {
    const error = refusal(text);

    expect(error.code).toBe('bad-time');
    expect(error.message).toContain('in the future');
    expect(error.message).toContain(stockholm);
  });

  it('is taken up to a minute ahead, because clocks differ', () => {
    const found = read('2026-11-20T10:01Z');

    expect(found).toBe('2026-11-20T10:01:00Z');
  });
});

describe('a local time that a change of daylight saving makes unclear', () => {
  it.each([
    [stockholm, '2026-03-29T02:00'],
    [stockholm, '2026-03-29 02:59:59'],
    [newYork, '2026-03-08T02:30'],
    [lordHowe, '2026-10-04T02:15'],
    ['Pacific/Apia', '2011-12-30T12:00'],
  ])('in %s is refused when the clocks skip it: %s (D04)', (zone, text) => {
    const error = refusal(text, zone);

    expect(error.code).toBe('bad-time');
    expect(error.message).toContain('skipped');
    expect(error.message).toContain(zone);
  });

  it.each([
    [stockholm, '2026-10-25T02:30', ['2026-10-25T02:30+02:00', '2026-10-25T02:30+01:00']],
    [newYork, '2026-11-01T01:30', ['2026-11-01T01:30-04:00', '2026-11-01T01:30-05:00']],
    [lordHowe, '2026-04-05T01:45', ['2026-04-05T01:45+11:00', '2026-04-05T01:45+10:30']],
  ])('in %s is refused when it comes twice, naming both: %s (D03)', (zone, text, choices) => {
    const { code, hint = '' } = refusal(text, zone);

    expect(code).toBe('bad-time');
    expect(hint).toBe(`Write ${choices.join(' or ')}`);
  });

  it('is taken in the form that the refusal proposes (D03)', () => {
    const hint = hintOf(refusal('2026-10-25T02:30'));

    const taken = (hint.match(/\S+[+-]\d\d:\d\d/g) ?? []).map((choice) => read(choice));

    expect(taken).toEqual(['2026-10-25T00:30:00Z', '2026-10-25T01:30:00Z']);
  });

  it('keeps its seconds in the forms that the refusal proposes', () => {
    const hint = hintOf(refusal('2026-10-25T02:30:45'));

    const taken = (hint.match(/\S+[+-]\d\d:\d\d/g) ?? []).map((choice) => read(choice));

    expect(taken).toEqual(['2026-10-25T00:30:45Z', '2026-10-25T01:30:45Z']);
  });

  it.each([
    ['2026-10-25T01:59', '2026-10-24T23:59:00Z'],
    ['2026-10-25T03:00', '2026-10-25T02:00:00Z'],
    ['2026-03-29T01:59', '2026-03-29T00:59:00Z'],
    ['2026-03-29T03:00', '2026-03-29T01:00:00Z'],
  ])('is clear right beside the change: %s', (text, instant) => {
    const found = read(text);

    expect(found).toBe(instant);
  });
});
