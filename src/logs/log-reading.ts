import type { Gap } from '../domain/manifest.js';
import type { Window } from '../domain/window.js';
import { formatLocal, formatOffset } from '../domain/zone.js';
import type { CutResult } from './cut-result.js';
import { maxUntimedLines } from './entry-time.js';
import type { ZoneFinding } from './zone-evidence.js';

/** All that is known of a log that was read. Times are those of the server's clock. */
export type LogReading = {
  result: CutResult;
  window: Window;
  /** When the log was read. */
  readAt: Date;
  /** When the event happened; messages about a log that had stopped refer to it. */
  eventAt: Date;
  /** Whether the server's clock was compared with ours; otherwise the window may be wrong. */
  isClockKnown: boolean;
  /** Whether the server's zone is its own, and not only likely. */
  isZoneKnown: boolean;
  /** The zone that its times were taken to be in. */
  zone: string;
  finding: ZoneFinding;
  /** What could not be read. */
  problems: readonly string[];
  /** Files with the log's name that were not read. */
  passedOver: readonly string[];
  /** Why reading ended early. */
  cut?: string | undefined;
  /** The first time in an older file that was not fetched. */
  firstLeft?: Date | undefined;
  /** The first time in a newer file that was not fetched. */
  nextBegins?: Date | undefined;
  /** When the newest file that was read was last written to, and whether it is the one that is still being written to. */
  writtenAt?: Date | undefined;
  isCurrentRead: boolean;
  notNeeded: readonly string[];
};

/** A gap in what a log covers, and its text for the reader. */
export type Told = readonly [Gap, string];

/** The most that a file's own time and its newest line may differ. */
export const agreementMs = 90_000;

/** The first time of the log, even if it is in a file that was not fetched. */
export function firstOf({ result, firstLeft }: LogReading): Date | undefined {
  const { first } = result.agreed;
  return firstLeft !== undefined && (first === undefined || firstLeft < first) ? firstLeft : first;
}

/** Whether the last lines have no known time, so that it is not known when they were written. */
export function goesOnUntimed({ result }: LogReading): boolean {
  return result.stampedLines > 0 && result.untimedAtEnd >= maxUntimedLines;
}

/** A time with its offset, as in `2026-11-20 10:32:05 +01:00`. */
export function at(instant: Date, zone: string): string {
  const offset = zone === 'UTC' ? zone : formatOffset(instant, zone);
  return `${formatLocal(instant, zone, true)} ${offset}`;
}
