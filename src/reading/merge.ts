import type { Run } from './settle.js';

/** One log as far as its order goes. */
export type Ordered = { at: Float64Array; runs: readonly Run[] };

/** The place of each line in the order of all: its log, and its place there. */
export type MergedOrder = { count: number; at: Float64Array; log: Uint16Array; place: Uint32Array };

/** Puts the lines of all logs in one order: by time, then log; a run of a log stays as it is. */
export function merge(logs: readonly Ordered[]): MergedOrder {
  const count = logs.reduce((sum, { at }) => sum + at.length, 0);
  const merged = { count, at: new Float64Array(count), log: new Uint16Array(count), place: new Uint32Array(count) };
  const heads = logs.flatMap(({ at, runs }, log) =>
    runs
      .filter(({ from, to }) => from < to)
      .map(({ from, to }, run) => ({ at, log, run, next: from, to, time: at[from] ?? 0 })),
  );
  const heap = new Heap(heads);
  let out = 0;
  for (let head = heap.first; head !== undefined; head = heap.first) {
    const rival = heap.second;
    do {
      merged.at[out] = head.time;
      merged.log[out] = head.log;
      merged.place[out++] = head.next++;
      head.time = head.at[head.next] ?? 0;
    } while (head.next < head.to && (rival === undefined || isBefore(head, rival)));
    heap.settle();
  }
  return merged;
}

/** The next line of a run. */
type Head = { at: Float64Array; log: number; run: number; next: number; to: number; time: number };

function isBefore(a: Head, b: Head): boolean {
  if (a.time !== b.time) return a.time < b.time;
  return a.log !== b.log ? a.log < b.log : a.run < b.run;
}

/** A binary heap of runs: the one with the next line is on top. */
class Heap {
  private readonly heads: Head[];

  constructor(heads: readonly Head[]) {
    this.heads = [...heads].sort((a, b) => (isBefore(a, b) ? -1 : 1));
  }

  get first(): Head | undefined {
    return this.heads[0];
  }

  get second(): Head | undefined {
    const [, left, right] = this.heads;
    if (left === undefined || right === undefined) return left;
    return isBefore(left, right) ? left : right;
  }

  /** The first has moved on: it sinks, or is gone. */
  settle(): void {
    const { heads } = this;
    const [first] = heads;
    if (first === undefined) return;
    const sinking = first.next < first.to ? first : heads.pop();
    if (sinking !== undefined && heads.length > 0) this.sink(sinking);
  }

  private sink(head: Head): void {
    const { heads } = this;
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      const [a, b] = [heads[left], heads[left + 1]];
      if (a === undefined) break;
      const isRight = b !== undefined && isBefore(b, a);
      const child = isRight ? b : a;
      if (isBefore(head, child)) break;
      heads[at] = child;
      at = isRight ? left + 1 : left;
    }
    heads[at] = head;
  }
}

/** @returns where a line of a log is in the order; -1 where it is not */
export function placeOf(
  { at, log, place, count }: MergedOrder,
  wantedLog: number,
  wantedPlace: number,
  time: number,
): number {
  let [low, high] = [0, count];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((at[middle] ?? 0) < time) low = middle + 1;
    else high = middle;
  }
  for (let line = low; line < count && at[line] === time; line++)
    if (log[line] === wantedLog && place[line] === wantedPlace) return line;
  return -1;
}
