import { neighbourMs, type Timeline } from './timeline.js';

const lineFeed = 10;

/**
 * Skips runs of lines. Most lines have the same minute as the one before, come in the order of time, and are in the
 * window if that one is. Only the first and the last two lines of such a run are noted; of the others only the gaps
 * between them are new.
 */
export class MinuteRun {
  /** How many lines were skipped last. */
  length = 0;
  private readonly timeline: Timeline;

  constructor(timeline: Timeline) {
    this.timeline = timeline;
  }

  /** @returns where the first line begins that is to be judged by itself */
  pass(lines: Buffer, start: number, end: number): number {
    const { reader, stamp, chronicle } = this.timeline;
    if (!this.isSteady() || !reader.readInMinute(lines, start, end, stamp) || !this.isLikeLast()) return start;
    const { kind, ms: firstMs } = stamp;
    const minuteMs = reader.beginRun(lines, start, stamp);
    let count = 1;
    let earlier = -1; // whole ms of the minute, as are these
    let before = -1;
    let last = firstMs - minuteMs;
    let at = lines.indexOf(lineFeed, start) + 1 || end;
    while (at < end) {
      const next = reader.readInRun(lines, at, end, stamp);
      if (next < last) break;
      if (count > 2) chronicle.rhythm.add(before - earlier);
      earlier = before;
      before = last;
      last = next;
      count++;
      at = lines.indexOf(lineFeed, at) + 1 || end;
    }
    this.length = count;
    stamp.kind = kind;
    this.enterAt(firstMs);
    if (count > 2) this.enterAt(minuteMs + before);
    if (count > 3) this.timeline.passed(count - 3, minuteMs + earlier);
    if (count > 1) this.enterAt(minuteMs + last);
    return at;
  }

  private isSteady(): boolean {
    const { untimedLines, chronicle, keeping } = this.timeline;
    return untimedLines === 0 && chronicle.isSteady(keeping);
  }

  /**
   * Whether the time just read is not before the last one, and its whole minute is on the same side of the window's ends.
   */
  private isLikeLast(): boolean {
    const { timeline } = this;
    const { stamp, bounds } = timeline;
    const distanceMs = timeline.wallOf(stamp.kind, stamp.ms) - timeline.wallMs;
    if (!(distanceMs >= 0 && distanceMs <= neighbourMs)) return false;
    return bounds.holds(stamp) === timeline.keeping && !bounds.isNearEnd(stamp);
  }

  private enterAt(ms: number): void {
    const { timeline } = this;
    timeline.stamp.ms = ms;
    timeline.enter(timeline.wallOf(timeline.stamp.kind, ms));
  }
}
