import type { Span } from './recurrence.js';
import { instantIn, type Week, weekAfter, weekAt, weekName, weekSpan } from './week.js';

/** When the weekly status is sent by itself, to whom, and where its pages stand. */
export type Weekly = {
  /** 0 is Monday, and the minute of the day: in the week after the one it tells of. */
  day: number;
  minute: number;
  /** Undefined: that of whoever runs it. */
  zone?: string;
  to: readonly string[];
  cc: readonly string[];
  /** By which mail goes out. */
  channel: string;
  /** The folder of its pages. */
  html?: string;
};

/** When it is due, with the zone in which that is meant. */
export type WeeklyTime = Pick<Weekly, 'day' | 'minute'> & { zone: string };

/** So late it is sent still; later, the next one tells of that week in short. */
const latestMs = 3 * 86_400_000;
/** What comes later than this says so. */
const punctualMs = 3_600_000;

/** When the status of a week is due. */
export function dueAt(week: Week, { day, minute, zone }: WeeklyTime): Date {
  return instantIn(weekAfter(week, 1), day, minute, zone);
}

/** The last week that is due by now. */
function lastDue(time: WeeklyTime, now: Date): Week {
  const ended = weekAfter(weekAt(now, time.zone), -1);
  return dueAt(ended, time) <= now ? ended : weekAfter(ended, -1);
}

/** When it is due next. */
export function nextDue(time: WeeklyTime, now: Date): Date {
  return dueAt(weekAfter(lastDue(time, now), 1), time);
}

/** What is known of what was sent. */
export type SentWeeks = {
  /** By their names. */
  sent: ReadonlySet<string>;
  /** Since when they are sent at all; undefined where that is not known. */
  since: Date | undefined;
};

/** The week to be sent now, and whether that is late; undefined where none is. */
export function dueWeek(
  time: WeeklyTime,
  { sent, since }: SentWeeks,
  now: Date,
): { week: Week; isLate: boolean } | undefined {
  const week = lastDue(time, now);
  const due = dueAt(week, time);
  const lateMs = now.getTime() - due.getTime();
  if (sent.has(weekName(week)) || lateMs > latestMs || (since !== undefined && due < since)) return undefined;
  return { week, isLate: lateMs > punctualMs };
}

/** So many weeks are told of at most that were not sent in their time. */
const mostMissed = 8;

/** The weeks before one that should have been sent and were not, the oldest first. */
export function missedWeeks(week: Week, time: WeeklyTime, { sent, since }: SentWeeks): Week[] {
  const [last] = [...sent]
    .filter((name) => name < weekName(week))
    .toSorted()
    .slice(-1);
  const before = Array.from({ length: mostMissed }, (_, count) => weekAfter(week, -1 - count));
  const owed = before.filter((each) =>
    last === undefined ? since !== undefined && dueAt(each, time) >= since : weekName(each) > last,
  );
  return owed.toReversed();
}

/** A part of a week that has passed already. */
export function passedSpan(week: Week, zone: string, now: Date): Span {
  const { from, until } = weekSpan(week, zone);
  return { from, until: until < now ? until : now };
}
