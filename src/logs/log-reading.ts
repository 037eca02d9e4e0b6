import type { Gap } from '../domain/manifest.js';
import type { Window } from '../domain/window.js';
import { formatLocal } from '../domain/zone.js';
import type { CutResult } from './cut-result.js';
import { maxUntimedLines } from './entry-time.js';
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

/** A gap in what a log covers, and its words for the reader. */
export type Told = readonly [Gap, string];

/** A file's own time and its newest line may be so far apart. */
export const agreementMs = 90_000;

/** The first time of the log, also where it is in a file that was not fetched. */
export function firstOf({ result, firstLeft }: LogReading): Date | undefined {
  const { first } = result.agreed;
  return firstLeft !== undefined && (first === undefined || firstLeft < first) ? firstLeft : first;
}

/** Its last lines bear no time that is understood: when they were written is not known. */
export function goesOnUntimed({ result }: LogReading): boolean {
  return result.stampedLines > 0 && result.untimedAtEnd >= maxUntimedLines;
}

export function at(instant: Date, zone: string): string {
  return formatLocal(instant, zone, true);
}
