import { offsetMinutes } from '../domain/zone.js';
import { Bounds } from './bounds.js';
import { Chronicle, type EntryTime, emptyEntry, maxUntimedLines, type PartEnd } from './chronicle.js';
import type { CutOptions } from './cut-result.js';
import { kindOf } from './line-kind.js';
import { emptyStamp, type Stamp } from './stamp-fields.js';
import { StampReader, type StampRules } from './timestamp.js';

/** What becomes of a line: `held` lines wait for the next time that is read. */
export type Verdict = 'kept' | 'left' | 'held';

const lineFeed = 10;
/** Times further apart are no neighbours: one of them may be text of a message. (Samoa skipped a whole day.) */
const neighbourMs = 36 * 3_600_000;
const maxLinesAhead = 5;
const usualEntries = 3;
/** Until then it is not known whether the times of a log are understood. */
const fewLines = 20;
/** Text of an entry is written at once. */
const longTextMs = 10 * 60_000;
const oldestUnixMs = 400 * 86_400_000;

/** Lines without a time of their own, by what they look like. */
type Untimed = { loose: number; unread: number };

/** Lines that wait: they may be of the window, although no time says so, or go with a time that is far from the others. */
type Waiting = Untimed & { far?: EntryTime & { behind: Untimed } };

/**
 * Decides line by line what belongs to the window. A line without a time belongs to the entry before it; a time far
 * from its neighbours and from the file's own is text of a message, until the lines that follow agree with it. Where
 * it cannot be known whether a line is of the window, it is kept and counted.
 */
export class Entries {
  readonly reader: StampReader;
  chronicle: Chronicle;
  readonly parts: PartEnd[] = [];
  /** What waits is to be handed over, or to be dropped. */
  settled: 'kept' | 'left' | undefined;
  stampedLines = 0;
  localLines = 0;
  /** Lines that were kept because their time was not understood. */
  unreadLines = 0;
  /** What the first times mean was found out later. */
  isRelearnt = false;
  /** Lines without a time that were left, although they may be of the window. */
  leftLines = 0;
  /** Lines that bear a time in a form that is not known; counted while the log is new, and before the window. */
  private seenUnread = 0;
  /** Lines without a time since the last one that bears one. */
  untimedLines = 0;

  private readonly zone: string;
  private readonly bounds: Bounds;
  private readonly stamp: Stamp = emptyStamp();
  private readonly entry = emptyEntry();
  private readonly rules: StampRules;
  private readonly offsetMs: number;
  private readonly latestMs: number;
  private keeping = true;
  /** The wall clock of the entry that goes on. */
  private wallMs = Number.NaN;
  private writtenAt: Date | undefined;
  private writtenMs = Number.NaN;
  private isCurrent = false;
  private linesAhead = 0;
  private waiting: Waiting | undefined;
  /** How many entries have so many lines without a time behind them. */
  private readonly textLengths = new Uint32Array(maxUntimedLines + 1);
  constructor({ window, zone, otherZones = [], readAt }: CutOptions) {
    const minutes = offsetMinutes(zone, window.until);
    this.zone = zone;
    this.bounds = new Bounds(window, [zone, ...otherZones]);
    this.chronicle = new Chronicle(this.bounds, zone);
    this.offsetMs = minutes * 60_000;
    this.latestMs = readAt.getTime() + offsetMinutes(zone, readAt) * 60_000;
    this.rules = { latestLocalMs: this.latestMs, offsetMinutes: minutes };
    this.reader = new StampReader(this.rules);
  }

  startPart(writtenAt: Date | undefined, isCurrent: boolean): void {
    this.isWrittenAt(writtenAt);
    this.linesAhead = 0;
    this.isCurrent = isCurrent;
    this.rules.latestLocalMs = Math.min(this.latestMs, writtenAt === undefined ? this.latestMs : this.writtenMs);
    this.chronicle.startPart();
  }

  isWrittenAt(writtenAt: Date | undefined): void {
    this.writtenAt = writtenAt;
    this.writtenMs = writtenAt === undefined ? Number.NaN : writtenAt.getTime() + this.offsetMs;
  }

  /** The end of a file. */
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

  /** The end of the log. */
  end(): void {
    this.chronicle.end(this.writtenMs);
  }

  /** What waits is settled by the file's own time. */
  settleByFile(): void {
    const { waiting, writtenMs } = this;
    if (waiting === undefined) return;
    const { far } = waiting;
    if (far !== undefined && !(Math.abs(writtenMs - far.wallMs) > neighbourMs) && far.wallMs > this.wallMs)
      this.moveTo(far, waiting, writtenMs);
    else if (far?.isInside === true) this.settle(true);
    else this.settleBefore(writtenMs);
  }

