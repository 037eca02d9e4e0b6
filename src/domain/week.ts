import { instantsAt, type Span } from './recurrence.js';
import { localTime } from './zone.js';

/** A week as ISO 8601 counts them: from Monday, the first is the one with the first Thursday of the year. */
export type Week = { year: number; week: number };

const dayMs = 86_400_000;
/** Thursday, which decides of which year a week is. */
const thursday = 3;

/** Reads `2026-W47`; undefined where it is no week, or the year has none of that number. */
export function parseWeek(text: string): Week | undefined {
  const [, year = '', week = ''] = /^(\d{4})-?W(\d\d)$/i.exec(text.trim()) ?? [];
  const read = { year: Number(year), week: Number(week) };
  const isThere = read.year > 1970 && read.week >= 1 && weekName(weekOfDay(mondayOf(read))) === weekName(read);
  return isThere ? read : undefined;
}

/** @returns e.g. `2026-W47`, whose order is that of time */
export function weekName({ year, week }: Week): string {
  return `${year}-W${String(week).padStart(2, '0')}`;
}

/** The week in which an instant is, by the clocks of a zone. */
export function weekAt(at: Date, zone: string): Week {
  const { year, month, day } = localTime(at, zone);
  return weekOfDay(Date.UTC(year, month - 1, day));
}

/** The week so many weeks later, or earlier. */
export function weekAfter(week: Week, count: number): Week {
  return weekOfDay(mondayOf(week) + 7 * count * dayMs);
}

/** From the first instant of its Monday to that of the next one. */
export function weekSpan(week: Week, zone: string): Span {
  return { from: instantIn(week, 0, 0, zone), until: instantIn(weekAfter(week, 1), 0, 0, zone) };
}

/** The first instant of a minute of a day of it; where clocks skip that, the one at which they do. @param day 0 is Monday */
export function instantIn(week: Week, day: number, minute: number, zone: string): Date {
  const [first = new Date(Number.NaN)] = instantsAt(mondayOf(week) + day * dayMs, minute, zone);
  return first;
}

const months = [
  ...['January', 'February', 'March', 'April', 'May', 'June', 'July'],
  ...['August', 'September', 'October', 'November', 'December'],
];

/** @returns e.g. `week 47 (16–22 November 2026)`, `week 53 (28 December 2026 – 3 January 2027)` */
export function weekTitle(week: Week): string {
  return `week ${week.week} (${weekDates(week)})`;
}

/** @returns e.g. `16–22 November 2026` */
export function weekDates(week: Week): string {
  const [first, last] = [0, 6].map((days) => new Date(mondayOf(week) + days * dayMs));
  if (first === undefined || last === undefined) return '';
  const parts = (date: Date) => [date.getUTCDate(), months[date.getUTCMonth()], date.getUTCFullYear()];
  const [begin, end] = [parts(first), parts(last)];
  if (begin[2] !== end[2]) return `${begin.join(' ')} – ${end.join(' ')}`;
  return begin[1] === end[1] ? `${begin[0]}–${end.join(' ')}` : `${begin[0]} ${begin[1]} – ${end.join(' ')}`;
}

/** Its Monday as the number that the midnight of that day has in UTC. */
function mondayOf({ year, week }: Week): number {
  const fourth = Date.UTC(year, 0, 4); // is always in the first week
  return fourth - weekday(fourth) * dayMs + 7 * (week - 1) * dayMs;
}

function weekOfDay(day: number): Week {
  const middle = day + (thursday - weekday(day)) * dayMs;
  const year = new Date(middle).getUTCFullYear();
  return { year, week: 1 + Math.floor((middle - Date.UTC(year, 0, 1)) / (7 * dayMs)) };
}

/** 0 is Monday. */
function weekday(day: number): number {
  return (new Date(day).getUTCDay() + 6) % 7;
}
