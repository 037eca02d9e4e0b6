/** Fewer lines than this do not show how often a log is written to. */
const enoughLines = 50;
const shortestSilenceMs = 60_000;
const unusualTimes = 20;
/** A silence is usual if the log was silent that long at least this many times. */
const usualSilences = 3;

/** How often a log is written to: the gaps between its lines, counted by length. It needs the same memory for any log. */
export class Rhythm {
  private readonly counts = new Uint32Array(128);
  private gaps = 0;

  /** @param gapMs the time between a line and the one before it */
  add(gapMs: number): void {
    const bucket = bucketOf(gapMs);
    this.counts[bucket] = (this.counts[bucket] ?? 0) + 1;
    this.gaps++;
  }

  /**
   * Whether a silence means that logging had stopped: it is far longer than the log's usual gap, and the log was not
   * silent as long at other times. A log of a few lines a day is never said to have stopped.
   * @param counted whether the silence itself is among the gaps
   */
  isStop(silenceMs: number, counted: boolean): boolean {
    if (this.gaps < enoughLines) return false;
    if (silenceMs <= Math.max(shortestSilenceMs, unusualTimes * this.medianMs())) return false;
    return this.atLeast(silenceMs / 2) - (counted ? 1 : 0) < usualSilences;
  }

  /** Whether the log is often silent that long; false if there are too few lines to know. */
  isUsual(silenceMs: number): boolean {
    return this.gaps >= enoughLines && !this.isStop(silenceMs, false);
  }

  private medianMs(): number {
    let seen = 0;
    for (const [bucket, count] of this.counts.entries()) {
      seen += count;
      if (seen * 2 >= this.gaps) return msOf(bucket);
    }
    return 0;
  }

  private atLeast(ms: number): number {
    return this.counts.subarray(bucketOf(ms)).reduce((sum, count) => sum + count, 0);
  }
}

const middles = Float64Array.from({ length: 31 }, (_, doublings) => 2 ** (doublings + 0.5));

/** The bucket of a gap. There are two for each doubling, so a gap is known to about a third. */
function bucketOf(ms: number): number {
  if (ms < 1) return 0;
  if (ms >= 2 ** 31) return 1 + Math.floor(Math.log2(ms) * 2);
  const doublings = 31 - Math.clz32(ms); // far quicker than a logarithm, for every line of every log
  return 1 + 2 * doublings + (ms >= (middles[doublings] ?? 0) ? 1 : 0);
}

/** The longest gap in a bucket. */
function msOf(bucket: number): number {
  return bucket === 0 ? 0 : 2 ** (bucket / 2);
}
