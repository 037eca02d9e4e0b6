import { instantsOf, type LocalTime, localTime } from './zone.js';

/** Hours of the week: on which days (0 is Sunday), from which minute of the day to which; over midnight where it ends first. */
export type WeeklyHours = { days: readonly number[]; from: number; until: number };

/** Dates as `2026-12-24`, the last one included. */
export type DateRange = { first: string; last: string };

export type BusinessHours = { zone: string; on: readonly WeeklyHours[]; except: readonly DateRange[] };

const dayNames = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const minutesOfDay = 24 * 60;

/** Reads e.g. `Mon-Fri 08:00-17:00`, `Sat,Sun 10:00-12:00` or `Fri 22:00-06:00`; undefined where it is none. */
export function parseWeeklyHours(text: string): WeeklyHours | undefined {
  const [, dayText = '', fromText = '', untilText = ''] = /^(\S+) +(\d\d:\d\d)-(\d\d:\d\d)$/.exec(text.trim()) ?? [];
  const days = dayText.split(',').map(parseDays);
  const [from, until] = [minuteOf(fromText), minuteOf(untilText)];
  if (from === undefined || until === undefined || from === minutesOfDay || from === until) return undefined;
  if (days.some((part) => part === undefined)) return undefined;
  return { days: [...new Set(days.flatMap((part) => part ?? []))], from, until };
}

/** One day, or the days of a range, which may go over Sunday. */
function parseDays(text: string): number[] | undefined {
  const [first = '', last = first, ...more] = text.split('-');
  const [from, until] = [dayNames.indexOf(first), dayNames.indexOf(last)];
  if (from < 0 || until < 0 || more.length > 0) return undefined;
  const length = ((until - from + 7) % 7) + 1;
  return Array.from({ length }, (_, n) => (from + n) % 7);
}

function minuteOf(text: string): number | undefined {
  const [hour = 25, minute = 0] = text === '' ? [] : text.split(':').map(Number);
  const minutes = 60 * hour + minute;
  return minute < 60 && minutes <= minutesOfDay ? minutes : undefined;
}

/** Reads `2026-12-24` or `2026-12-24..2026-12-26`; undefined where it is no date, or ends before it begins. */
export function parseDateRange(text: string): DateRange | undefined {
  const [first = '', last = first, ...more] = text.trim().split('..');
  return isDate(first) && isDate(last) && first <= last && more.length === 0 ? { first, last } : undefined;
}

function isDate(text: string): boolean {
  const at = /^\d{4}-\d\d-\d\d$/.test(text) ? new Date(`${text}T00:00:00Z`) : undefined;
  return at !== undefined && !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text);
}

/**
 * Whether an instant is within business hours, by the clocks of their zone. Where a clock is set, hours are never shorter
 * than a person would read them: a repeated beginning is the first one, a repeated end the second; what is skipped is the
 * change itself.
 */
export function isBusiness(at: Date, { zone, on, except }: BusinessHours): boolean {
  const local = localTime(at, zone);
  const today = new Date(midnight(local, 0)).toISOString().slice(0, 10);
  if (except.some(({ first, last }) => first <= today && today <= last)) return false;
  const isWithin = (hours: WeeklyHours) => [-1, 0, 1].some((shift) => isOnDay(at, hours, midnight(local, shift), zone));
  return on.some(isWithin);
}

/** Whether it is in the hours that begin on a day, which is given as its midnight. */
function isOnDay(at: Date, { days, from, until }: WeeklyHours, day: number, zone: string): boolean {
  if (!days.includes(new Date(day).getUTCDay())) return false;
  const end = until > from ? until : until + minutesOfDay;
  const hasBegun = isPast(at, localAt(day, from), zone, (instants) => instants.at(0));
  return hasBegun && !isPast(at, localAt(day, end), zone, (instants) => instants.at(-1));
}

/** Whether the clocks have come to a local time; one that is skipped has come when they show a later one. */
function isPast(at: Date, local: LocalTime, zone: string, which: (instants: Date[]) => Date | undefined): boolean {
  const instant = which(instantsOf(local, zone));
  return instant === undefined ? asUtc(localTime(at, zone)) >= asUtc(local) : at >= instant;
}

/** A day of the calendar as the number that its midnight has in UTC. */
function midnight({ year, month, day }: LocalTime, shift: number): number {
  return Date.UTC(year, month - 1, day + shift);
}

function localAt(day: number, minutes: number): LocalTime {
  return localTime(new Date(day + minutes * 60_000), 'UTC');
}

function asUtc({ year, month, day, hour, minute, second }: LocalTime): number {
  return Date.UTC(year, month - 1, day, hour, minute, second);
}