  judge(line: Buffer, start: number, end: number): Verdict {
    this.settled = undefined;
    let at = start;
    while (at < end && line[at] === 0) at++; // a hole in the file is no line
    if (!this.reader.read(line, at, end, this.stamp)) return this.judgeUnstamped(line, at, end);
    const { stamp } = this;
    if (this.reader.hasLearnt) this.forget();
    const wallMs = this.wallOf(stamp.kind, stamp.ms);
    const distanceMs = wallMs - this.wallMs;
    if (distanceMs > neighbourMs || distanceMs < -neighbourMs) return this.judgeFar(wallMs, line, at, end);
    if (this.stampedLines === 0 && this.isTextOfFile(wallMs)) return this.judgeUnstamped(line, at, end);
    if (this.waiting !== undefined) {
      if (this.waiting.far !== undefined) this.takeAsText(this.waiting);
      this.settleBefore(wallMs);
    }
    return this.enter(wallMs);
  }

  /**
   * Most lines go on in the minute of the one before them, in the order of time, and are of the window if that is. Only
   * the first and the last two of such a run are noted: all that is new of the others is how far they are apart.
   * @returns where the first line begins that is to be judged by itself
   */
  passRun(lines: Buffer, start: number, end: number): number {
    const { reader, stamp, chronicle } = this;
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
    stamp.kind = kind;
    this.enterAt(firstMs);
    if (count > 2) this.enterAt(minuteMs + before);
    if (count > 3) this.passed(count - 3, minuteMs + earlier);
    if (count > 1) this.enterAt(minuteMs + last);
    return at;
  }

  private isSteady(): boolean {
    return this.waiting === undefined && this.untimedLines === 0 && this.chronicle.isSteady(this.keeping);
  }

  /** The time just read is not before the last one, and nothing in its minute is on the other side of an end of the window. */
  private isLikeLast(): boolean {
    const { stamp, bounds } = this;
    const distanceMs = this.wallOf(stamp.kind, stamp.ms) - this.wallMs;
    if (!(distanceMs >= 0 && distanceMs <= neighbourMs)) return false;
    return bounds.holds(stamp) === this.keeping && !bounds.isNearEnd(stamp);
  }

  private enterAt(ms: number): void {
    this.stamp.ms = ms;
    this.enter(this.wallOf(this.stamp.kind, ms));
  }

  private passed(lines: number, lastMs: number): void {
    const { kind } = this.stamp;
    this.stampedLines += lines;
    if (kind === 'local') this.localLines += lines;
    this.textLengths[0] = (this.textLengths[0] ?? 0) + lines;
    this.chronicle.passed(this.wallOf(kind, lastMs));
  }

  private wallOf(kind: Stamp['kind'], ms: number): number {
    return kind === 'local' ? ms : ms + this.offsetMs;
  }

  /** What was reckoned with misread times is reckoned anew; what was kept of it stays. */
  private forget(): void {
    this.reader.hasLearnt = false;
    if (this.stampedLines === 0) return;
    this.isRelearnt = true;
    this.chronicle = new Chronicle(this.bounds, this.zone);
    this.wallMs = Number.NaN;
  }

  /** More waits than can be held: it is kept, but for what is behind the window. */
  release(): void {
    const { waiting } = this;
    if (waiting === undefined) return;
    const { far } = waiting;
    const isBefore = this.mayBeOfWindow();
    const isBehind = far !== undefined && far.wallMs < this.bounds.local.until && linesOf(far.behind) > 0;
    const isNeeded = this.keeping || far?.isInside === true || isBefore || isBehind;
    if (isBefore || isBehind) this.unreadLines += linesOf(waiting) + (far === undefined ? 0 : linesOf(far.behind));
    this.settle(isNeeded);
    this.keeping = isNeeded;
  }

  private judgeUnstamped(line: Buffer, start: number, end: number): Verdict {
    const { waiting } = this;
    this.untimedLines++;
    const isCounted = this.stampedLines < fewLines;
    if (waiting?.far === undefined && this.keeping && !isCounted) return 'kept';
    if (waiting === undefined && !this.mayBeOfWindow() && !isCounted) return 'left';
    const kind = kindOf(line, start, end, this.reader, this.wallMs);
    if (kind === 'unread') this.seenUnread++;
    if (waiting?.far === undefined && this.keeping) return 'kept';
    if (waiting === undefined && !this.mayBeOfWindow()) return 'left';
    if (waiting === undefined && kind === 'continuation') return 'left';
    this.waiting ??= { loose: 0, unread: 0 };
    const untimed = this.waiting.far?.behind ?? this.waiting;
    if (kind === 'loose') untimed.loose++;
    if (kind === 'unread') untimed.unread++;
    return 'held';
  }

  /** The entry that goes on is not behind the window: what has no time may be later than it. */
  private mayBeOfWindow(): boolean {
    return !this.keeping && (this.wallMs < this.bounds.local.until || this.isMostlyUnread());
  }

  /** Most times were not understood: the few that were may be text of messages, and say nothing of the lines around them. */
  private isMostlyUnread(): boolean {
    return this.seenUnread > 0 && this.seenUnread >= this.stampedLines;
  }

