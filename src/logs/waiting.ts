import { type EntryTime, maxUntimedLines } from './entry-time.js';
import { kindOf, type LineKind } from './line-kind.js';
import { neighbourMs, type Timeline } from './timeline.js';

/** The decision on a line: `held` lines wait for the next time that is read. */
export type Verdict = 'kept' | 'left' | 'held';

/** With fewer lines than this it is not known whether the times of a log are understood. */
const fewLines = 20;
/** The longest time between the lines of one entry, which are written at once. */
const longTextMs = 10 * 60_000;

/** The number of lines without a time of their own, by what they look like. */
type Untimed = { loose: number; unread: number };

/** A time that is far from the others, and the lines after it. */
type Far = EntryTime & { behind: Untimed };

/** Lines that wait: they may be in the window although no time shows it, or they belong to a far time. */
type Held = Untimed & { far?: Far };

/** Lines without a time of their own, and those after a time that may only be text; they are decided on later. */
export class Waiting {
  /** The waiting lines, if there are any. */
  held: Held | undefined;
  /** Whether the lines that waited are to be kept or dropped. */
  settled: 'kept' | 'left' | undefined;
  /** Lines that were kept because their time was not understood. */
  unreadLines = 0;
  /** Lines without a time that were dropped, although they may be in the window. */
  leftLines = 0;
  /** Lines with a time in an unknown form, counted while the log is new, and before the window. */
  private seenUnread = 0;
  private readonly timeline: Timeline;

  constructor(timeline: Timeline) {
    this.timeline = timeline;
  }

  /** Judges a line without a time of its own. */
  judge(line: Buffer, start: number, end: number): Verdict {
    const { held, timeline } = this;
    timeline.untimedLines++;
    const isNew = timeline.stampedLines < fewLines;
    if (held?.far === undefined && timeline.keeping && !isNew) return 'kept';
    if (held === undefined && !this.mayBeOfWindow() && !isNew) return 'left';
    const kind = kindOf(line, start, end, timeline.reader, timeline.wallMs);
    if (kind === 'unread') this.seenUnread++;
    if (held?.far === undefined && timeline.keeping) return 'kept';
    if (held === undefined && !this.mayBeOfWindow()) return 'left';
    if (held === undefined && kind === 'continuation') return 'left';
    this.hold(kind);
    return 'held';
  }

  /** Holds a far time and its line until the next time, which tells whether it is a time. */
  holdFar(wallMs: number): void {
    const { timeline } = this;
    const { kind, ms } = timeline.stamp;
    const isInside = timeline.bounds.holds(timeline.stamp);
    const behind = { loose: 0, unread: 0 };
    this.held ??= { loose: 0, unread: 0 };
    this.held.far = { kind, ms, wallMs, isInside, untimed: timeline.untimedLines, behind };
    timeline.untimedLines = 0;
  }

  /** Takes another far time. @returns whether it is near the one that waits */
  confirmFar(wallMs: number): boolean {
    const far = this.held?.far;
    if (far === undefined) return false;
    const isNear = Math.abs(wallMs - far.wallMs) <= neighbourMs;
    if (isNear || (far.wallMs > this.timeline.wallMs && wallMs > far.wallMs)) this.moveToFar(wallMs);
    else this.takeFarAsText();
    return isNear;
  }

  /** Decides on the waiting lines, which are before this time; it is near the last one. */
  settleAt(wallMs: number): void {
    this.takeFarAsText();
    this.settleBefore(wallMs);
  }

  /** Decides on the waiting lines at the end of a file, by when it was written; NaN if unknown. */
  settleByFile(writtenMs: number): void {
    const far = this.held?.far;
    const isNear = far !== undefined && !(Math.abs(writtenMs - far.wallMs) > neighbourMs);
    if (isNear && far.wallMs > this.timeline.wallMs) this.moveToFar(writtenMs);
    else if (far?.isInside === true) this.settle(true);
    else this.settleBefore(writtenMs);
  }

  /** Keeps the waiting lines, except those after the window, because there are more than can be held. */
  release(): void {
    const { held, timeline } = this;
    if (held === undefined) return;
    const { far } = held;
    const isBefore = this.mayBeOfWindow();
    const isBehind = far !== undefined && far.wallMs < timeline.bounds.local.until && linesOf(far.behind) > 0;
    const isNeeded = timeline.keeping || far?.isInside === true || isBefore || isBehind;
    if (isBefore || isBehind) this.unreadLines += linesOf(held) + (far === undefined ? 0 : linesOf(far.behind));
    this.settle(isNeeded);
    timeline.keeping = isNeeded;
  }

  private hold(kind: LineKind): void {
    this.held ??= { loose: 0, unread: 0 };
    const untimed = this.held.far?.behind ?? this.held;
    if (kind === 'loose') untimed.loose++;
    if (kind === 'unread') untimed.unread++;
  }

  /** Accepts the far time: the next entry began there. */
  private moveToFar(nextMs: number): void {
    const { held, timeline } = this;
    const far = held?.far;
    if (held === undefined || far === undefined) return;
    const isBefore = this.mayBeOfWindow() && this.mayBeIn(held, timeline.wallMs, far.wallMs);
    const isBehind = !far.isInside && this.mayBeIn(far.behind, far.wallMs, nextMs);
    this.settle(far.isInside || isBefore || isBehind);
    timeline.note(far);
  }

  /** Takes the far time for text. If it would be in the window, its lines are kept all the same. */
  private takeFarAsText(): void {
    const { held } = this;
    const far = held?.far;
    if (held === undefined || far === undefined) return;
    if (far.isInside) held.unread++;
    else held.loose++;
    held.loose += far.behind.loose;
    held.unread += far.behind.unread;
    delete held.far;
  }

  /** Decides on the lines that waited before this time; NaN if unknown. */
  private settleBefore(wallMs: number): void {
    const { held, timeline } = this;
    if (held === undefined) return;
    this.settle(timeline.keeping || (this.mayBeOfWindow() && this.mayBeIn(held, timeline.wallMs, wallMs)));
  }

  private settle(isKept: boolean): void {
    this.held = undefined;
    this.settled = isKept ? 'kept' : 'left';
  }

  /**
   * Whether the current entry is not after the window, so that lines without a time, which may be later, can be in it.
   */
  private mayBeOfWindow(): boolean {
    const { keeping, wallMs, bounds } = this.timeline;
    return !keeping && (wallMs < bounds.local.until || this.isMostlyUnread());
  }

  /**
   * Whether most times were not understood: then the few others may be text in messages, and show nothing about the lines
   * around them.
   */
  private isMostlyUnread(): boolean {
    return this.seenUnread > 0 && this.seenUnread >= this.timeline.stampedLines;
  }

  /**
   * Whether lines between two entries may be in the window; if so, they are counted.
   * @param nextMs the wall clock of the next entry; NaN if there is none
   */
  private mayBeIn({ loose, unread }: Untimed, lastMs: number, nextMs: number): boolean {
    const { since, until } = this.timeline.bounds.local;
    const isBetween = lastMs < until && !(nextMs < since);
    if (!isBetween && !(unread > 0 && this.isMostlyUnread())) return false;
    if (unread > 0 || loose >= maxUntimedLines) {
      this.unreadLines += loose + unread;
      return true;
    }
    // A few lines are text of the entry before them, unless time went on meanwhile.
    const isLong = !(nextMs - lastMs <= longTextMs);
    if (loose > 0 && isLong && !this.timeline.isUsualText(loose)) this.leftLines += loose;
    return false;
  }
}

function linesOf({ loose, unread }: Untimed): number {
  return loose + unread;
}
