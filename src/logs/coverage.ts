import { windowOpen } from '../domain/completion.js';
import type { Coverage, Gap } from '../domain/manifest.js';
import { formatDuration } from '../domain/quantities.js';
import type { Window } from '../domain/window.js';
import { formatLocal } from '../domain/zone.js';
import { maxUntimedLines } from './chronicle.js';
import type { CutResult } from './cut-result.js';
import type { ZoneFinding } from './zone-evidence.js';

/** All that is known of a log that was read. Times are those of the server's clock. */
export type LogReading = {
  result: CutResult;
  window: Window;
  /** When it was read. */
  readAt: Date;
  /** When the event was; it stands in the middle of what is said of a log that had stopped. */
  eventAt: Date;
  /** The server's clock was compared with ours: otherwise the window may be another one. */
  isClockKnown: boolean;
  /** The zone its times were taken for. */
  zone: string;
  finding: ZoneFinding;
  /** What of it could not be read. */
  problems: readonly string[];
  /** Files that bear its name, and are not in what was read. */
  passedOver: readonly string[];
  /** Why reading ended before its end. */
  cut?: string | undefined;
  /** The first time in an older file that was not fetched. */
  firstLeft?: Date | undefined;
  /** The first time in a newer file that was not fetched. */
  nextBegins?: Date | undefined;
  /** When the newest file that was read was last written to, and whether it is the one that is written to. */
  writtenAt?: Date | undefined;
  isCurrentRead: boolean;
  notNeeded: readonly string[];
};

/** What a log covers of the window, and what a reader must know of it. */
export type LogVerdict = { status: 'ok' | 'partial'; reason?: string; coverage: Coverage };

/** A file's own time and its newest line may be so far apart. */
const agreementMs = 90_000;

/**
 * Whether a log holds all lines of the window. "Complete" is proven, never assumed: its lines reach from before the
 * window to behind it, or the file's own time shows that none came after its newest line; every line's time was
 * understood, or the line is there; the zone of the times is shown by the files; no file of the log was passed over.
 */
export function judgeLog(reading: LogReading): LogVerdict {
  const gaps = [...transferGaps(reading), ...timeGaps(reading), ...lineGaps(reading), ...zoneGaps(reading)];
  const { result, window, notNeeded } = reading;
  const coverage: Coverage = {
    first: firstOf(reading)?.toISOString() ?? null,
    last: result.agreed.last?.toISOString() ?? null,
    window: { since: window.since.toISOString(), until: window.until.toISOString() },
    complete: gaps.length === 0,
    ...(gaps.length === 0 ? {} : { gaps: [...new Set(gaps.map(([gap]) => gap))] }),
    ...(notNeeded.length === 0 ? {} : { notNeeded: [...notNeeded] }),
  };
  const told = [...gaps.map(([, text]) => text), ...remarksOn(reading)];
  const reason = told.length === 0 ? {} : { reason: told.join('; ') };
  return { status: gaps.length === 0 ? 'ok' : 'partial', ...reason, coverage };
}

type Told = readonly [Gap, string];

function transferGaps({ problems, passedOver, cut }: LogReading): Told[] {
  return [
    ...problems.map((text): Told => ['unreadable', `not read whole: ${text}`]),
    ...passedOver.map((text): Told => ['passed-over', text]),
    ...(cut === undefined ? [] : [['cut', `cut: ${cut}`] as const]),
  ];
}

function firstOf({ result, firstLeft }: LogReading): Date | undefined {
  const { first } = result.agreed;
  return firstLeft !== undefined && (first === undefined || firstLeft < first) ? firstLeft : first;
}

