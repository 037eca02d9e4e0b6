import { type Bounds, instantsAt } from './bounds.js';
import { copyTo, disorderMs, type EntryTime, emptyEntry, steadyLines } from './entry-time.js';
import type { Rhythm } from './rhythm.js';

/** A clock that is set back by less is not told from threads that write at once. */
const smallestStepMs = 60_000;

/** Times that go back: the clock was set, or what looks like a time is text; lines of the window may have been left. */
export class TimeOrder {
  /** Times that do not fit their neighbours, and because of which lines of the window may have been left. */
  strayTimes = 0;
  /** How far the clock was set back, at or after the beginning of the window. */
  setBackMs = 0;
  /** The clock was seen to be set back with the change of the zone's clocks. */
  hasChanged = false;

  private readonly bounds: Bounds;
  private readonly zone: string;
  private readonly rhythm: Rhythm;
  private last: EntryTime | undefined;
  private beforeLast: EntryTime | undefined;
  /** The time that was reached before the lines went back, and how many lines are behind it. */
  private behind: { levelMs: number; lines: number } | undefined;
  /** Where the window was left last. */
  private left: { fromMs: number; toMs: number } | undefined;

  constructor(bounds: Bounds, zone: string, rhythm: Rhythm) {
    this.bounds = bounds;
    this.zone = zone;
    this.rhythm = rhythm;
  }

  /** Another entry, in the order of the log; it is copied. */
  note(entry: EntryTime): void {
    if (this.last !== undefined) this.compare(this.last, entry);
    const free = this.beforeLast ?? emptyEntry();
    this.beforeLast = this.last;
    this.last = copyTo(free, entry);
  }

  /** Whether an entry that is not earlier than the last one, and is of the window only if that was, adds nothing. */
  isSteady(isInside: boolean): boolean {
    return this.last?.isInside === isInside && this.behind === undefined;
  }

  /** The log ends before it is known whether its clock was set. */
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

  /** A time before the window hides none of its lines. */
  private countStray(ms: number): void {
    if (ms >= this.bounds.local.since) this.strayTimes++;
  }

  /**
   * A few lines went back, and the next one is ahead again: text of a message, or a clock that was set back by not much
   * more than the log is silent between two lines.
   */
  private isHiddenStep(levelMs: number, behindMs: number, nextMs: number): boolean {
    return levelMs - behindMs >= smallestStepMs && !this.rhythm.isStop(nextMs - behindMs, false);
  }

  /** In the night when the clocks are set back an hour comes twice: a step back of just that is none of the clock. */
  private isChange(fromMs: number, toMs: number): boolean {
    return [fromMs, toMs].some((ms) => {
      const instants = instantsAt(ms, this.zone);
      return fromMs - toMs <= (instants.at(-1) ?? 0) - (instants[0] ?? 0) + disorderMs && instants.length > 1;
    });
  }
}
