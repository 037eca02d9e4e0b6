import {
  copyTo,
  disorderMs,
  type EntryTime,
  emptyEntry,
  extend,
  maxUntimedLines,
  nothingSeen,
  steadyLines,
} from './entry-time.js';
import { type LastTimes, NewestTime } from './part-end.js';
import type { Silences } from './silences.js';

/** A jump in time of up to about this length is normal in a log. */
const smallJumpMs = 15 * 60_000;
const writtenNearMs = 90_000;

/**
 * The times of a log that the lines around them confirm; a time inside a message says nothing about what the log covers.
 * Each time is a candidate until the next one was read.
 */
export class AgreedTimes {
  readonly seen = nothingSeen();
  private readonly silences: Silences;
  private readonly newest = new NewestTime();
  private candidate: EntryTime | undefined;
  private readonly candidateRoom = emptyEntry();
  /** The wall clock of the last confirmed time. */
  private lastMs = Number.NEGATIVE_INFINITY;
  private linesBehind = 0;

  constructor(silences: Silences) {
    this.silences = silences;
  }

  startPart(): void {
    this.newest.startPart();
  }

  /** Whether a time that is not earlier than the last one is sure to be confirmed. */
  areSteady(): boolean {
    return this.candidate !== undefined && this.linesBehind === 0;
  }

  /** Notes that the entries up to this time were skipped. */
  passed(lastMs: number): void {
    this.lastMs = lastMs;
  }

  /**
   * Notes a time. It is confirmed if neither it nor its neighbours go back behind one another; three times in a row are
   * confirmed anyway.
   */
  note(entry: EntryTime): void {
    const { candidate } = this;
    const { wallMs } = entry;
    if (candidate !== undefined && wallMs >= candidate.wallMs - disorderMs) this.agree(candidate);
    const isBehind = wallMs < this.lastMs - disorderMs;
    this.linesBehind = isBehind ? this.linesBehind + 1 : 0;
    this.candidate = undefined;
    if (isBehind && this.linesBehind < steadyLines) return;
    if (isBehind) this.lastMs = wallMs;
    this.candidate = copyTo(this.candidateRoom, entry);
  }

  /** What the times of this file show about its end; undefined if all name a zone. */
  endPart(): LastTimes | undefined {
    const { candidate } = this;
    return this.newest.atEnd(candidate, candidate !== undefined && !this.isNear(candidate));
  }

  /** Decides on the newest time: it counts if it is near the one before it, or if the file was written to then. */
  end(writtenMs: number): void {
    const { candidate } = this;
    if (candidate === undefined) return;
    if (this.isNear(candidate) || Math.abs(writtenMs - candidate.wallMs) <= writtenNearMs) this.agree(candidate);
    this.candidate = undefined;
  }

  private isNear({ wallMs }: EntryTime): boolean {
    return wallMs - this.lastMs <= smallJumpMs || this.lastMs === Number.NEGATIVE_INFINITY;
  }

  private agree(entry: EntryTime): void {
    const { kind, ms, wallMs, untimed } = entry;
    extend(this.seen[kind], ms);
    this.newest.note(entry);
    const gapMs = wallMs - this.lastMs;
    if (gapMs >= 0 && gapMs < Number.POSITIVE_INFINITY && untimed < maxUntimedLines)
      this.silences.noteGap(this.lastMs, wallMs);
    this.lastMs = wallMs;
  }
}
