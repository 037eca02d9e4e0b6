import { AgreedTimes } from './agreed-times.js';
import { type Bounds, instantsAt } from './bounds.js';
import { type EntryTime, extend, nothingSeen, type SeenByKind } from './entry-time.js';
import type { LastTimes } from './part-end.js';
import type { Rhythm } from './rhythm.js';
import { Silences } from './silences.js';
import { TimeOrder } from './time-order.js';

/**
 * What the times of a log show about the whole log: what it covers, how often it is written to, whether its clock was
 * set.
 */
export class Chronicle {
  /** How often the log is written to. */
  readonly rhythm: Rhythm;
  /** All times that were read. */
  readonly seen: SeenByKind = nothingSeen();
  /** The times in the window. */
  readonly inside: SeenByKind = nothingSeen();
  readonly order: TimeOrder;
  readonly silences: Silences;
  private readonly times: AgreedTimes;
  private readonly bounds: Bounds;
  private readonly zone: string;

  constructor(bounds: Bounds, zone: string) {
    this.bounds = bounds;
    this.zone = zone;
    this.silences = new Silences(bounds, zone);
    this.rhythm = this.silences.rhythm;
    this.times = new AgreedTimes(this.silences);
    this.order = new TimeOrder(bounds, zone, this.rhythm);
  }

  /** The times that the lines around them confirm. */
  get agreed(): SeenByKind {
    return this.times.seen;
  }

  startPart(): void {
    this.times.startPart();
  }

  /** Notes another entry, in the order of the log; it is copied. */
  note(entry: EntryTime): void {
    extend(this.seen[entry.kind], entry.ms);
    if (entry.isInside && this.bounds.isNear(entry.kind, entry.ms)) extend(this.inside[entry.kind], entry.ms);
    this.times.note(entry);
    this.order.note(entry);
  }

  /**
   * Whether the next entry adds nothing but its gap, if it is not earlier than the last one, and in the window only if
   * that one was.
   */
  isSteady(isInside: boolean): boolean {
    return this.times.areSteady() && this.order.isSteady(isInside);
  }

  /**
   * Notes that the entries before this one were skipped: each was steady, and its gap is in the rhythm.
   * @param lastMs the wall clock of the last of them
   */
  passed(lastMs: number): void {
    this.times.passed(lastMs);
  }

  /** What the times of this file show about its end; undefined if all name a zone. */
  endPart(): LastTimes | undefined {
    return this.times.endPart();
  }

  /** @param writtenMs the wall clock when the log was last written to; NaN if unknown */
  end(writtenMs: number): void {
    this.order.end();
    this.times.end(writtenMs);
  }

  /**
   * Whether a busy log shows no trace of a change of its zone's clocks, so that its times must be in a zone without
   * changes.
   */
  missesChange(): boolean {
    const { firstMs, lastMs } = this.agreed.local;
    if (!(firstMs < lastMs)) return false;
    const [first = 0, last = 0] = [firstMs, lastMs].map((ms) => ms - (instantsAt(ms, this.zone)[0] ?? ms));
    const changeMs = last - first;
    if (changeMs === 0 || !this.rhythm.isStop(Math.abs(changeMs), false)) return false;
    return changeMs < 0 ? !this.order.hasChanged : this.silences.longestGapMs < changeMs;
  }
}
