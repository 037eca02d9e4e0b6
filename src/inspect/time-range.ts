import { instantsOf, type LocalTime, localTime } from '../domain/zone.js';
import { usageError } from '../errors.js';

/** From when to when, as somebody typed it; both ends belong to it. */
export type TimeRange = { since: number; until: number };

const written = /^(?:(\d{4})-(\d\d?)-(\d\d?)[T ])?(\d\d?):(\d\d)(?::(\d\d)(?:[.,](\d{1,3}))?)?$/;
const dayMs = 86_400_000;
const hint = 'Write it as 10:31..10:33, 10:31:58.5.. or "2026-11-20 10:31".."2026-11-20 10:33"';

/**
 * Reads `10:31..10:33`; an end that is left out is open, and one time alone is the span it stands for. Of a time without a
 * day the one nearest to the event is meant.
 * @throws UserError `bad-time`
 */
export function timeRange(text: string, zone: string, nearMs: number): TimeRange {
  const [first = '', second, ...more] = text.split('..').map((part) => part.trim());
  if (more.length > 0 || (first === '' && !second)) throw notUnderstood(text);
  const since = first === '' ? undefined : spanOf(first, zone, nearMs, text);
  const until = second === undefined ? since : second === '' ? undefined : spanOf(second, zone, nearMs, text);
  const range = { since: since?.since ?? Number.NEGATIVE_INFINITY, until: until?.until ?? Number.POSITIVE_INFINITY };
  if (range.since > range.until) throw usageError('bad-time', `"${text}" ends before it begins`, hint);
  return range;
}

/** The span that a time stands for: `10:31` is a whole minute. */
function spanOf(time: string, zone: string, nearMs: number, text: string): TimeRange {
  const match = written.exec(time);
  if (match === null) throw notUnderstood(text);
  const [year, month, day, hour = 0, minute = 0, second = 0] = match
    .slice(1, 7)
    .map((part) => (part === undefined ? undefined : Number(part)));
  if (hour > 23 || minute > 59 || second > 59) throw notUnderstood(text);
  const fraction = match[7];
  const clock = { hour, minute, second };
  const near = (away: number): LocalTime => ({ ...localTime(new Date(nearMs + away), zone), ...clock });
  const days =
    year === undefined ? [-dayMs, 0, dayMs].map(near) : [{ year, month: month ?? 1, day: day ?? 1, ...clock }];
  const instants = days.flatMap((local) => instantsOf(local, zone)).map((at) => at.getTime());
  const [at] = instants.sort((a, b) => Math.abs(a - nearMs) - Math.abs(b - nearMs));
  if (at === undefined) throw usageError('bad-time', `there is no ${time} in ${zone} then: the clocks are set`, hint);
  const since = at + Number((fraction ?? '0').padEnd(3, '0'));
  const lengthMs = match[6] === undefined ? 60_000 : fraction === undefined ? 1000 : 10 ** (3 - fraction.length);
  return { since, until: since + lengthMs - 1 };
}

function notUnderstood(text: string) {
  return usageError('bad-time', `"${text}" is no span of time`, hint);
}
