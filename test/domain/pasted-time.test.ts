import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseEventTime } from '../../src/domain/event-time.ts';
import { localTime, offsetMinutes } from '../../src/domain/zone.ts';
import { UserError } from '../../src/errors.ts';
import { hintOf } from '../support/hint.ts';

const stockholm = 'Europe/Stockholm';
const now = new Date('2026-11-29T10:00:00Z'); // Sunday, 11:00 in Stockholm
const noon = '2026-11-28T12:00:00Z'; // 13:00 in Stockholm
const seconds = '2026-11-28T12:00:05Z';

function read(text: string, zone = stockholm, at: Date = now): string {
  return parseEventTime(text, zone, at)
    .toISOString()
    .replace(/\.\d+Z$/, 'Z');
}

function refusal(text: string, zone = stockholm): { code: string; message: string; hint: string } {
  try {
    parseEventTime(text, zone, now);
  } catch (error) {
    if (error instanceof UserError) return { code: error.code, message: error.message, hint: hintOf(error) };
    throw error;
  }
  throw new Error(`"${text}" was taken`);
}

describe('a time that was pasted', () => {
  it.each([
    ['2026-11-28 13:00:05,123', seconds],
    ['2026-11-28T13:00:05.123', seconds],
    ['2026-11-28 13:00:05.123456789', seconds],
    ['[2026-11-28 13:00:05,123]', seconds],
    ['"2026-11-28 13:00:05"', seconds],
    ['2026-11-28 13:00:05,123 CET', seconds],
    ['2026-11-28 14:00:05 CEST', seconds],
    ['2026-11-28 12:00:05 UTC', seconds],
    ['2026-11-28 12:00:05.123 GMT', seconds],
    ['2026-11-28 12:00:05 (UTC)', seconds],
    ['2026-11-28 12:00:05,5Z', seconds],
    ['2026-11-28 13:00:05,123 +0100', seconds],
    ['2026-11-28 13:00:05 +01:00', seconds],
    ['2026-11-28 13:00:05+01', seconds],
    ['2026-11-28 13:00:05 UTC+1', seconds],
    ['2026-11-28 13:00:05 GMT+01:00', seconds],
    ['2026-11-28 13:00:05.123456789 +0100 CET', seconds],
    ['2026-11-28T13:00:05.123+01:00[Europe/Stockholm]', seconds],
    ['2026-11-28 07:00:05 America/New_York', seconds],
    ['2026/11/28 13:00:05', seconds],
    ['2026.11.28 13:00:05', seconds],
    ['20261128T130005', seconds],
    ['20261128T120005Z', seconds],
    ['20261128130005', seconds],
    ['20261128_1300', noon],
    ['2026-11-28_13-00-05', seconds],
    ['<134>1 2026-11-28T12:00:05.123Z', seconds],
    ['1 2026-11-28T13:00:05+01:00', seconds],
    ['<34>Nov 28 13:00:05', seconds],
    ['*Nov 28 13:00:05.123', seconds],
    ['28/Nov/2026:13:00:05 +0100', seconds],
    ['[28/Nov/2026:13:00:05 +0100]', seconds],
    ['28-Nov-2026 13:00:05.000', seconds],
    ['28 Nov 2026 13:00:05', seconds],
    ['28 nov 2026 13.00', noon],
    ['28 november 2026 kl. 13.00', noon],
    ['28. November 2026 13:00 Uhr', noon],
    ['Nov 28 13:00:05', seconds],
    ['Nov 28 13:00:05.123', seconds],
    ['Nov 28 2026 13:00:05', seconds],
    ['Nov 28, 2026 1:00:05 PM', seconds],
    ['Nov 28, 2026 @ 13:00:05.123', seconds],
    ['November 28, 2026 at 1:00 PM', noon],
    ['28 Nov 13:00:05', seconds],
    ['Sat Nov 28 13:00:05 CET 2026', seconds],
    ['Sat Nov 28 01:00:05 PM CET 2026', seconds],
    ['Sat 28 Nov 13:00:05 CET 2026', seconds],
    ['lör 28 nov 2026 13:00:05 CET', seconds],
    ['Sa 28. Nov 13:00:05 CET 2026', seconds],
    ['Sat Nov 28 13:00:05 2026', seconds],
    ['Sat Nov 28 13:00:05 2026 +0100', seconds],
    ['Sat, 28 Nov 2026 13:00:05 +0100', seconds],
    ['Sat, 28 Nov 2026 13:00:05 +0100 (CET)', seconds],
    ['Sat, 28 Nov 2026 12:00:05 GMT', seconds],
    ['Sat Nov 28 2026 13:00:05 GMT+0100 (Central European Standard Time)', seconds],
    ['2026-11-28T12:00:05.123456Z', seconds],
    ['11/28/2026, 1:00:05 PM', seconds],
    ['11/28/2026, 1:00:05\u202fPM', seconds],
    ['28/11/2026 13:00', noon],
    ['28-11-2026 13:00', noon],
    ['28.11.2026 13:00', noon],
    ['28.11.2026, 13:00:05', seconds],
    ['28.11. 13:00', noon],
    ['1.11.2026 13.00', '2026-11-01T12:00:00Z'],
    ['11/11/2026 13:00', '2026-11-11T12:00:00Z'],
    ['28/11/26 13:00', noon],
    ['1795867205', seconds],
    ['1795867205123', seconds],
    ['1795867205.123', seconds],
    ['@1795867205', seconds],
    ['1795867205123456', seconds],
  ])('is understood: %j (field-E01)', (text, instant) => {
    const found = read(text);

    expect(found).toBe(instant);
  });

  it.each([
    ['1:00 PM', noon],
    ['1pm', noon],
    ['1 p.m.', noon],
    ['1 PM CET', noon],
    ['12:30 am', '2026-11-28T23:30:00Z'],
    ['12pm', '2026-11-28T11:00:00Z'],
    ['13:00 CET', noon],
    ['07:00 -0500', noon],
    ['09:00 UTC', '2026-11-29T09:00:00Z'],
    ['kl 10.32', '2026-11-29T09:32:00Z'],
    ['yesterday 13:00', noon],
    ['Yesterday at 1pm', noon],
    ['13:00 yesterday', noon],
    ['igår kl. 13:00', noon],
    ['yesterday 12:00 UTC', noon],
    ['today 10:32', '2026-11-29T09:32:00Z'],
    ['Saturday 13:00', noon],
    ['last sat 13:00', noon],
    ['Sunday 10:00', '2026-11-29T09:00:00Z'],
    ['Sunday 13:00', '2026-11-22T12:00:00Z'],
    ['2h ago', '2026-11-29T08:00:00Z'],
    ['2 hours ago', '2026-11-29T08:00:00Z'],
    ['half an hour ago', '2026-11-29T09:30:00Z'],
    ['3 weeks ago', '2026-11-08T10:00:00Z'],
    ['a week ago', '2026-11-22T10:00:00Z'],
    ['13:00h', noon],
    ['an hour ago', '2026-11-29T09:00:00Z'],
    ['90 min ago', '2026-11-29T08:30:00Z'],
    ['1 hour 30 minutes ago', '2026-11-29T08:30:00Z'],
    ['1 h and 30 min ago', '2026-11-29T08:30:00Z'],
    ['-90min', '2026-11-29T08:30:00Z'],
    ['-2h', '2026-11-29T08:00:00Z'],
    ['2 days ago', '2026-11-27T10:00:00Z'],
    ['NOW', '2026-11-29T10:00:00Z'],
  ])('is understood as people say it: %j (field-E01)', (text, instant) => {
    const found = read(text);

    expect(found).toBe(instant);
  });

  it.each([
    ['11/10/2026 13:00', ['2026-10-11T13:00+02:00', '2026-11-10T13:00+01:00']],
    ['03-04-2026 1:00:05 PM', ['2026-04-03T13:00:05+02:00', '2026-03-04T13:00:05+01:00']],
    ['01-02-03 13:00', ['2003-02-01T13:00+01:00', '2003-01-02T13:00+01:00', '2001-02-03T13:00+01:00']],
    ['2026-11-28 13:00 IST', ['2026-11-28T13:00+05:30', '2026-11-28T13:00+01:00', '2026-11-28T13:00+02:00']],
    ['2026-11-28 13:00:05 CST', ['2026-11-28T13:00:05-06:00', '2026-11-28T13:00:05+08:00']],
    ['2026-10-25 02:30', ['2026-10-25T02:30+02:00', '2026-10-25T02:30+01:00']],
    ['25/10/2026 2:30 am', ['2026-10-25T02:30+02:00', '2026-10-25T02:30+01:00']],
    ['2026-10-25 02:30 Europe/Stockholm', ['2026-10-25T02:30+02:00', '2026-10-25T02:30+01:00']],
  ])('is refused with what it may be, each as it can be typed: %j (field-E01)', (text, choices) => {
    const { code, message, hint } = refusal(text);

    expect(code).toBe('bad-time');
    expect(message).toContain(`"${text}"`);
    expect(hint).toBe(`Write ${choices.join(' or ')}`);
  });

  it.each([
    ['America/Chicago', '2026-11-28 13:00 CST', '2026-11-28T19:00:00Z'],
    ['Asia/Shanghai', '2026-11-28 13:00 CST', '2026-11-28T05:00:00Z'],
    ['Asia/Kolkata', '2026-11-28 13:00 IST', '2026-11-28T07:30:00Z'],
    ['Europe/London', '2026-07-01 13:00 BST', '2026-07-01T12:00:00Z'],
  ])('with letters of several zones is of the own one: in %s %j (field-E01)', (zone, text, instant) => {
    expect(read(text, zone)).toBe(instant);
  });

  it.each([
    ['11/10/2026', 'may be 2026-10-11 or 2026-11-10', '"2026-10-11 10:32" or "2026-11-10 10:32"'],
    ['11/12/2026', 'is a day without a time', 'Write it with its time: "2026-11-12 10:32"'],
    ['28.11.2026', 'without a time', '"2026-11-28 10:32"'],
    ['yesterday', 'without a time', '"yesterday 10:32"'],
    ['2026-11-28 CET', 'without a time', '"2026-11-28 10:32"'],
  ])('that is a day alone is asked for with its hour: %j (field-E01)', (text, message, hint) => {
    const refused = refusal(text);

    expect(refused.message).toContain(message);
    expect(refused.hint).toContain(hint);
  });

  it.each([
    ['11/12/2026 13:00', '2026-11-12T12:00:00Z'],
    ['29/11/2026 11:00', '2026-11-29T10:00:00Z'],
    ['2026-11-29 11:30 IST', '2026-11-29T06:00:00Z', '2026-11-29T07:00:00Z'],
  ])('is never one that is to come where it may be one that is past: %j', (text, instant, at = now.toISOString()) => {
    expect(parseEventTime(text, stockholm, new Date(at)).toISOString()).toBe(instant.replace('Z', '.000Z'));
  });

  it.each([
    '11/12/2027 13:00',
    '11/12/2027',
  ])('is said to be in the future where each reading is to come: %j', (text) => {
    expect(refusal(text).message).toContain(`"${text}" is in the future`);
  });

  it.each([
    ['25:00', 'there is no hour 25'],
    ['24:00', 'there is no hour 24'],
    ['2026-11-28 10:75', 'there is no minute 75'],
    ['10:30:61', 'there is no second 61'],
    ['2026-13-01', 'there is no month 13'],
    ['2026-13-01 10:32', 'there is no month 13'],
    ['2026-02-30 10:32', 'there is no day 2026-02-30'],
    ['31/11/2026 10:32', 'there is no day 31/11/2026'],
    ['10:32 Europe/Stokholm', 'there is no time zone Europe/Stokholm; did you mean Europe/Stockholm?'],
    ['10:32 Sweden/Stockholm', 'there is no time zone Sweden/Stockholm; did you mean Europe/Stockholm?'],
    ['10:32 Mars/Phobos', 'there is no time zone Mars/Phobos'],
  ])('that does not exist is refused with what is wrong: %j', (text, fault) => {
    expect(refusal(text).message).toBe(`--at "${text}" is not a time: ${fault}`);
  });

  it.each([
    ['10:75', 'is not a time: there is no minute 75'],
    ['2027-11-20 10:32', 'is in the future'],
    ['2026-11-20', 'is a day without a time'],
    ['11/10/2026 10:32', 'may be several times'],
    ['2026-10-25 02:30', 'happened twice'],
    ['2026-03-29 02:30', 'does not exist'],
    ['Fri Nov 28 13:00:05 2026', '2026-11-28 is a Saturday'],
  ])('is refused by the name of the option it was given with: %j', (text, fault) => {
    const read = () => parseEventTime(text, stockholm, now, '--event');

    expect(read).toThrow(`--event "${text}"`);
    expect(read).toThrow(fault);
  });

  it('whose day of the week is another one is refused, and the right one is said (field-E01)', () => {
    expect(refusal('Fri Nov 28 13:00:05 2026').message).toContain('2026-11-28 is a Saturday, not a Friday');
  });

  it.each([
    '13:00 XYZ',
    '2026-11-28 13:00 Mars/Phobos',
    '2026-11-28 13:00:05 server down',
    '2026-11-28 13:00 14:00',
    '13:00 PM',
    '0:30 am',
    '31/11/2026 13:00',
    '32 Nov 2026 13:00',
    '123456789',
    '12345678901',
    'tomorrow 13:00',
    '2 parsecs ago',
    '2026-11-28 13:00 +2500',
    '13:00 monday yesterday',
    'yesterday 2026-11-28 13:00',
  ])('is refused where a part of it is not understood: %j (field-E01)', (text) => {
    expect(refusal(text).code).toBe('bad-time');
  });
});

