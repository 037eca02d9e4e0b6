import { offsetMinutes } from './zone.js';
import { fixedZone } from './zone-name.js';

/** A rule of the variable TZ (POSIX.1-2024, 8.3): `CET-1CEST,M3.5.0,M10.5.0/3`. */
const name = '(?:[A-Za-z]{3,}|<[A-Za-z0-9+-]{3,}>)';
const time = '[+-]?\\d{1,3}(?::\\d{2}(?::\\d{2})?)?';
const date = '(?:M\\d{1,2}\\.\\d\\.\\d|J?\\d{1,3})';
const rulePattern = new RegExp(
  `^${name}(?<standard>${time})(?<summer>${name}(?<offset>${time})?(?:,(?<start>${date})(?:/(?<startTime>${time}))?,(?<end>${date})(?:/(?<endTime>${time}))?)?)?$`,
);

/** Zones that are tried first, as many zones have the same rule. */
const wellKnown = [
  'Europe/Stockholm',
  'Europe/London',
  'Europe/Helsinki',
  'America/New_York',
  'America/Chicago',
  'America/Denver',
  'America/Los_Angeles',
  'Australia/Sydney',
  'Pacific/Auckland',
];

/**
 * The zone whose clocks go by a rule of POSIX now and next year.
 * @returns undefined for what is no such rule, says no dates for summer time, or is the rule of no zone
 */
export function zoneOfRule(text: string, now: Date): string | undefined {
  const rule = rulePattern.exec(text)?.groups;
  if (rule === undefined) return undefined;
  const standard = -minutesOf(rule['standard'] ?? '');
  if (rule['summer'] === undefined) return fixedZone(standard);
  const { start, end, startTime = '2', endTime = '2', offset } = rule;
  if (start === undefined || end === undefined) return undefined;
  const summer = offset === undefined ? standard + 60 : -minutesOf(offset);
  const year = now.getUTCFullYear();
  const changes = [year, year + 1].flatMap((each) => [
    { at: changeAt(each, start, startTime, standard), before: standard, after: summer },
    { at: changeAt(each, end, endTime, summer), before: summer, after: standard },
  ]);
  const fits = (zone: string) =>
    changes.every(
      ({ at, before, after }) =>
        offsetMinutes(zone, new Date(at - 60_000)) === before &&
        offsetMinutes(zone, new Date(at)) === after &&
        offsetMinutes(zone, new Date(at + 60 * 86_400_000)) === after,
    );
  return wellKnown.find(fits) ?? Intl.supportedValuesOf('timeZone').find(fits);
}

function minutesOf(text: string): number {
  const [hours = '0', minutes = '0'] = text.replace(/^[+-]/, '').split(':');
  return (text.startsWith('-') ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
}

/** @param offset of the clocks before the change, in minutes east */
function changeAt(year: number, day: string, timeOfDay: string, offset: number): number {
  return dayOf(year, day) + (minutesOf(timeOfDay) - offset) * 60_000;
}

/** Midnight of a day, as if it were in UTC: `M3.5.0` the last Sunday of March, `J60` always the first of March, `59` the 60th day. */
function dayOf(year: number, day: string): number {
  const [, month, week, weekday] = /^M(\d+)\.(\d)\.(\d)$/.exec(day)?.map(Number) ?? [];
  if (month === undefined || week === undefined || weekday === undefined) {
    const number = Number(day.replace('J', ''));
    return day.startsWith('J')
      ? Date.UTC(2001, 0, number) - Date.UTC(2001, 0, 1) + leapDay(year, number)
      : Date.UTC(year, 0, 1 + number);
  }
  const first = new Date(Date.UTC(year, month - 1, 1)).getUTCDay();
  const length = new Date(Date.UTC(year, month, 0)).getUTCDate();
  const date = 1 + ((weekday - first + 7) % 7) + (week - 1) * 7;
  return Date.UTC(year, month - 1, date > length ? date - 7 : date);
}

/** `J60` is the first of March in every year: the leap day is not counted. */
function leapDay(year: number, number: number): number {
  const isLeap = new Date(Date.UTC(year, 1, 29)).getUTCMonth() === 1;
  return Date.UTC(year, 0, 1) + (isLeap && number >= 60 ? 86_400_000 : 0);
}
