import { parseWeeklyHours } from './business-hours.js';
import { besideGap, instantsOf, type LocalTime, localTime, offsetMinutes } from './zone.js';

/** Hours that come again: each week, or once a month on such a day; minutes of the day, over midnight where they end first. */
export type Recurrence = {
  /** 0 is Sunday. */
  days: readonly number[];
  /** Which of them in the month; undefined: each. */
  nth?: 1 | 2 | 3 | 4 | 5 | 'last';
  from: number;
  until: number;
};

/** From its first instant to the one behind its last. */
export type Span = { from: Date; until: Date };

const ordinals = { '1st': 1, '2nd': 2, '3rd': 3, '4th': 4, '5th': 5, last: 'last' } as const;
const minutesOfDay = 24 * 60;

/** Reads `Sun 02:00-04:00`, `Mon-Fri 22:00-23:00`, `2nd Tue 20:00-23:00` or `last Sun 01:00-03:00`; undefined where it is none. */
export function parseRecurrence(text: string): Recurrence | undefined {
  const [, ordinal, hours = ''] = /^(?:(1st|2nd|3rd|4th|5th|last) +)?(.+)$/.exec(text.trim()) ?? [];
  const weekly = parseWeeklyHours(hours);
  if (weekly === undefined || (ordinal !== undefined && weekly.days.length > 1)) return undefined;
  return ordinal === undefined ? weekly : { ...weekly, nth: ordinals[ordinal as keyof typeof ordinals] };
}

/** The span that an instant is in; undefined where it is in none. */
export function spanAt(recurrence: Recurrence, zone: string, at: Date): Span | undefined {
  return [-1, 0, 1]
    .flatMap((shift) => spanOn(recurrence, zone, dayAt(at, zone, shift)))
    .find(({ from, until }) => from <= at && at < until);
}

/** The longest that is looked ahead, in days: the fifth Monday of a month may be far. */
const farthestDays = 400;

/** The next spans that have not ended at an instant, in their order. */
export function nextSpans(recurrence: Recurrence, zone: string, at: Date, count: number): Span[] {
  const spans: Span[] = [];
  for (let shift = -1; spans.length < count && shift <= farthestDays; shift++)
    spans.push(...spanOn(recurrence, zone, dayAt(at, zone, shift)).filter(({ until }) => until > at));
  return spans;
}

/** The span that begins on a day of the calendar, given as its midnight in UTC: none or one. */
function spanOn({ days, nth, from, until }: Recurrence, zone: string, day: number): Span[] {
  const date = new Date(day);
  if (!days.includes(date.getUTCDay()) || !isNth(date, nth)) return [];
  const end = until > from ? until : until + minutesOfDay;
  const [first, last] = [instantsAt(day, from, zone).at(0), instantsAt(day, end, zone).at(-1)];
  return first === undefined || last === undefined || last <= first ? [] : [{ from: first, until: last }];
}

function isNth(date: Date, nth: Recurrence['nth']): boolean {
  const day = date.getUTCDate();
  if (nth === undefined) return true;
  if (nth === 'last') return new Date(date.getTime() + 7 * 86_400_000).getUTCMonth() !== date.getUTCMonth();
  return Math.ceil(day / 7) === nth;
}

/** The instants of a minute of a day; where it is skipped, the one at which the clocks are set. */
export function instantsAt(day: number, minutes: number, zone: string): Date[] {
  const local = localTime(new Date(day + minutes * 60_000), 'UTC');
  const instants = instantsOf(local, zone);
  return instants.length > 0 ? instants : [changeBeside(local, zone)];
}

/** The instant at which a local time is skipped: clocks show another offset from it on. */
function changeBeside(local: LocalTime, zone: string): Date {
  const [before, after] = besideGap(local, zone).map((at) => at.getTime());
  let [low, high] = [Math.min(before ?? 0, after ?? 0) - 60_000, Math.max(before ?? 0, after ?? 0) + 60_000];
  const offset = offsetMinutes(zone, new Date(low));
  while (high - low > 1000) {
    const middle = Math.floor((low + high) / 2000) * 1000;
    if (offsetMinutes(zone, new Date(middle)) === offset) low = middle;
    else high = middle;
  }
  return new Date(Math.round(high / 1000) * 1000);
}

/** A day of the calendar of a zone, so many after the one of an instant, as the number that its midnight has in UTC. */
function dayAt(at: Date, zone: string, shift: number): number {
  const { year, month, day } = localTime(at, zone);
  return Date.UTC(year, month - 1, day + shift);
}
