import { formatDuration } from '../domain/quantities.js';
import type { Window } from '../domain/window.js';
import { agreementMs, at, firstOf, goesOnUntimed, type LogReading, type Told } from './log-reading.js';

/** Gaps where the log that was read does not cover the whole window. */
export function timeGaps(reading: LogReading): Told[] {
  const { window, readAt, zone, isClockKnown } = reading;
  const told: Told[] = [];
  if (!isClockKnown)
    told.push([
      'clock-unknown',
      'the clock of the server could not be read: whether this is the right hour is not known',
    ]);
  const first = firstOf(reading);
  if (first !== undefined && first > window.since)
    told.push(['rotated-away', `begins at ${at(first, zone)}: ${whereOlderLinesAre(reading)}`]);
  told.push(...endGaps(reading));
  if (readAt < window.until) told.push(['not-over', `the window is not over: it ends at ${at(window.until, zone)}`]);
  return told;
}

function whereOlderLinesAre({ passedOver }: LogReading): string {
  return passedOver.length === 0
    ? 'older lines are not on the server'
    : 'whether older lines are in the files that were not read is not known';
}

function endGaps(reading: LogReading): Told[] {
  const { result, window, zone, readAt, nextBegins } = reading;
  const { silence, rhythm } = result;
  // In which zone its times are is not known: nor is when it was silent.
  if (reading.finding.kind === 'unknown' && result.localLines > 0) return [];
  const { last } = result.agreed;
  if (silence !== undefined) return [silent(reading, silence)];
  if (last === undefined) return result.bytesIn === 0 ? emptyGaps(reading) : [];
  const end = nextBegins ?? readAt;
  const isOver = last >= window.until || (readAt < window.until && nextBegins === undefined && isFresh(reading, last));
  if (isOver || goesOnUntimed(reading)) return [];
  if (rhythm.isStop(end.getTime() - last.getTime(), false)) return [silent(reading, { since: last, until: end })];
  if (nextBegins !== undefined || agrees(reading, last)) return [];
  const { writtenAt } = reading;
  const written =
    writtenAt === undefined
      ? 'when it was last written to is not known'
      : `the file was written to at ${at(writtenAt, zone)}`;
  return [
    [
      'unproven',
      `its newest line is of ${at(last, zone)}, and ${written}: whether lines of the window are missing is not known`,
    ],
  ];
}

/** Whether the newest line is as new as can be expected of a log that is read while the window goes on. */
function isFresh(reading: LogReading, last: Date): boolean {
  return !reading.result.rhythm.isStop(reading.readAt.getTime() - last.getTime(), false) && agrees(reading, last);
}

function agrees({ writtenAt, readAt }: LogReading, last: Date): boolean {
  return (writtenAt ?? readAt).getTime() - last.getTime() <= agreementMs;
}

/** Gaps of an empty log: a file that was written to and is empty has been emptied. */
function emptyGaps({ window, writtenAt, zone }: LogReading): Told[] {
  if (writtenAt !== undefined && writtenAt < window.since) return [];
  if (writtenAt === undefined) return [['unproven', 'it is empty, and when it was last written to is not known']];
  return [['rotated-away', `it is empty since ${at(writtenAt, zone)}: older lines are not on the server`]];
}

function silent({ window, eventAt, zone, readAt, nextBegins }: LogReading, { since, until }: Window): Told {
  const beforeMs = eventAt.getTime() - since.getTime();
  const distance = `${formatDuration(Math.abs(beforeMs))} ${beforeMs >= 0 ? 'before' : 'after'} the event`;
  const goesOn = until < (nextBegins ?? readAt) || nextBegins !== undefined;
  const again = goesOn ? `, and went on at ${at(until, zone)}` : '';
  const what = since <= window.since ? 'logging had stopped' : 'logging stopped';
  return ['silent', `${what} at ${at(since, zone)}, ${distance}${again}; this log is not usually silent that long`];
}
