import { type UserError, usageError } from '../errors.js';
import type { WrittenDay } from './written-date.js';
import type { TimeOfDay, WrittenTime } from './written-time.js';
import { besideGap, formatLocal, formatOffset, instantsOf, type LocalTime, localTime } from './zone.js';

/** Clocks differ: what is to come within it is now. */
export const toleranceMs = 60_000;

/**
 * The instant of a time that was written, on a day that it may mean, in a zone.
 * @param said how it is named when it is refused
 * @returns undefined where no year has the day
 * @throws UserError `bad-time` where the clocks of the zone skipped it or showed it twice, and for the wrong day of the week
 */
export function instantOf(
  said: string,
  { time, daysBack, weekday }: WrittenTime,
  day: WrittenDay | undefined,
  zone: string,
  now: Date,
): Date | undefined {
  if (time === undefined) return undefined;
  const named = daysBack === undefined ? day : dayBefore(now, daysBack, zone);
  if (named === undefined) {
    const candidates = weekday === undefined ? [0, 1] : daysSince(weekday, now, zone);
    return mostRecent(said, time, candidates, zone, now);
  }
  const at = named.year === undefined ? ofSomeYear(said, named, time, zone, now) : ofDay(said, named, time, zone);
  if (at !== undefined && weekday !== undefined) refuseOtherWeekday(said, at, weekday, zone);
  return at;
}

function ofDay(said: string, day: WrittenDay, time: TimeOfDay, zone: string): Date {
  return onlyInstant(said, { year: 0, ...day, ...time }, zone);
}

/** By the calendar: days have 23 to 25 hours. */
function dayBefore(now: Date, days: number, zone: string): WrittenDay {
  const today = localTime(now, zone);
  const day = new Date(Date.UTC(today.year, today.month - 1, today.day - days));
  return { year: day.getUTCFullYear(), month: day.getUTCMonth() + 1, day: day.getUTCDate() };
}

function daysSince(weekday: number, now: Date, zone: string): number[] {
  const since = (weekdayOf(now, zone) - weekday + 7) % 7;
  return [since, since + 7];
}

function mostRecent(said: string, time: TimeOfDay, daysBack: number[], zone: string, now: Date): Date | undefined {
  const today = localTime(now, zone);
  for (const days of daysBack) {
    const local = { year: 0, ...dayBefore(now, days, zone), ...time };
    const [first, second] = instantsOf(local, zone);
    const isToCome = first === undefined ? days === 0 && secondsOf(local) > secondsOf(today) : first > now;
    if (days === daysBack[0] && isToCome) continue;
    return first !== undefined && second !== undefined && second > now ? first : onlyInstant(said, local, zone);
  }
  return undefined;
}

/** A date as syslog writes it: of the newest year in which it is not to come, but for a later time of today. */
function ofSomeYear(said: string, day: WrittenDay, time: TimeOfDay, zone: string, now: Date): Date | undefined {
  const today = localTime(now, zone);
  const soon = new Date(now.getTime() + toleranceMs);
  for (const year of [today.year + 1, today.year, today.year - 1]) {
    if (!hasDay(year, day)) continue;
    const local = { ...day, year, ...time };
    const isToday = year === today.year && day.month === today.month && day.day === today.day;
    const [first = asUtc(local)] = instantsOf(local, zone); // the clocks may have skipped it
    if (isToday || first <= soon) return onlyInstant(said, local, zone);
  }
  return undefined;
}

function hasDay(year: number, { month, day }: WrittenDay): boolean {
  return new Date(Date.UTC(year, month - 1, day)).getUTCMonth() === month - 1; // the zone of this machine may have skipped it
}

function asUtc({ year, month, day, hour, minute, second }: LocalTime): Date {
  return new Date(Date.UTC(year, month - 1, day, hour, minute, second));
}

function secondsOf({ hour, minute, second }: TimeOfDay): number {
  return (hour * 60 + minute) * 60 + second;
}

/** Monday is 0. */
function weekdayOf(at: Date, zone: string): number {
  return (asUtc(localTime(at, zone)).getUTCDay() + 6) % 7;
}

function onlyInstant(said: string, local: LocalTime, zone: string): Date {
  const [first, second] = instantsOf(local, zone);
  if (first === undefined) {
    const [before, after] = besideGap(local, zone);
    throw badTime(
      `${said} does not exist in ${zone}: the clocks skipped it`,
      `Write ${typedInstant(before, zone)} or ${typedInstant(after, zone)}`,
    );
  }
  if (second !== undefined)
    throw badTime(
      `${said} happened twice in ${zone}: the clocks were set back`,
      `Write ${typedInstant(first, zone)} or ${typedInstant(second, zone)}`,
    );
  return first;
}

function refuseOtherWeekday(said: string, at: Date, weekday: number, zone: string): void {
  const found = weekdayOf(at, zone);
  if (found === weekday) return;
  const names = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];
  throw badTime(
    `${said}: ${formatLocal(at, zone).slice(0, 10)} is a ${names[found]}, not a ${names[weekday]}`,
    `Write the day that is meant, as in ${typedInstant(at, zone)}`,
  );
}

/** An instant as it can be typed without doubt. */
export function typedInstant(at: Date, zone: string): string {
  const seconds = localTime(at, zone).second !== 0;
  return `${formatLocal(at, zone, seconds).replace(' ', 'T')}${formatOffset(at, zone)}`;
}

export function badTime(message: string, hint: string): UserError {
  return usageError('bad-time', message, hint);
}
