import { type Bounds, instantsAt } from './bounds.js';
import { Rhythm } from './rhythm.js';
import type { Stamp } from './stamp-fields.js';

/** First and last of some times. */
export type Seen = { firstMs: number; lastMs: number };

/** Of stamps that name a zone, and of those that do not (read as if they were UTC). */
export type SeenByKind = Record<Stamp['kind'], Seen>;

/** The time of one entry. */
export type EntryTime = {
  kind: Stamp['kind'];
  ms: number;
  /** By the server's wall clock. */
  wallMs: number;
  isInside: boolean;
  /** Lines without a time right before it. */
  untimed: number;
};

/** One file of a log, by its newest time that names no zone (read as if it were UTC), and when it had been written by. */
export type PartEnd = {
  newestLocalMs: number;
  /** Nothing near it agrees with it: it may be text of a message. */
  isAlone: boolean;
  writtenAt: Date | undefined;
  /** It is the one that is written to. */
  isCurrent: boolean;
};

/** So many lines without a time in a row are no part of an entry: time went on meanwhile. */
export const maxUntimedLines = 20;

/** Threads put their lines out of order by no more than this. */
const disorderMs = 2000;
/** So many lines in a row are no text of a message: the clock was set. */
const steadyLines = 3;
/** A log goes on without a word about as long as this. */
const smallJumpMs = 15 * 60_000;
const writtenNearMs = 90_000;
const shortestSilenceMs = 60_000;

/** What the times of a log say of it as a whole: what it covers, how often it is written to, whether its clock was set. */
export class Chronicle {
  readonly rhythm = new Rhythm();
  /** All times that were read. */
  readonly seen: SeenByKind = { instant: nothingSeen(), local: nothingSeen() };
  /** Those that the lines around them agree with: a time in a message says nothing of what the log covers. */
  readonly agreed: SeenByKind = { instant: nothingSeen(), local: nothingSeen() };
  /** Times that do not fit their neighbours, and because of which lines of the window may have been left. */
  strayTimes = 0;
  /** How far the clock was set back, at or after the beginning of the window. */
  setBackMs = 0;
  /** The longest gap by the wall clock, and whether the clock was seen to be set back with the change of the zone's clocks. */
  private longestGapMs = 0;
  private hasChanged = false;
  /** The longest silence that has a part in the window, in Unix time. */
  silence: { since: number; until: number } | undefined;
  /** The newest time of this file that names no zone, and the first one behind it that does. */
  private newestLocalMs = Number.NEGATIVE_INFINITY;
  private nextInstantMs: number | undefined;

  private readonly bounds: Bounds;
  private readonly zone: string;
  private last: EntryTime | undefined;
  private beforeLast: EntryTime | undefined;
  private candidate: EntryTime | undefined;
  private readonly candidateRoom = emptyEntry();
  private agreedMs = Number.NEGATIVE_INFINITY;
  private linesBehind = 0;
  private behind: { levelMs: number; lines: number } | undefined;
  /** Where the window was left last. */
  private left: { fromMs: number; toMs: number } | undefined;

  constructor(bounds: Bounds, zone: string) {
    this.bounds = bounds;
    this.zone = zone;
  }

  startPart(): void {
    this.newestLocalMs = Number.NEGATIVE_INFINITY;
    this.nextInstantMs = undefined;
  }

  /** Another entry, in the order of the log; it is copied. */
  note(entry: EntryTime): void {
    extend(this.seen[entry.kind], entry.ms);
    this.compare(entry);
    if (this.last !== undefined) this.noteOrder(this.last, entry);
    const free = this.beforeLast ?? emptyEntry();
    this.beforeLast = this.last;
    this.last = copyTo(free, entry);
  }

  /** Whether an entry that is not earlier than the last one, and is of the window only if that was, adds nothing but its gap. */
  isSteady(isInside: boolean): boolean {
    const { last, candidate, behind, linesBehind } = this;
    return last?.isInside === isInside && candidate !== undefined && behind === undefined && linesBehind === 0;
  }

