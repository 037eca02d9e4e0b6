/** A line may be so much behind the one before it, and keeps its place. */
export const behindMs = 5000;
/** A clock is not set back more often; a log that says so has no order. */
const maxRuns = 16;

/** Lines of a log that go on in time. */
export type Run = { from: number; to: number };

export type Settled = {
  /** The corrected time of each line; within a run it never goes back. */
  at: Float64Array;
  /** How many ms the time that a line bears is ahead of that. */
  rawOffset: Float64Array;
  isContinued: Uint8Array;
  runs: Run[];
  /** The first lines behind a step of the clock, and by how much it was set back. */
  steps: { line: number; byMs: number }[];
};

/**
 * Brings the lines of one log on one clock. A line without a time belongs to the one before it; one that is a little
 * behind keeps its place; beyond that, where the next line agrees, the clock was set back, and a new run begins.
 * @param raw instants by the log's own clock; NaN where there is none
 * @param offsetAt how far that clock is ahead
 * @param startMs the time of lines where no line bears one
 */
export function settle(raw: Float64Array, offsetAt: (raw: number) => number, startMs: number): Settled {
  const settling = new Settling(raw, offsetAt);
  const first = raw.find((time) => !Number.isNaN(time)) ?? startMs;
  return settling.run(first);
}

class Settling {
  private readonly raw: Float64Array;
  private readonly offsetAt: (raw: number) => number;
  private readonly settled: Settled;

  constructor(raw: Float64Array, offsetAt: (raw: number) => number) {
    const count = raw.length;
    this.raw = raw;
    this.offsetAt = offsetAt;
    const columns = {
      at: new Float64Array(count),
      rawOffset: new Float64Array(count),
      isContinued: new Uint8Array(count),
    };
    this.settled = { ...columns, runs: [], steps: [] };
  }

  run(first: number): Settled {
    const { raw, offsetAt, settled } = this;
    const { at, rawOffset, isContinued, runs, steps } = settled;
    let reached = first - offsetAt(first);
    let ownTime = first;
    let from = 0;
    for (let line = 0; line < raw.length; line++) {
      const own = raw[line] ?? Number.NaN;
      const time = own - offsetAt(own);
      if (Number.isNaN(own)) isContinued[line] = line > 0 ? 1 : 0;
      else {
        ownTime = own;
        if (time > reached + behindMs ? !this.isStray(line, time, reached) : time >= reached) reached = time;
        else if (time < reached - behindMs && runs.length < maxRuns - 1 && this.isStep(line, time, reached)) {
          runs.push({ from, to: line });
          steps.push({ line, byMs: reached - time });
          from = line;
          reached = time;
        }
      }
      at[line] = reached;
      rawOffset[line] = ownTime - reached;
    }
    runs.push({ from, to: raw.length });
    return settled;
  }

  /** Whether the lines behind a time far ahead do not go on there: it is text of a message. */
  private isStray(line: number, time: number, reached: number): boolean {
    const next = this.timesBehind(line, 2);
    return next.length > 0 && next.every((each) => each < time - behindMs && each >= reached - behindMs);
  }

  /** Whether the next line agrees that it is earlier. */
  private isStep(line: number, time: number, reached: number): boolean {
    const [next] = this.timesBehind(line, 1);
    return next !== undefined && next < reached - behindMs && next >= time - behindMs;
  }

  /** The times of the next lines that bear one. */
  private timesBehind(line: number, count: number): number[] {
    const found: number[] = [];
    for (let next = line + 1; next < this.raw.length && found.length < count; next++) {
      const own = this.raw[next] ?? Number.NaN;
      if (!Number.isNaN(own)) found.push(own - this.offsetAt(own));
    }
    return found;
  }
}
