import type { Window } from '../domain/window.js';
import { instantsAt } from './bounds.js';
import type { Chronicle } from './chronicle.js';
import type { Entries } from './entries.js';
import type { SeenByKind } from './entry-time.js';
import type { PartEnd } from './part-end.js';
import type { Rhythm } from './rhythm.js';

export type CutOptions = {
  /** The window by the appliance's clock. */
  window: Window;
  /** The zone of stamps that name none. */
  zone: string;
  /** Other zones that these stamps may be in: what is in the window in any of them is kept. */
  otherZones?: readonly string[];
  /** When the log was read, by the appliance's clock. */
  readAt: Date;
};

/** What a log held, and what was kept of it. */
export type CutResult = {
  first: Date | undefined;
  last: Date | undefined;
  /** The first and last time that the lines around it confirm. */
  agreed: { first: Date | undefined; last: Date | undefined };
  /** The first and last time of the kept lines in the window; both are within it. */
  kept: { first: Date | undefined; last: Date | undefined };
  /** Lines with a time of their own; 0 means that no time was understood and the log was kept whole. */
  stampedLines: number;
  /** How many of these lines name no zone. */
  localLines: number;
  /** Lines whose time was not understood; they were kept because they may be in the window. */
  unreadLines: number;
  /** The first times were misread at first, so it is not known where the log begins. */
  isRelearnt: boolean;
  /** Lines without a time that were dropped, although they may be in the window. */
  leftLines: number;
  /** Lines without a time at the end of the log. */
  untimedAtEnd: number;
  /**
   * Times in or near the window that do not fit their neighbours: lines in the window may have been dropped because of
   * them.
   */
  strayTimes: number;
  /** How far the clock was set back at or after the beginning of the window, in ms. */
  setBackMs: number;
  /** Words in the place of a zone that are not known, the most frequent first. */
  unknownZones: readonly string[];
  /** A silence in the window that is unusual for this log. */
  silence: Window | undefined;
  /** The log shows no trace of a change of its zone's clocks. */
  missesChange: boolean;
  /** How often the log is written to. */
  rhythm: Rhythm;
  /** How each file ended. */
  parts: readonly PartEnd[];
  /** NULs at the beginning of files; they are not lines, and were left out. */
  holeBytes: number;
  bytesIn: number;
  bytesOut: number;
  /** How many lines were kept. */
  linesOut: number;
  /** The last line has no end: it was being written. */
  openEnd: boolean;
};

/** What a log covers. If a wall-clock time stands for two instants, the one with less coverage counts. */
function coverageOf({ instant, local }: SeenByKind, zone: string): Pick<CutResult, 'first' | 'last'> {
  const firstMs = Math.min(instant.firstMs, instantsAt(local.firstMs, zone).at(-1) ?? Number.POSITIVE_INFINITY);
  const lastMs = Math.max(instant.lastMs, instantsAt(local.lastMs, zone).at(0) ?? Number.NEGATIVE_INFINITY);
  return {
    first: Number.isFinite(firstMs) ? new Date(firstMs) : undefined,
    last: Number.isFinite(lastMs) ? new Date(lastMs) : undefined,
  };
}

/** What was kept. If a wall-clock time stands for two instants, the one in the window counts. */
function keptOf({ instant, local }: SeenByKind, { since, until }: Window, zone: string): CutResult['kept'] {
  if (instant.firstMs > instant.lastMs && local.firstMs > local.lastMs) return { first: undefined, last: undefined };
  const within = (ms: number) => Math.min(Math.max(ms, since.getTime()), until.getTime());
  const [firsts, lasts] = [local.firstMs, local.lastMs].map((ms) => instantsAt(ms, zone).map(within));
  return {
    first: new Date(within(Math.min(instant.firstMs, ...(firsts ?? [])))),
    last: new Date(within(Math.max(instant.lastMs, ...(lasts ?? [])))),
  };
}

function silenceOf({ silences, rhythm }: Chronicle): Window | undefined {
  const { longest: silence } = silences;
  if (silence === undefined || !rhythm.isStop(silence.until - silence.since, true)) return undefined;
  return { since: new Date(silence.since), until: new Date(silence.until) };
}

/** The result for a log, once all of it was judged. */
export function resultOf(
  entries: Entries,
  { zone, window }: CutOptions,
  counted: Pick<CutResult, 'bytesIn' | 'bytesOut' | 'linesOut' | 'holeBytes' | 'openEnd'>,
): CutResult {
  const { stampedLines, localLines, unreadLines, leftLines, chronicle, parts, isRelearnt } = entries;
  const { order, rhythm } = chronicle;
  const { strayTimes, setBackMs } = order;
  return {
    ...coverageOf(chronicle.seen, zone),
    agreed: coverageOf(chronicle.agreed, zone),
    kept: keptOf(chronicle.inside, window, zone),
    ...{ stampedLines, localLines, unreadLines, leftLines, isRelearnt, strayTimes, setBackMs },
    missesChange: chronicle.missesChange(),
    untimedAtEnd: entries.untimedLines,
    unknownZones: entries.reader.unknownZones,
    silence: silenceOf(chronicle),
    ...{ rhythm, parts, ...counted },
  };
}
