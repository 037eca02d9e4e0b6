import type { LogColumns } from './log-columns.js';
import { WallClock } from './wall-clock.js';

/** Threads that write at once do not put lines out of order by more than this. */
const backMs = 20 * 60_000;

export type Instants = {
  /** NaN where a line bears no time. */
  raw: Float64Array;
  /** There are times in the hour that comes twice, and both readings fit. */
  isOpen: boolean;
};

/** The times that lines bear as instants, by their own clock: wall clocks are read in a zone. */
export function instantsIn({ stamp, isWall, count }: LogColumns, zone: string): Instants {
  const clock = new WallClock(zone);
  const raw = new Float64Array(count);
  const folds: Fold[] = [];
  let fold: Fold | undefined;
  let last = Number.NaN;
  for (let line = 0; line < count; line++) {
    const time = stamp[line] ?? Number.NaN;
    const first = isWall[line] === 1 ? clock.first(time) : time;
    raw[line] = first;
    if (Number.isNaN(first)) continue;
    const laterMs = isWall[line] === 1 ? clock.mayBeLaterMs : 0;
    if (laterMs === 0) {
      if (fold !== undefined) fold.next = first;
      fold = undefined;
    } else if (fold === undefined) {
      fold = {
        from: line,
        to: line,
        laterMs,
        secondFrom: undefined,
        before: last,
        next: Number.NaN,
        first,
        last: first,
      };
      folds.push(fold);
    } else {
      if (first < fold.last - backMs) fold.secondFrom ??= line;
      fold.to = line;
      fold.last = first;
    }
    last = first;
  }
  return { raw, isOpen: folds.filter((each) => readFold(each, raw)).length > 0 };
}

/** Lines in the hour that comes twice. */
type Fold = {
  from: number;
  to: number;
  laterMs: number;
  /** Where the log goes back: the second time begins. */
  secondFrom: number | undefined;
  /** The times beside it; NaN where there are none. */
  before: number;
  next: number;
  first: number;
  last: number;
};

/** Reads a fold as its neighbours say. @returns whether it may be read in two ways */
function readFold(fold: Fold, raw: Float64Array): boolean {
  const from = fold.secondFrom ?? (isSecond(fold) ? fold.from : fold.to + 1);
  for (let line = from; line <= fold.to; line++) raw[line] = (raw[line] ?? Number.NaN) + fold.laterMs;
  return fold.secondFrom === undefined;
}

/** Whether the second reading leaves the shorter pause: in front of the lines, or behind them. */
function isSecond({ before, next, first, last, laterMs }: Fold): boolean {
  if (Number.isNaN(before)) return !Number.isNaN(next);
  if (Number.isNaN(next)) return false;
  return Math.max(first + laterMs - before, next - last - laterMs) < Math.max(first - before, next - last);
}
