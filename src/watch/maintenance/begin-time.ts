import { instantsOf, type LocalTime, localTime } from '../../domain/zone.js';
import { type UserError, usageError } from '../../errors.js';

const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const dayMs = 86_400_000;

/**
 * Reads when maintenance begins or ends: `now`, `22:00`, `Sun 02:00`, `2026-11-22 02:00`, by the clocks of a zone, the next time
 * it is so; or with `Z` or an offset.
 * @throws UserError `bad-time` for anything else, for what is past, and for an hour that the clocks skip
 */
export function timeAhead(text: string, option: string, zone: string, now: Date): Date {
  if (text.trim() === 'now') return now;
  const at = readAhead(text.trim(), zone, now);
  if (at === undefined) throw refused(`${option} "${text}" is not a time, or one that the clocks of ${zone} skip`);
  if (at.getTime() < now.getTime() - 60_000) throw refused(`${option} "${text}" is past`);
  return at;
}

function refused(message: string): UserError {
  return usageError(
    'bad-time',
    message,
    'Write it like one of: now, 22:00, "Sun 02:00", "2026-11-22 02:00", 2026-11-22T01:00Z',
  );
}

function readAhead(text: string, zone: string, now: Date): Date | undefined {
  if (/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)$/.test(text)) {
    const at = new Date(text);
    return Number.isNaN(at.getTime()) ? undefined : at;
  }
  const [, date, day, hour, minute] =
    /^(?:(\d{4}-\d\d-\d\d)[ T]|([A-Z][a-z]{2}) +)?([01]\d|2[0-3]):([0-5]\d)$/.exec(text) ?? [];
  if (hour === undefined) return undefined;
  const clock = { hour: Number(hour), minute: Number(minute), second: 0 };
  if (date !== undefined) return instantOn(new Date(`${date}T00:00:00Z`), clock, zone, date);
  if (day !== undefined && !days.includes(day)) return undefined;
  const { year, month, day: today } = localTime(now, zone);
  for (let shift = 0; shift <= 8; shift++) {
    const midnight = new Date(Date.UTC(year, month - 1, today) + shift * dayMs);
    if (day !== undefined && days[midnight.getUTCDay()] !== day) continue;
    const at = instantOn(midnight, clock, zone);
    if (at !== undefined && at > now) return at;
  }
  return undefined;
}

/** The first instant at which clocks show a time of a day; undefined where they skip it, or there is no such date. */
function instantOn(
  midnight: Date,
  clock: Pick<LocalTime, 'hour' | 'minute' | 'second'>,
  zone: string,
  date?: string,
): Date | undefined {
  if (Number.isNaN(midnight.getTime()) || (date !== undefined && !midnight.toISOString().startsWith(date)))
    return undefined;
  const local = {
    year: midnight.getUTCFullYear(),
    month: midnight.getUTCMonth() + 1,
    day: midnight.getUTCDate(),
    ...clock,
  };
  return instantsOf(local, zone).at(0);
}
