import type { EntryTime } from './entry-time.js';

/** One file of a log, by its newest time that names no zone (read as if it were UTC), and when it had been written by. */
export type PartEnd = {
  newestLocalMs: number;
  /** Nothing near it agrees with it: it may be text of a message. */
  isAlone: boolean;
  writtenAt: Date | undefined;
  /** It is the one that is written to. */
  isCurrent: boolean;
};

/** What the times of a file say of its end. */
export type LastTimes = Pick<PartEnd, 'newestLocalMs' | 'isAlone'> & {
  /** The first time behind the newest one that names a zone. */
  nextInstantMs: number | undefined;
};

/** Follows the newest time of a file that names no zone, and the first one behind it that does. */
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
   * The end of the file; undefined where all its times name a zone.
   * @param candidate a last time that nothing has agreed with yet
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
