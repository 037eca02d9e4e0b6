import { type Bounds, instantsAt } from './bounds.js';
import { copyTo, disorderMs, type EntryTime, emptyEntry, steadyLines } from './entry-time.js';
import type { Rhythm } from './rhythm.js';

/** A clock that is set back by less looks the same as threads that write at once. */
const smallestStepMs = 60_000;

/**
 * Finds times that go back: either the clock was set, or what looks like a time is text; lines in the window may have
 * been dropped.
 */
export class TimeOrder {
  /** Times that do not fit their neighbours; lines in the window may have been dropped because of them. */
  strayTimes = 0;
  /** How far the clock was set back, at or after the beginning of the window. */
  setBackMs = 0;
  /** The clock was seen to be set back by a change of the zone's clocks. */
  hasChanged = false;

  private readonly bounds: Bounds;
  private readonly zone: string;
  private readonly rhythm: Rhythm;
  private last: EntryTime | undefined;
  private beforeLast: EntryTime | undefined;
  /** The time reached before lines went back, and how many lines have been behind it. */
  private behind: { levelMs: number; lines: number } | undefined;
  /** Where the log last left the window. */
  private left: { fromMs: number; toMs: number } | undefined;

  constructor(bounds: Bounds, zone: string, rhythm: Rhythm) {
    this.bounds = bounds;
    this.zone = zone;
    this.rhythm = rhythm;
  }

  /** Notes another entry, in the order of the log; it is copied. */
  note(entry: EntryTime): void {
    if (this.last !== undefined) this.compare(this.last, entry);
    const free = this.beforeLast ?? emptyEntry();
    this.beforeLast = this.last;
    this.last = copyTo(free, entry);
  }

  /**
   * Whether the next entry adds nothing, if it is not earlier than the last one, and in the window only if that one was.
   */
  isSteady(isInside: boolean): boolean {
    return this.last?.isInside === isInside && this.behind === undefined;
  }

  /** Ends the log, before it is known whether its clock was set. */
  end(): void {
    const { behind } = this;
    if (behind !== undefined && behind.lines < steadyLines) this.countStray(behind.levelMs);
    this.behind = undefined;
  }

  private compare(last: EntryTime, entry: EntryTime): void {
    const { wallMs } = entry;
    const isBack = wallMs - last.wallMs < -disorderMs && this.behind === undefined;
    // One time ahead of both its neighbours is text of a message, or the last one before the clock was set.
    if (isBack && this.beforeLast !== undefined && wallMs >= this.beforeLast.wallMs - disorderMs)
      this.countStray(last.wallMs);
    else if (!isBack) this.goOn(last, entry);
    else if (this.isChange(last.wallMs, wallMs)) {
      this.hasChanged = true;
      this.goOn(last, entry);
    } else this.goBack(last, entry);
  }

  private goOn(last: EntryTime, { wallMs, isInside }: EntryTime): void {
    if (last.isInside && !isInside) this.left = { fromMs: last.wallMs, toMs: wallMs };
    if (this.behind !== undefined) this.goOnBehind(this.behind, last.wallMs, wallMs);
  }

  private goBack(last: EntryTime, { wallMs, isInside }: EntryTime): void {
    const { left } = this;
    if (last.isInside && !isInside) this.strayTimes++;
    if (left !== undefined && wallMs >= left.fromMs - disorderMs && wallMs < left.toMs) this.strayTimes++;
    this.behind = { levelMs: last.wallMs, lines: 1 };
  }

  private goOnBehind(behind: { levelMs: number; lines: number }, lastMs: number, wallMs: number): void {
    if (wallMs >= behind.levelMs - disorderMs) {
      if (this.isHiddenStep(behind.levelMs, lastMs, wallMs)) this.countStray(behind.levelMs);
      this.behind = undefined;
    } else if (++behind.lines === steadyLines && behind.levelMs >= this.bounds.local.since)
      this.setBackMs = Math.max(this.setBackMs, behind.levelMs - wallMs);
  }

  /** Counts a time that does not fit; one before the window hides none of the window's lines. */
  private countStray(ms: number): void {
    if (ms >= this.bounds.local.since) this.strayTimes++;
  }

  /**
   * Whether a few lines went back and the next one is ahead again: this is text in a message, or a clock that was set
   * back by little more than the log's usual silence between two lines.
   */
  private isHiddenStep(levelMs: number, behindMs: number, nextMs: number): boolean {
    return levelMs - behindMs >= smallestStepMs && !this.rhythm.isStop(nextMs - behindMs, false);
  }

  /**
   * Whether a step back is the change of the zone's clocks: in that night an hour comes twice, so the clock was not set
   * wrongly.
   */
  private isChange(fromMs: number, toMs: number): boolean {
    return [fromMs, toMs].some((ms) => {
      const instants = instantsAt(ms, this.zone);
      return fromMs - toMs <= (instants.at(-1) ?? 0) - (instants[0] ?? 0) + disorderMs && instants.length > 1;
    });
  }
}
