import { AgreedTimes } from './agreed-times.js';
import { type Bounds, instantsAt } from './bounds.js';
import { type EntryTime, extend, nothingSeen, type SeenByKind } from './entry-time.js';
import type { LastTimes } from './part-end.js';
import type { Rhythm } from './rhythm.js';
import { Silences } from './silences.js';
import { TimeOrder } from './time-order.js';

/** What the times of a log say of it as a whole: what it covers, how often it is written to, whether its clock was set. */
export class Chronicle {
  /** How often the log is written to. */
  readonly rhythm: Rhythm;
  /** All times that were read. */
  readonly seen: SeenByKind = nothingSeen();
  /** Those of the window. */
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

  /** Those times that the lines around them agree with. */
  get agreed(): SeenByKind {
    return this.times.seen;
  }

  startPart(): void {
    this.times.startPart();
  }

  /** Another entry, in the order of the log; it is copied. */
  note(entry: EntryTime): void {
    extend(this.seen[entry.kind], entry.ms);
    if (entry.isInside && this.bounds.isNear(entry.kind, entry.ms)) extend(this.inside[entry.kind], entry.ms);
    this.times.note(entry);
    this.order.note(entry);
  }

  /** Whether an entry that is not earlier than the last one, and is of the window only if that was, adds nothing but its gap. */
  isSteady(isInside: boolean): boolean {
    return this.times.areSteady() && this.order.isSteady(isInside);
  }

  /**
   * The entries before this one were passed over: each was steady, and its gap is in the rhythm.
   * @param lastMs the wall clock of the last of them
   */
  passed(lastMs: number): void {
    this.times.passed(lastMs);
  }

  /** What the times of this file say of its end; undefined where all name a zone. */
  endPart(): LastTimes | undefined {
    return this.times.endPart();
  }

  /** @param writtenMs the wall clock when the log was last written to; NaN where that is not known */
  end(writtenMs: number): void {
    this.order.end();
    this.times.end(writtenMs);
  }

  /** A busy log over a change of the zone's clocks that shows none of it: its times are of a zone without changes. */
  missesChange(): boolean {
    const { firstMs, lastMs } = this.agreed.local;
    if (!(firstMs < lastMs)) return false;
    const [first = 0, last = 0] = [firstMs, lastMs].map((ms) => ms - (instantsAt(ms, this.zone)[0] ?? ms));
    const changeMs = last - first;
    if (changeMs === 0 || !this.rhythm.isStop(Math.abs(changeMs), false)) return false;
    return changeMs < 0 ? !this.order.hasChanged : this.silences.longestGapMs < changeMs;
  }
}