  /** A time that is far from the one before: the next time tells whether it is one, or text of a message. */
  private judgeFar(wallMs: number, line: Buffer, start: number, end: number): Verdict {
    const { waiting } = this;
    const far = waiting?.far;
    const { kind, ms } = this.stamp;
    const isInside = this.bounds.holds(this.stamp);
    if (waiting !== undefined && far !== undefined) {
      const isNear = Math.abs(wallMs - far.wallMs) <= neighbourMs;
      if (isNear || (far.wallMs > this.wallMs && wallMs > far.wallMs)) this.moveTo(far, waiting, wallMs);
      else this.takeAsText(waiting);
      if (isNear) return this.enter(wallMs);
    }
    if (this.isTextOfFile(wallMs)) return this.judgeUnstamped(line, start, end);
    this.waiting ??= { loose: 0, unread: 0 };
    const behind = { loose: 0, unread: 0 };
    this.waiting.far = { kind, ms, wallMs, isInside, untimed: this.untimedLines, behind };
    this.untimedLines = 0;
    return 'held';
  }

  /** A time that is yet to come when the file was written, or a number that only looks like a time. */
  private isTextOfFile(wallMs: number): boolean {
    if (wallMs > this.writtenMs + neighbourMs) {
      // So many are no text: the time of the file is wrong.
      if (++this.linesAhead < maxLinesAhead) return true;
      this.isWrittenAt(undefined);
      return false;
    }
    return this.stamp.kind === 'instant' && wallMs < this.writtenMs - oldestUnixMs && this.reader.isWeak(this.stamp);
  }

  /** The far time was none. Where it would be of the window, its lines are kept all the same. */
  private takeAsText(waiting: Waiting): void {
    const { far } = waiting;
    if (far?.isInside === true) waiting.unread++;
    else waiting.loose++;
    waiting.loose += far?.behind.loose ?? 0;
    waiting.unread += far?.behind.unread ?? 0;
    delete waiting.far;
  }

  /** What waited is before this time; NaN where that is not known. */
  private settleBefore(wallMs: number): void {
    const { waiting } = this;
    if (waiting === undefined) return;
    if (this.keeping) this.settle(true);
    else this.settle(this.mayBeOfWindow() && this.mayBeIn(waiting, this.wallMs, wallMs));
  }

  /**
   * Whether lines between two entries may be of the window; if so they are counted.
   * @param nextMs the wall clock of the next entry; NaN where there is none
   */
  private mayBeIn({ loose, unread }: Untimed, lastMs: number, nextMs: number): boolean {
    const { since, until } = this.bounds.local;
    const isBetween = lastMs < until && !(nextMs < since);
    if (!isBetween && !(unread > 0 && this.isMostlyUnread())) return false;
    if (unread > 0 || loose >= maxUntimedLines) {
      this.unreadLines += loose + unread;
      return true;
    }
    // A few lines are text of the entry before them, unless time went on meanwhile.
    const isLong = !(nextMs - lastMs <= longTextMs);
    if (loose > 0 && isLong && !this.isUsualText(loose)) this.leftLines += loose;
    return false;
  }

  /** Other entries of this log have as many lines. */
  private isUsualText(lines: number): boolean {
    return this.textLengths.subarray(lines).reduce((sum, count) => sum + count, 0) >= usualEntries;
  }

  private settle(isKept: boolean): void {
    this.waiting = undefined;
    this.settled = isKept ? 'kept' : 'left';
  }

  /** The far time was one: the next entry began there. */
  private moveTo(far: EntryTime & { behind: Untimed }, waiting: Waiting, nextMs: number): void {
    const isBefore = this.mayBeOfWindow() && this.mayBeIn(waiting, this.wallMs, far.wallMs);
    const isBehind = !far.isInside && this.mayBeIn(far.behind, far.wallMs, nextMs);
    this.settle(far.isInside || isBefore || isBehind);
    this.note(far);
  }

  /** The next entry begins. */
  private enter(wallMs: number): Verdict {
    const { stamp } = this;
    const isInside = this.bounds.holds(stamp);
    const { entry } = this;
    entry.kind = stamp.kind;
    entry.ms = stamp.ms;
    entry.wallMs = wallMs;
    entry.isInside = isInside;
    entry.untimed = this.untimedLines;
    this.note(entry);
    return isInside ? 'kept' : 'left';
  }

  private note(entry: EntryTime): void {
    this.stampedLines++;
    if (entry.kind === 'local') this.localLines++;
    this.chronicle.note(entry);
    const length = Math.min(entry.untimed, maxUntimedLines);
    this.textLengths[length] = (this.textLengths[length] ?? 0) + 1;
    this.untimedLines = 0;
    this.keeping = entry.isInside;
    this.wallMs = entry.wallMs;
    if (this.stamp.others.length > 0) this.rules.nearLocalMs = entry.wallMs;
  }
}

function linesOf({ loose, unread }: Untimed): number {
  return loose + unread;
}
