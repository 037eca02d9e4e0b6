import { monthNumber } from '../domain/month-names.js';
import type { Group, Order } from './forms.js';

/** The time at the head of a log line. One object is reused, because this runs for every line of every log. */
export type Stamp = {
  /** `instant`: `ms` is Unix time. `local`: `ms` is the wall clock read as if it were UTC. */
  kind: 'instant' | 'local';
  ms: number;
  /** How long a span the time stands for: a stamp without seconds is a whole minute. */
  spanMs: number;
  /** The stamp names no year: `ms` is in the latest year that is possible. */
  yearless: boolean;
  /** Its other readings, with day and month exchanged, as long as the log has not shown which is which. */
  others: readonly number[];
  /** The form in which it was read. */
  form: number;
};

export function emptyStamp(): Stamp {
  return { kind: 'local', ms: 0, spanMs: 1, yearless: false, others: [], form: -1 };
}

/** The parts of a time as written. */
export type Fields = Partial<Record<Exclude<Group, 'secondOf'> | 'seconds', string>>;

export function fieldsOf(match: RegExpExecArray, groups: readonly Group[]): Fields {
  const found: Fields = {};
  for (const [index, group] of groups.entries()) {
    const text = match[index + 1];
    if (text !== undefined) found[group === 'secondOf' ? 'seconds' : group] ??= text;
  }
  return found;
}

/** The days that a date may stand for, at 0:00 as if in UTC; none if the date is impossible. */
export function datesOf(found: Fields, latestLocalMs: number): number[] {
  const month = found.monthName === undefined ? Number(found.month) : (monthNumber(found.monthName) ?? 0);
  const day = Number(found.day);
  if (found.third !== undefined) return dateMs(2000 + Number(found.third), month, day);
  if (found.year === undefined) return yearlessDate(month, day, latestLocalMs);
  return dateMs(Number(found.year), month, day);
}

/** The days of a date of three numbers, whose year may have two digits. */
export function dateInOrder({ first, second, third, year }: Fields, order: Order): number[] {
  const [a, b, c] = [Number(first), Number(second), Number(third)];
  if (order === 'ymd') return year === undefined ? dateMs(2000 + a, b, c) : [];
  const full = year === undefined ? 2000 + c : Number(year);
  return order === 'dmy' ? dateMs(full, b, a) : dateMs(full, a, b);
}

function dateMs(year: number, month: number, day: number): number[] {
  return isDate(year, month, day) ? [Date.UTC(year, month - 1, day)] : [];
}

/** The date in the latest year in which it is at most a day in the future. */
function yearlessDate(month: number, day: number, latestLocalMs: number): number[] {
  for (let year = new Date(latestLocalMs).getUTCFullYear() + 1, tries = 0; tries < 9; year--, tries++) {
    if (!isDate(year, month, day)) continue;
    const ms = Date.UTC(year, month - 1, day);
    if (ms <= latestLocalMs + 86_400_000) return [ms];
  }
  return [];
}

export type Clock = {
  /** The minute of the day, without the seconds. */
  minuteMs: number;
  restMs: number;
  spanMs: number;
};

export function clockOf(found: Fields): Clock | undefined {
  const minute = Number(found.minute);
  const seconds = found.seconds === undefined ? 0 : Number(found.seconds);
  const hour = hourOf(Number(found.hour), found.half);
  if (!(hour <= 23) || !(minute <= 59) || !(seconds <= 60)) return undefined;
  const { fraction } = found;
  const fractionMs = fraction === undefined ? 0 : Number(fraction.slice(0, 3).padEnd(3, '0'));
  const wholeMs = found.seconds === undefined ? 60_000 : 1000;
  return {
    minuteMs: (hour * 60 + minute) * 60_000,
    restMs: seconds * 1000 + fractionMs,
    spanMs: fraction === undefined ? wholeMs : Math.max(1, 1000 / 10 ** fraction.length),
  };
}

/** The hour with AM or PM; `fm` and `em` are Swedish. A word in the message that only looks like one changes nothing. */
function hourOf(hour: number, half: string | undefined): number {
  if (half === undefined || hour < 1 || hour > 12) return hour;
  return (hour % 12) + (/[pe]/i.test(half) ? 12 : 0);
}

/** Reads a Unix time: ten digits are seconds, thirteen milliseconds, sixteen microseconds, nineteen nanoseconds. */
export function readUnixTime(digits: string, stamp: Stamp): boolean {
  const ms = digits.length === 10 ? Number(digits) * 1000 : Number(digits.slice(0, 13));
  if (ms < 946_684_800_000 || ms > 4_102_444_800_000) return false; // 2000 to 2100
  stamp.kind = 'instant';
  stamp.ms = ms;
  stamp.spanMs = digits.length === 10 ? 1000 : 1;
  return true;
}

function isDate(year: number, month: number, day: number): boolean {
  return year >= 1990 && year <= 2100 && month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month);
}

function daysIn(year: number, month: number): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}
