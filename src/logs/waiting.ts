import { type EntryTime, maxUntimedLines } from './entry-time.js';
import { kindOf, type LineKind } from './line-kind.js';
import { neighbourMs, type Timeline } from './timeline.js';

/** What becomes of a line: `held` lines wait for the next time that is read. */
export type Verdict = 'kept' | 'left' | 'held';

/** Until then it is not known whether the times of a log are understood. */
const fewLines = 20;
/** Text of an entry is written at once. */
const longTextMs = 10 * 60_000;

/** Lines without a time of their own, by what they look like. */
type Untimed = { loose: number; unread: number };

/** A time that is far from the others, and the lines behind it. */
type Far = EntryTime & { behind: Untimed };

/** Lines that wait: they may be of the window, although no time says so, or go with a far time. */
type Held = Untimed & { far?: Far };

/** Lines without a time of their own, and those behind a time that may be none: what becomes of them is known later. */
export class Waiting {
  /** What waits, if anything does. */
  held: Held | undefined;
  /** What waited is to be handed over, or to be dropped. */
  settled: 'kept' | 'left' | undefined;
  /** Lines that were kept because their time was not understood. */
  unreadLines = 0;
  /** Lines without a time that were left, although they may be of the window. */
  leftLines = 0;
  /** Lines that bear a time in a form that is not known; counted while the log is new, and before the window. */
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

  /** A far time and its line wait for the next time, which tells whether it is one. */
  holdFar(wallMs: number): void {
    const { timeline } = this;
    const { kind, ms } = timeline.stamp;
    const isInside = timeline.bounds.holds(timeline.stamp);
    const behind = { loose: 0, unread: 0 };
    this.held ??= { loose: 0, unread: 0 };
    this.held.far = { kind, ms, wallMs, isInside, untimed: timeline.untimedLines, behind };
    timeline.untimedLines = 0;
  }

  /** Another far time was read. @returns whether it is near the one that waits */
  confirmFar(wallMs: number): boolean {
    const far = this.held?.far;
    if (far === undefined) return false;
    const isNear = Math.abs(wallMs - far.wallMs) <= neighbourMs;
    if (isNear || (far.wallMs > this.timeline.wallMs && wallMs > far.wallMs)) this.moveToFar(wallMs);
    else this.takeFarAsText();
    return isNear;
  }

  /** What waits is before this time, which is near the last one. */
  settleAt(wallMs: number): void {
    this.takeFarAsText();
    this.settleBefore(wallMs);
  }

  /** No time follows: what waits is settled by when the file was written; NaN where that is not known. */
  settleByFile(writtenMs: number): void {
    const far = this.held?.far;
    const isNear = far !== undefined && !(Math.abs(writtenMs - far.wallMs) > neighbourMs);
    if (isNear && far.wallMs > this.timeline.wallMs) this.moveToFar(writtenMs);
    else if (far?.isInside === true) this.settle(true);
    else this.settleBefore(writtenMs);
  }

  /** More waits than can be held: it is kept, but for what is behind the window. */
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

  /** The far time was one: the next entry began there. */
  private moveToFar(nextMs: number): void {
    const { held, timeline } = this;
    const far = held?.far;
    if (held === undefined || far === undefined) return;
    const isBefore = this.mayBeOfWindow() && this.mayBeIn(held, timeline.wallMs, far.wallMs);
    const isBehind = !far.isInside && this.mayBeIn(far.behind, far.wallMs, nextMs);
    this.settle(far.isInside || isBefore || isBehind);
    timeline.note(far);
  }

  /** The far time was none. Where it would be of the window, its lines are kept all the same. */
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

  /** What waited is before this time; NaN where that is not known. */
  private settleBefore(wallMs: number): void {
    const { held, timeline } = this;
    if (held === undefined) return;
    this.settle(timeline.keeping || (this.mayBeOfWindow() && this.mayBeIn(held, timeline.wallMs, wallMs)));
  }

  private settle(isKept: boolean): void {
    this.held = undefined;
    this.settled = isKept ? 'kept' : 'left';
  }

  /** The entry that goes on is not behind the window: what has no time may be later than it. */
  private mayBeOfWindow(): boolean {
    const { keeping, wallMs, bounds } = this.timeline;
    return !keeping && (wallMs < bounds.local.until || this.isMostlyUnread());
  }

  /** Most times were not understood: the few that were may be text of messages, and say nothing of the lines around them. */
  private isMostlyUnread(): boolean {
    return this.seenUnread > 0 && this.seenUnread >= this.timeline.stampedLines;
  }

  /**
   * Whether lines between two entries may be of the window; if so they are counted.
   * @param nextMs the wall clock of the next entry; NaN where there is none
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