/** Whether what was read reaches over the whole window. */
function timeGaps(reading: LogReading): Told[] {
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
  if (readAt < window.until) told.push(['not-over', `${windowOpen}: it ends at ${at(window.until, zone)}`]);
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

/** Its last lines bear no time that is understood: when they were written is not known. */
function goesOnUntimed({ result }: LogReading): boolean {
  return result.stampedLines > 0 && result.untimedAtEnd >= maxUntimedLines;
}

/** A log that is being read while the window goes on: its newest line is as new as can be expected. */
function isFresh(reading: LogReading, last: Date): boolean {
  return !reading.result.rhythm.isStop(reading.readAt.getTime() - last.getTime(), false) && agrees(reading, last);
}

function agrees({ writtenAt, readAt }: LogReading, last: Date): boolean {
  return (writtenAt ?? readAt).getTime() - last.getTime() <= agreementMs;
}

/** A file that was written to and is empty has been emptied. */
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

/** Lines of which it is not known whether they are of the window. */
function lineGaps(reading: LogReading): Told[] {
  const { result, zone, window } = reading;
  const { bytesIn, stampedLines, unreadLines, leftLines, strayTimes, setBackMs } = result;
  const told: Told[] = [];
  if (stampedLines === 0 && bytesIn > result.holeBytes)
    told.push([
      'not-understood',
      `no time was recognised in it, so it is here whole; whether it reaches back to ${at(window.since, zone)} is not known`,
    ]);
  if (stampedLines > 0 && unreadLines > 0)
    told.push([
      'not-understood',
      `the time of ${unreadLines} lines was not understood; they may be of the window, and are here`,
    ]);
  if (leftLines > 0)
    told.push(['not-understood', `${leftLines} lines without a time may be of the window, and are not here`]);
  const { last } = result.agreed;
  if (unreadLines === 0 && goesOnUntimed(reading) && last !== undefined && last < window.until)
    told.push([
      'not-understood',
      `its last ${result.untimedAtEnd} lines bear no time that is understood, the newest that does is of ${at(last, zone)}`,
    ]);
  if (setBackMs > 0)
    told.push([
      'clock-set',
      `the clock was set back ${formatDuration(setBackMs)}: lines of the window may bear a later time`,
    ]);
  else if (strayTimes > 0)
    told.push([
      'out-of-order',
      `its times go back ${strayTimes === 1 ? 'once' : `${strayTimes} times`} in the window or behind it: lines there may belong to other entries`,
    ]);
  return told;
}

function zoneGaps(reading: LogReading): Told[] {
  const { result, zone, finding } = reading;
  const [word] = result.unknownZones;
  if (word !== undefined)
    return [['zone-unknown', `"${word}" behind its times is no zone that is known: they were taken as of ${zone}`]];
  if (result.localLines === 0) return instantGaps(reading);
  if (result.missesChange)
    return [
      ['zone-unknown', `its times do not follow the change of the clocks in ${zone}: they may be of another zone`],
    ];
  if (finding.kind !== 'unknown') return [];
  const others = finding.zones.filter((name) => name !== zone);
  const taken =
    others.length === 0 ? `taken as ${zone}` : `lines of the window in ${[zone, ...others].join(' or ')} are here`;
  return [['zone-unknown', `its times name no zone, and the files do not show which it is: ${taken}`]];
}

/** Times that name their zone are held against the file's own time: programs write a Z behind local time, too. */
function instantGaps({ result, writtenAt, readAt, isCurrentRead, zone }: LogReading): Told[] {
  const { last } = result.agreed;
  if (last === undefined) return [];
  const written = writtenAt ?? readAt;
  const isAhead = last.getTime() - written.getTime() > agreementMs;
  const isBehind =
    isCurrentRead && writtenAt !== undefined && result.rhythm.isStop(written.getTime() - last.getTime(), false);
  if (!isAhead && !isBehind) return [];
  const where = isAhead ? 'after' : 'long before';
  return [
    [
      'zone-unknown',
      `its newest time, ${at(last, zone)}, is ${where} its file was written at ${at(written, zone)}: the zone that its times name may not be theirs`,
    ],
  ];
}

function remarksOn({ result, finding, window, zone, readAt }: LogReading): string[] {
  const { bytesIn, bytesOut, openEnd, holeBytes, stampedLines } = result;
  const { last } = result.agreed;
  const isQuiet = last !== undefined && last < window.until && readAt >= window.until;
  return [
    ...(finding.kind === 'other' && result.localLines > 0
      ? [`its times are of ${finding.zone}, not of the server's zone`]
      : []),
    ...(bytesIn === 0 ? ['the log is empty'] : []),
    ...(stampedLines > 0 && bytesOut === 0 ? ['no line falls into the window'] : []),
    ...(isQuiet ? [`its newest line is of ${at(last, zone)}`] : []),
    ...(holeBytes > 0 ? [`${holeBytes} bytes of nothing at the beginning of a file were left out`] : []),
    ...(openEnd ? ['its last line was still being written'] : []),
  ];
}

function at(instant: Date, zone: string): string {
  return formatLocal(instant, zone, true);
}
