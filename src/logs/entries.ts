import type { Chronicle } from './chronicle.js';
import type { CutOptions } from './cut-result.js';
import { maxUntimedLines } from './entry-time.js';
import { MinuteRun } from './minute-run.js';
import type { PartEnd } from './part-end.js';
import { neighbourMs, Timeline } from './timeline.js';
import type { StampReader } from './timestamp.js';
import { type Verdict, Waiting } from './waiting.js';

const maxLinesAhead = 5;
const oldestUnixMs = 400 * 86_400_000;

/**
 * Decides line by line what belongs to the window. A line without a time belongs to the entry before it. A time far from
 * its neighbours and from the file's own time is taken for text in a message, until the following lines agree with it. If
 * it cannot be known whether a line is in the window, it is kept and counted.
 */
export class Entries {
  readonly parts: PartEnd[] = [];
  private readonly timeline: Timeline;
  private readonly waiting: Waiting;
  private readonly run: MinuteRun;
  /** When the file was last written to; `writtenMs` is the same by the server's wall clock. */
  private writtenAt: Date | undefined;
  private writtenMs = Number.NaN;
  private isCurrent = false;
  private linesAhead = 0;

  constructor(options: CutOptions) {
    this.timeline = new Timeline(options);
    this.waiting = new Waiting(this.timeline);
    this.run = new MinuteRun(this.timeline);
  }

  get reader(): StampReader {
    return this.timeline.reader;
  }

  get chronicle(): Chronicle {
    return this.timeline.chronicle;
  }

  get stampedLines(): number {
    return this.timeline.stampedLines;
  }

  get localLines(): number {
    return this.timeline.localLines;
  }

  /** Lines without a time since the last line with one. */
  get untimedLines(): number {
    return this.timeline.untimedLines;
  }

  /** The meaning of the first times was found out only later. */
  get isRelearnt(): boolean {
    return this.timeline.isRelearnt;
  }

  /** Lines that were kept because their time was not understood. */
  get unreadLines(): number {
    return this.waiting.unreadLines;
  }

  /** Lines without a time that were dropped, although they may be in the window. */
  get leftLines(): number {
    return this.waiting.leftLines;
  }

  /** Whether the waiting lines are to be kept or dropped, once that is decided. */
  get settled(): 'kept' | 'left' | undefined {
    return this.waiting.settled;
  }

  startPart(writtenAt: Date | undefined, isCurrent: boolean): void {
    this.isWrittenAt(writtenAt);
    this.linesAhead = 0;
    this.isCurrent = isCurrent;
    this.timeline.startPart(this.writtenMs);
  }

  isWrittenAt(writtenAt: Date | undefined): void {
    this.writtenAt = writtenAt;
    this.writtenMs = writtenAt === undefined ? Number.NaN : this.timeline.wallOf('instant', writtenAt.getTime());
  }

  /** Ends a file. */
  endPart(): void {
    this.settleByFile();
    const ending = this.chronicle.endPart();
    if (ending !== undefined) {
      const { newestLocalMs, isAlone, nextInstantMs } = ending;
      // Behind many lines without a time the file's own time says nothing of the last one that was read.
      const ownTime = this.untimedLines >= maxUntimedLines ? undefined : this.writtenAt;
      const writtenAt = nextInstantMs === undefined ? ownTime : new Date(nextInstantMs);
      this.parts.push({ newestLocalMs, isAlone, writtenAt, isCurrent: this.isCurrent });
    }
    this.chronicle.startPart();
  }

  /** Ends the log. */
  end(): void {
    this.chronicle.end(this.writtenMs);
  }

  /** Decides on the waiting lines by the file's own time. */
  settleByFile(): void {
    if (this.waiting.held !== undefined) this.waiting.settleByFile(this.writtenMs);
  }

  /** Releases the waiting lines: there are more than can be held. */
  release(): void {
    this.waiting.release();
  }

  /** Skips lines that are like the one before them. @returns where the first line begins that must be judged by itself */
  passRun(lines: Buffer, start: number, end: number): number {
    return this.waiting.held === undefined ? this.run.pass(lines, start, end) : start;
  }

  /** How many lines were skipped last. */
  get runLength(): number {
    return this.run.length;
  }

  judge(line: Buffer, start: number, end: number): Verdict {
    const { timeline, waiting } = this;
    waiting.settled = undefined;
    let at = start;
    while (at < end && line[at] === 0) at++; // a hole in the file is no line
    if (!timeline.read(line, at, end)) return waiting.judge(line, at, end);
    const { kind, ms } = timeline.stamp;
    const wallMs = timeline.wallOf(kind, ms);
    const distanceMs = wallMs - timeline.wallMs;
    if (distanceMs > neighbourMs || distanceMs < -neighbourMs) return this.judgeFar(wallMs, line, at, end);
    if (timeline.stampedLines === 0 && this.isTextOfFile(wallMs)) return waiting.judge(line, at, end);
    if (waiting.held !== undefined) waiting.settleAt(wallMs);
    return this.enter(wallMs);
  }

  /** Judges a time far from the one before: the next time tells whether it is a time, or text in a message. */
  private judgeFar(wallMs: number, line: Buffer, start: number, end: number): Verdict {
    const { waiting } = this;
    if (waiting.confirmFar(wallMs)) return this.enter(wallMs);
    if (this.isTextOfFile(wallMs)) return waiting.judge(line, start, end);
    waiting.holdFar(wallMs);
    return 'held';
  }

  private enter(wallMs: number): Verdict {
    return this.timeline.enter(wallMs) ? 'kept' : 'left';
  }

  /**
   * Whether a time is only text: it was still in the future when the file was written, or is a number that only looks
   * like a time.
   */
  private isTextOfFile(wallMs: number): boolean {
    if (wallMs > this.writtenMs + neighbourMs) {
      // So many are no text: the time of the file is wrong.
      if (++this.linesAhead < maxLinesAhead) return true;
      this.isWrittenAt(undefined);
      return false;
    }
    const { stamp, reader } = this.timeline;
    return stamp.kind === 'instant' && wallMs < this.writtenMs - oldestUnixMs && reader.isWeak(stamp);
  }
}
