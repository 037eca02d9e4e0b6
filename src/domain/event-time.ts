import { parseISO } from 'date-fns/parseISO';
import type { UserError } from '../errors.js';
import { millisecondsAgo, sinceEpoch } from './time-ago.js';
import { timeFault } from './time-fault.js';
import type { WrittenDay } from './written-date.js';
import { badTime, instantOf, toleranceMs, typedInstant } from './written-instant.js';
import { readWrittenTime, type WrittenTime } from './written-time.js';
import { writtenZones } from './written-zone.js';
import { formatLocal, localTime } from './zone.js';

const forms =
  '2026-11-20T10:32, "2026-11-20 10:32", 10:32, "1:32 PM", "yesterday 10:32", "Nov 20 10:32:05", 2026-11-20T10:32+01:00, "2026-11-20 10:32 CET", 2026-11-20T09:32Z, -45m, "2h ago", now';

/**
 * Reads the time of an event as people type and paste it. Without a zone the time is the operator's local time; a bare `HH:MM` is its most
 * recent occurrence, and so is the date of a log line, which has no year. `10.32` is 10:32, and `45m` is `-45m`: nobody means
 * the future.
 * @param option by which it was given: a refusal names it
 * @throws UserError `bad-time` for anything else, for a time in the future, for a local time that a change of daylight saving
 * skips or repeats, and for what may be several times: it says which, and what to type
 */
export function parseEventTime(text: string, zone: string, now: Date, option = '--at'): Date {
  const said = `${option} "${text}"`;
  const at = readTime({ text: text.trim().replace(/\s+/g, ' '), said }, zone, now);
  if (at === undefined) {
    const fault = timeFault(text, readWrittenTime(text).zone);
    throw badTime(`${said} is not a time${fault === undefined ? '' : `: ${fault}`}`, `Write it like one of: ${forms}`);
  }
  if (at.getTime() > now.getTime() + toleranceMs) throw inFuture(said, ` (${formatLocal(at, zone)} ${zone})`);
  return at;
}

/** A time as it is read, and as it is named when it is refused. */
type Given = { text: string; said: string };

function readTime(given: Given, zone: string, now: Date): Date | undefined {
  const { text } = given;
  const ago = millisecondsAgo(text);
  if (ago !== undefined) return new Date(now.getTime() - ago);
  return sinceEpoch(text) ?? isoInstant(text) ?? readWritten(given, zone, now);
}

/** As programs write an instant: to the millisecond. */
function isoInstant(text: string): Date | undefined {
  const iso = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?) ?(Z|[+-](?:0\d|1[0-5]):?[0-5]\d)$/i.exec(
    text,
  );
  if (iso === null) return undefined;
  const at = parseISO(`${iso[1]}T${iso[2]?.replace(',', '.')}${iso[3]?.toUpperCase()}`);
  return Number.isNaN(at.getTime()) ? undefined : at;
}

function readWritten({ text, said }: Given, operatorZone: string, now: Date): Date | undefined {
  const written = readWrittenTime(text);
  const zones = written.zone === '' ? [operatorZone] : writtenZones(written.zone, operatorZone, now);
  if (zones.length === 0) return undefined;
  if (written.time === undefined) return withoutTime({ text, said }, written, localTime(now, operatorZone));
  const days = written.days.length === 0 ? [undefined] : written.days;
  const readings = zones.flatMap((zone) =>
    days.flatMap((day) => {
      const at = instantOf(said, written, day, zone, now);
      return at === undefined ? [] : [{ at, zone }];
    }),
  );
  const past = readings.filter(({ at }) => at.getTime() <= now.getTime() + toleranceMs);
  if (past.length > 1) throw ambiguous(said, past, days.length > 1 ? undefined : written.zone);
  return (past[0] ?? readings[0])?.at; // no incident is to come
}

/** A day alone is no time: nobody guesses the hour. */
function withoutTime({ text, said }: Given, { days, daysBack }: WrittenTime, today: Required<WrittenDay>): undefined {
  const past = days.filter((day) => !isAfter(day, today));
  if (days.length > past.length && past.length === 0) throw inFuture(said);
  const shown = past.map(({ year, month, day }) => [year ?? 'YYYY', two(month), two(day)].join('-'));
  const written = daysBack === undefined ? shown : [text];
  if (written.length === 0) return undefined;
  throw badTime(
    `${said} is a day without a time${shown.length > 1 ? `, and may be ${shown.join(' or ')}` : ''}`,
    `Write it with its time: ${written.map((day) => `"${day} 10:32"`).join(' or ')}`,
  );
}

function ambiguous(said: string, readings: readonly { at: Date; zone: string }[], zone: string | undefined): UserError {
  const why = zone === undefined ? 'the order of day and month is not clear' : `"${zone}" is the name of several zones`;
  return badTime(
    `${said} may be several times: ${why}`,
    `Write ${readings.map((reading) => typedInstant(reading.at, reading.zone)).join(' or ')}`,
  );
}

function inFuture(said: string, shown = ''): UserError {
  return badTime(`${said} is in the future${shown}`, 'Give the time at which the incident began');
}

function isAfter({ year, month, day }: WrittenDay, today: Required<WrittenDay>): boolean {
  const number = (y: number, m: number, d: number) => (y * 100 + m) * 100 + d;
  return year !== undefined && number(year, month, day) > number(today.year, today.month, today.day);
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
