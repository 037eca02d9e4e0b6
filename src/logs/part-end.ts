import type { EntryTime } from './entry-time.js';

/**
 * The end of one file of a log: its newest time that names no zone (read as if it were UTC), and when the file was last
 * written to.
 */
export type PartEnd = {
  newestLocalMs: number;
  /** No time near it agrees with it, so it may be text in a message. */
  isAlone: boolean;
  writtenAt: Date | undefined;
  /** It is the file that is still being written to. */
  isCurrent: boolean;
};

/** What the times of a file show about its end. */
export type LastTimes = Pick<PartEnd, 'newestLocalMs' | 'isAlone'> & {
  /** The first time after the newest one that names a zone. */
  nextInstantMs: number | undefined;
};

/** Tracks the newest time of a file that names no zone, and the first one after it that does. */
export class NewestTime {
  private localMs = Number.NEGATIVE_INFINITY;
  private nextInstantMs: number | undefined;

  startPart(): void {
    this.localMs = Number.NEGATIVE_INFINITY;
    this.nextInstantMs = undefined;
  }

  note({ kind, ms }: EntryTime): void {
    if (kind === 'instant') this.nextInstantMs ??= ms;
    else if (ms >= this.localMs) {
      this.localMs = ms;
      this.nextInstantMs = undefined;
    }
  }

  /**
   * The times at the end of the file; undefined if all its times name a zone.
   * @param candidate a last time that nothing has confirmed yet
   * @param isAlone whether it is far from the one before it
   */
  atEnd(candidate: EntryTime | undefined, isAlone: boolean): LastTimes | undefined {
    const { localMs, nextInstantMs } = this;
    if (candidate?.kind === 'local' && candidate.ms > localMs)
      return { newestLocalMs: candidate.ms, isAlone, nextInstantMs: undefined };
    if (localMs === Number.NEGATIVE_INFINITY) return undefined;
    return { newestLocalMs: localMs, isAlone: false, nextInstantMs };
  }
}