  /**
   * The entries before this one were passed over: each was steady, and its gap is in the rhythm.
   * @param lastMs the wall clock of the last of them
   */
  passed(lastMs: number): void {
    this.agreedMs = lastMs;
  }

  /** The newest time of a file that names no zone, and the first one behind it that does; undefined where all name one. */
  endPart(): (Pick<PartEnd, 'newestLocalMs' | 'isAlone'> & { nextInstantMs: number | undefined }) | undefined {
    const { candidate, newestLocalMs, nextInstantMs } = this;
    if (candidate?.kind === 'local' && candidate.ms > newestLocalMs)
      return { newestLocalMs: candidate.ms, isAlone: !this.isNearAgreed(candidate), nextInstantMs: undefined };
    return newestLocalMs > Number.NEGATIVE_INFINITY ? { newestLocalMs, isAlone: false, nextInstantMs } : undefined;
  }

  /** The newest time is one if it is near the one before it, or the file was written to then. */
  end(writtenMs: number): void {
    const { candidate, behind } = this;
    // The log ends before it is known whether its clock was set.
    if (behind !== undefined && behind.lines < steadyLines && behind.levelMs >= this.bounds.local.since)
      this.strayTimes++;
    this.behind = undefined;
    if (candidate === undefined) return;
    if (this.isNearAgreed(candidate) || Math.abs(writtenMs - candidate.wallMs) <= writtenNearMs) this.agree(candidate);
    this.candidate = undefined;
  }

  private isNearAgreed({ wallMs }: EntryTime): boolean {
    return wallMs - this.agreedMs <= smallJumpMs || this.agreedMs === Number.NEGATIVE_INFINITY;
  }

  /** A busy log over a change of the zone's clocks that shows none of it: its times are of a zone without changes. */
  missesChange(): boolean {
    const { firstMs, lastMs } = this.agreed.local;
    if (!(firstMs < lastMs)) return false;
    const [first = 0, last = 0] = [firstMs, lastMs].map((ms) => ms - (instantsAt(ms, this.zone)[0] ?? ms));
    const changeMs = last - first;
    if (changeMs === 0 || !this.rhythm.isStop(Math.abs(changeMs), false)) return false;
    return changeMs < 0 ? !this.hasChanged : this.longestGapMs < changeMs;
  }

  /** A time agrees with those around it if none of them goes back behind it, or it behind them; three in a row do anyway. */
  private compare(entry: EntryTime): void {
    const { candidate } = this;
    const { wallMs } = entry;
    if (candidate !== undefined && wallMs >= candidate.wallMs - disorderMs) this.agree(candidate);
    const isBehind = wallMs < this.agreedMs - disorderMs;
    this.linesBehind = isBehind ? this.linesBehind + 1 : 0;
    this.candidate = undefined;
    if (isBehind && this.linesBehind < steadyLines) return;
    if (isBehind) this.agreedMs = wallMs;
    this.candidate = copyTo(this.candidateRoom, entry);
  }

  private agree({ kind, ms, wallMs, untimed }: EntryTime): void {
    extend(this.agreed[kind], ms);
    if (kind === 'instant') this.nextInstantMs ??= ms;
    else if (ms >= this.newestLocalMs) {
      this.newestLocalMs = ms;
      this.nextInstantMs = undefined;
    }
    const gapMs = wallMs - this.agreedMs;
    if (gapMs >= 0 && gapMs < Number.POSITIVE_INFINITY && untimed < maxUntimedLines) this.noteGap(gapMs, wallMs);
    this.agreedMs = wallMs;
  }

  private noteGap(gapMs: number, wallMs: number): void {
    this.rhythm.add(gapMs);
    if (gapMs < shortestSilenceMs) return;
    if (gapMs > this.longestGapMs) this.longestGapMs = gapMs;
    const { silence, bounds, agreedMs } = this;
    if (wallMs <= bounds.local.since || agreedMs >= bounds.local.until) return;
    const { since, until } = this.nearest(agreedMs, wallMs);
    if (silence === undefined || until - since > silence.until - silence.since) this.silence = { since, until };
  }

