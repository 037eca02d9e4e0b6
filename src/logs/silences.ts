import { type Bounds, instantsAt } from './bounds.js';
import { Rhythm } from './rhythm.js';

const shortestSilenceMs = 60_000;

/** The gaps between the entries of a log: its usual rhythm, and the longest silences. */
export class Silences {
  readonly rhythm = new Rhythm();
  /** The longest gap by the wall clock. */
  longestGapMs = 0;
  /** The longest silence that is at least partly in the window, in Unix time. */
  longest: { since: number; until: number } | undefined;
  private readonly bounds: Bounds;
  private readonly zone: string;

  constructor(bounds: Bounds, zone: string) {
    this.bounds = bounds;
    this.zone = zone;
  }

  /** Notes a gap between two entries, by their wall clocks. */
  noteGap(fromMs: number, toMs: number): void {
    const gapMs = toMs - fromMs;
    this.rhythm.add(gapMs);
    if (gapMs >= shortestSilenceMs) this.noteSilence(fromMs, toMs);
  }

  private noteSilence(fromMs: number, toMs: number): void {
    const { longest, bounds } = this;
    this.longestGapMs = Math.max(this.longestGapMs, toMs - fromMs);
    if (toMs <= bounds.local.since || fromMs >= bounds.local.until) return;
    const { since, until } = this.nearest(fromMs, toMs);
    if (longest === undefined || until - since > longest.until - longest.since) this.longest = { since, until };
  }

  /** The two instants of a gap; in an hour that comes twice, the two that are closest to each other. */
  private nearest(fromMs: number, toMs: number): { since: number; until: number } {
    const [ends, begins] = [toMs, fromMs].map((ms) => instantsAt(ms, this.zone)) as [number[], number[]];
    const until = ends.find((ms) => ms >= (begins[0] ?? ms)) ?? ends.at(-1) ?? toMs;
    return { since: begins.findLast((ms) => ms <= until) ?? begins[0] ?? fromMs, until };
  }
}
