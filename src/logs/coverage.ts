import type { Coverage } from '../domain/manifest.js';
import { zoneTitle } from '../domain/zone-name.js';
import type { CutResult } from './cut-result.js';
import { lineGaps } from './line-gaps.js';
import { at, firstOf, type LogReading, type Told } from './log-reading.js';
import { timeGaps } from './time-gaps.js';
import { zoneGaps } from './zone-gaps.js';

/** What a log covers of the window, and what a reader must know of it. */
export type LogVerdict = { status: 'ok' | 'partial'; reason?: string; coverage: Coverage };

/**
 * Judges whether a log holds all lines in the window. "Complete" is proven, never assumed. Its lines reach from before
 * the window to after it, or the file's own time shows that none came after its newest line; every line's time was
 * understood, or the line was kept; the files show the zone of the times; no file of the log was skipped.
 */
export function judgeLog(reading: LogReading): LogVerdict {
  const gaps = [...transferGaps(reading), ...timeGaps(reading), ...lineGaps(reading), ...zoneGaps(reading)];
  const { result, window, notNeeded } = reading;
  const coverage: Coverage = {
    first: firstOf(reading)?.toISOString() ?? null,
    last: result.agreed.last?.toISOString() ?? null,
    window: { since: window.since.toISOString(), until: window.until.toISOString() },
    complete: gaps.length === 0,
    ...(reading.cut === undefined ? { cut: cutCoverage(result) } : {}),
    ...(gaps.length === 0 ? {} : { gaps: [...new Set(gaps.map(([gap]) => gap))] }),
    ...(notNeeded.length === 0 ? {} : { notNeeded: [...notNeeded] }),
  };
  const told = [...gaps.map(([, text]) => text), ...remarksOn(reading)];
  const reason = told.length === 0 ? {} : { reason: told.join('; ') };
  return { status: gaps.length === 0 ? 'ok' : 'partial', ...reason, coverage };
}

/** The part of the log that was written; nothing if writing ended early. */
export function cutCoverage({ kept, linesOut }: CutResult): NonNullable<Coverage['cut']> {
  return {
    first: kept.first?.toISOString() ?? null,
    last: kept.last?.toISOString() ?? null,
    lines: linesOut,
  };
}

/** The parts of the log that were not transferred. */
function transferGaps({ problems, passedOver, cut }: LogReading): Told[] {
  return [
    ...problems.map((text): Told => ['unreadable', `not read whole: ${text}`]),
    ...passedOver.map((text): Told => ['passed-over', text]),
    ...(cut === undefined ? [] : [['cut', `cut: ${cut}`] as const]),
  ];
}

/** Remarks that are no gaps, but worth knowing. */
function remarksOn({ result, finding, window, zone, readAt, isZoneKnown }: LogReading): string[] {
  const { bytesIn, bytesOut, openEnd, holeBytes, stampedLines } = result;
  const { last } = result.agreed;
  const isQuiet = last !== undefined && last < window.until && readAt >= window.until;
  return [
    ...(finding.kind === 'other' && result.localLines > 0 ? [otherZone(finding.zone, isZoneKnown)] : []),
    ...(bytesIn === 0 ? ['the log is empty'] : []),
    ...(stampedLines > 0 && bytesOut === 0 ? ['no line falls into the window'] : []),
    ...(isQuiet ? [`its newest line is of ${at(last, zone)}`] : []),
    ...(holeBytes > 0 ? [`${holeBytes} bytes of nothing at the beginning of a file were left out`] : []),
    ...(openEnd ? ['its last line was still being written'] : []),
  ];
}

function otherZone(zone: string, isZoneKnown: boolean): string {
  return `its times are of ${zoneTitle(zone)}, ${isZoneKnown ? "not of the server's zone" : 'as the times of its files show'}`;
}