  /** Of an hour that comes twice, the passes that are next to each other. */
  private nearest(fromMs: number, toMs: number): { since: number; until: number } {
    const [ends, begins] = [toMs, fromMs].map((ms) => instantsAt(ms, this.zone)) as [number[], number[]];
    const until = ends.find((ms) => ms >= (begins[0] ?? ms)) ?? ends.at(-1) ?? toMs;
    return { since: begins.findLast((ms) => ms <= until) ?? begins[0] ?? fromMs, until };
  }

  /** Times that go back: the clock was set, or what looks like a time is text; lines of the window may have been left. */
  private noteOrder(last: EntryTime, { wallMs, isInside }: EntryTime): void {
    const { behind, left, beforeLast } = this;
    const isBack = wallMs - last.wallMs < -disorderMs && behind === undefined;
    if (isBack && beforeLast !== undefined && wallMs >= beforeLast.wallMs - disorderMs) {
      // One time ahead of both its neighbours is text of a message, or the last one before the clock was set.
      if (last.wallMs >= this.bounds.local.since) this.strayTimes++;
      return;
    }
    const isChange = isBack && this.isChange(last.wallMs, wallMs);
    this.hasChanged ||= isChange;
    if (isBack && !isChange) {
      if (last.isInside && !isInside) this.strayTimes++;
      if (left !== undefined && wallMs >= left.fromMs - disorderMs && wallMs < left.toMs) this.strayTimes++;
      this.behind = { levelMs: last.wallMs, lines: 1 };
      return;
    }
    if (last.isInside && !isInside) this.left = { fromMs: last.wallMs, toMs: wallMs };
    if (behind === undefined) return;
    if (wallMs >= behind.levelMs - disorderMs) {
      if (this.isHiddenStep(behind.levelMs, last.wallMs, wallMs)) this.strayTimes++;
      this.behind = undefined;
    } else if (++behind.lines === steadyLines && behind.levelMs >= this.bounds.local.since)
      this.setBackMs = Math.max(this.setBackMs, behind.levelMs - wallMs);
  }

  /**
   * A few lines went back, and the next one is ahead again: text of a message, or a clock that was set back by not much
   * more than the log is silent between two lines.
   */
  private isHiddenStep(levelMs: number, behindMs: number, nextMs: number): boolean {
    if (levelMs < this.bounds.local.since || levelMs - behindMs < shortestSilenceMs) return false;
    return !this.rhythm.isStop(nextMs - behindMs, false);
  }

  /** In the night when the clocks are set back an hour comes twice: a step back of just that is none of the clock. */
  private isChange(fromMs: number, toMs: number): boolean {
    return [fromMs, toMs].some((ms) => {
      const instants = instantsAt(ms, this.zone);
      return fromMs - toMs <= (instants.at(-1) ?? 0) - (instants[0] ?? 0) + disorderMs && instants.length > 1;
    });
  }
}

/** Entries are copied into what is there already: this runs for every line of every log. */
function copyTo(room: EntryTime, { kind, ms, wallMs, isInside, untimed }: EntryTime): EntryTime {
  room.kind = kind;
  room.ms = ms;
  room.wallMs = wallMs;
  room.isInside = isInside;
  room.untimed = untimed;
  return room;
}

export function emptyEntry(): EntryTime {
  return { kind: 'local', ms: 0.5, wallMs: 0.5, isInside: false, untimed: 0 };
}

function extend(span: Seen, ms: number): void {
  if (ms < span.firstMs) span.firstMs = ms;
  if (ms > span.lastMs) span.lastMs = ms;
}

function nothingSeen(): Seen {
  return { firstMs: Number.POSITIVE_INFINITY, lastMs: Number.NEGATIVE_INFINITY };
}