const two = (value: number) => String(value).padStart(2, '0');
const monthNames = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const dayNames = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
type Parts = ReturnType<typeof partsOf>;

function partsOf(at: Date, zone: string) {
  const local = localTime(at, zone);
  const east = offsetMinutes(zone, at);
  const hours = two(Math.floor(Math.abs(east) / 60));
  const weekday = new Date(Date.UTC(local.year, local.month - 1, local.day)).getUTCDay();
  return {
    ...{ y: local.year, m: two(local.month), d: two(local.day), mon: monthNames[local.month - 1] },
    ...{ clock: `${two(local.hour)}:${two(local.minute)}:${two(local.second)}`, wd: dayNames[weekday] },
    half: `${local.hour % 12 || 12}:${two(local.minute)}:${two(local.second)} ${local.hour < 12 ? 'AM' : 'PM'}`,
    offset: `${east < 0 ? '-' : '+'}${hours}${two(Math.abs(east) % 60)}`,
    colon: `${east < 0 ? '-' : '+'}${hours}:${two(Math.abs(east) % 60)}`,
  };
}

const renderings: Record<string, (parts: Parts) => string> = {
  log4j: ({ y, m, d, clock, offset }) => `${y}-${m}-${d} ${clock},123 ${offset}`,
  iso: ({ y, m, d, clock, colon }) => `${y}-${m}-${d}T${clock}${colon}`,
  slashes: ({ y, m, d, clock, offset }) => `${y}/${m}/${d} ${clock} ${offset}`,
  compact: ({ y, m, d, clock, offset }) => `${y}${m}${d}T${clock.replaceAll(':', '')}${offset}`,
  apache: ({ y, mon, d, clock, offset }) => `[${d}/${mon}/${y}:${clock} ${offset}]`,
  bind: ({ y, mon, d, clock, colon }) => `${d}-${mon}-${y} ${clock}.000 ${colon}`,
  mail: ({ y, mon, d, wd, clock, offset }) => `${wd}, ${d} ${mon} ${y} ${clock} ${offset}`,
  git: ({ y, mon, d, wd, clock, offset }) => `${wd} ${mon} ${Number(d)} ${clock} ${y} ${offset}`,
  javascript: ({ y, mon, d, wd, clock, offset }) => `${wd} ${mon} ${d} ${y} ${clock} GMT${offset} (Some Time)`,
  german: ({ y, m, d, clock, offset }) => `${d}.${m}.${y} ${clock} ${offset}`,
  american: ({ y, mon, d, half, offset }) => `${mon} ${Number(d)}, ${y} ${half} ${offset}`,
};

