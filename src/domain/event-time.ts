import { parseISO } from 'date-fns/parseISO';
import { usageError } from '../errors.js';
import { parseDuration } from './quantities.js';
import { besideGap, formatLocal, formatOffset, instantsOf, type LocalTime, localTime } from './zone.js';

const forms =
  '2026-11-20T10:32, "2026-11-20 10:32", 10:32, "Nov 20 10:32:05", 2026-11-20T10:32+01:00, 2026-11-20T09:32Z, -45m, now';

/** Clocks differ: a time that is to come within this is taken for now. */
const toleranceMs = 60_000;

/**
 * Reads `--at`. Without an offset the time is the operator's local time; a bare `HH:MM` is its most recent occurrence, and
 * so is the date of a log line, which has no year. `10.32` is 10:32, and `45m` is `-45m`: nobody means the future.
 * @throws UserError `bad-time` for anything else, for a time in the future, and for a local time that a change of
 * daylight saving skips or repeats
 */
export function parseEventTime(text: string, zone: string, now: Date): Date {
  const at = readTime(text.trim(), zone, now);
  if (at === undefined) throw usageError('bad-time', `--at "${text}" is not a time`, `Write it like one of: ${forms}`);
  if (at.getTime() > now.getTime() + toleranceMs) {
    const shown = `${formatLocal(at, zone)} ${zone}`;
    throw usageError(
      'bad-time',
      `--at "${text}" is in the future (${shown})`,
      'Give the time at which the incident began',
    );
  }
  return at;
}

function readTime(text: string, zone: string, now: Date): Date | undefined {
  if (text === 'now') return now;
  const ago = /^\+/.test(text) ? undefined : parseDuration(text.replace(/ ago$/, ''));
  if (ago !== undefined) return new Date(now.getTime() - Math.abs(ago));

  const timeOnly = /^(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?$/.exec(text);
  if (timeOnly !== null) return mostRecent(timeOnly, zone, now);

  const logged = /^([a-z]{3}) +(\d{1,2}) +(\d{2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?$/i.exec(text);
  if (logged !== null) return ofSomeYear(logged, zone, now);

  const full =
    /^(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?\s*(Z|[+-](?:0\d|1[0-5]):?[0-5]\d)?$/i.exec(
      text,
    );
  if (full === null) return undefined;
  const local = localOf(full.slice(1, 7));
  if (local === undefined) return undefined;
  if (full[7] !== undefined) return withOffset(text);
  return onlyInstant(text, local, zone);
}

function withOffset(text: string): Date | undefined {
  const at = parseISO(text.replace(' ', 'T').replace(/\s+/g, '').toUpperCase());
  return Number.isNaN(at.getTime()) ? undefined : at;
}

function mostRecent(time: RegExpExecArray, zone: string, now: Date): Date | undefined {
  const today = localTime(now, zone);
  for (const daysBack of [0, 1]) {
    const day = new Date(Date.UTC(today.year, today.month - 1, today.day - daysBack)); // by the calendar: days have 23 to 25 hours
    const local = localOf([day.getUTCFullYear(), day.getUTCMonth() + 1, day.getUTCDate(), time[1], time[2], time[3]]);
    if (local === undefined) return undefined;
    const [first, second] = instantsOf(local, zone);
    const isToCome = first === undefined ? secondsOf(local) > secondsOf(today) : first > now;
    if (daysBack === 0 && isToCome) continue;
    return first !== undefined && second !== undefined && second > now ? first : onlyInstant(time[0], local, zone);
  }
  return undefined;
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/** A date as syslog writes it: of the newest year in which it is not to come, but for a later time of today. */
function ofSomeYear(logged: RegExpExecArray, zone: string, now: Date): Date | undefined {
  const month = months.indexOf((logged[1] ?? '').toLowerCase()) + 1;
  const today = localTime(now, zone);
  const soon = new Date(now.getTime() + toleranceMs);
  for (const year of [today.year + 1, today.year, today.year - 1]) {
    const local = localOf([year, month, logged[2], logged[3], logged[4], logged[5]]);
    if (local === undefined) continue;
    const isToday = year === today.year && month === today.month && local.day === today.day;
    const [first = asUtc(local)] = instantsOf(local, zone); // the clocks may have skipped it
    if (isToday || first <= soon) return onlyInstant(logged[0], local, zone);
  }
  return undefined;
}

function asUtc({ year, month, day, hour, minute, second }: LocalTime): Date {
  return new Date(Date.UTC(year, month - 1, day, hour, minute, second));
}

function secondsOf({ hour, minute, second }: LocalTime): number {
  return (hour * 60 + minute) * 60 + second;
}

function onlyInstant(text: string, local: LocalTime, zone: string): Date {
  const [first, second] = instantsOf(local, zone);
  const written = (at: Date) =>
    `${formatLocal(at, zone, local.second !== 0).replace(' ', 'T')}${formatOffset(at, zone)}`;
  if (first === undefined) {
    const [before, after] = besideGap(local, zone);
    throw usageError(
      'bad-time',
      `"${text}" does not exist in ${zone}: the clocks skipped it`,
      `Write ${written(before)} or ${written(after)}`,
    );
  }
  if (second !== undefined) {
    throw usageError(
      'bad-time',
      `"${text}" happened twice in ${zone}: the clocks were set back`,
      `Write ${written(first)} or ${written(second)}`,
    );
  }
  return first;
}

function localOf(parts: ReadonlyArray<string | number | undefined>): LocalTime | undefined {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts.map((part) => Number(part ?? 0));
  const date = new Date(Date.UTC(year, month - 1, day)); // the zone of this machine may have skipped the day
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day || hour > 23 || minute > 59 || second > 59)
    return undefined;
  return { year, month, day, hour, minute, second };
}