describe('a moment', () => {
  const zones = fc.constantFrom(stockholm, 'America/St_Johns', 'Asia/Kolkata', 'Pacific/Auckland', 'UTC');
  const instants = fc.integer({ min: 1_000_000_000, max: 1_795_000_000 }).map((at) => new Date(at * 1000));

  it.each(
    Object.entries(renderings),
  )('reads back the same in any zone, written as %s does (field-E01)', (_name, render) => {
    fc.assert(
      fc.property(instants, zones, zones, (at, written, reader) => {
        expect(read(render(partsOf(at, written)), reader)).toBe(at.toISOString().replace('.000Z', 'Z'));
      }),
      { numRuns: 60 },
    );
  });

  it.each(
    Object.entries(renderings),
  )('of the own zone reads back the same or is refused, as %s has it (field-E01)', (_name, render) => {
    fc.assert(
      fc.property(instants, zones, (at, zone) => {
        const text = render({ ...partsOf(at, zone), offset: '', colon: '' }).replace(/ ?GMT \(Some Time\)/, '');
        try {
          expect(read(text.trim(), zone)).toBe(at.toISOString().replace('.000Z', 'Z'));
        } catch (error) {
          if (!(error instanceof UserError)) throw error;
          expect(error.message).toContain('happened twice');
        }
      }),
      { numRuns: 60 },
    );
  });

  it('that is counted since 1970 reads back the same (field-E01)', () => {
    fc.assert(
      fc.property(instants, zones, (at, zone) => {
        for (const text of [at.getTime() / 1000, at.getTime()])
          expect(parseEventTime(String(text), zone, now)).toEqual(at);
      }),
    );
  });

  it('that is not understood is always refused as such, whatever it looks like (field-E01)', () => {
    const words = fc.constantFrom(
      '2026-11-28',
      '13:00',
      '1:00',
      'PM',
      'CET',
      'IST',
      '+0100',
      'Nov',
      '28',
      '28.11.',
      'Sat',
      '-',
      'at',
      'T',
      '11/12/26',
      'yesterday',
      '5',
    );
    fc.assert(
      fc.property(fc.array(words, { maxLength: 6 }), fc.constantFrom(' ', ''), (parts, between) => {
        try {
          expect(parseEventTime(parts.join(between), stockholm, now).getTime()).toBeLessThanOrEqual(
            now.getTime() + 60_000,
          );
        } catch (error) {
          expect(error).toMatchObject({ code: 'bad-time' });
        }
      }),
      { numRuns: 1500 },
    );
  });
});
