import type { PageData } from '../report/page-data.js';
import { error, type Lines, lowerBound, warning } from './lines.js';
import type { Column } from './wire.js';

/** Counts of one lane in equal steps of the time that is seen. */
export type Bins = { lines: Uint32Array; warnings: Uint32Array; errors: Uint32Array };

export type View = { since: number; until: number };

const severities = 6;
/** Up to so many lines are counted one by one, which is exact at any zoom. */
const countedMax = 300_000;

/** Per server and severity, how many lines in each step of time. */
export class DensityCounts {
  readonly #data: PageData['density'];
  readonly #counts: Uint32Array;

  constructor(data: PageData['density'], servers: number, column: Column) {
    this.#data = data;
    this.#counts = new Uint32Array(servers * severities * data.steps);
    for (let at = 0; at < this.#counts.length; at++) this.#counts[at] = column.next();
  }

  addTo(lanes: readonly Bins[], laneOf: readonly number[], view: View): void {
    const { since, stepMs, steps } = this.#data;
    const share = (lanes[0]?.lines.length ?? 0) / (view.until - view.since);
    laneOf.forEach((lane, server) => {
      const bins = lanes[lane];
      if (bins === undefined) return;
      for (let severity = 0; severity < severities; severity++) {
        const from = (server * severities + severity) * steps;
        for (let step = 0; step < steps; step++) {
          const count = this.#counts[from + step] ?? 0;
          if (count === 0) continue;
          const bin = Math.floor((since + (step + 0.5) * stepMs - view.since) * share);
          add(bins, bin, severity, count);
        }
      }
    });
  }
}

/** @returns false where there are too many to be counted one by one */
export function addLines(
  lanes: readonly Bins[],
  laneOf: readonly number[],
  view: View,
  lines: Lines,
  serverOf: readonly number[],
): boolean {
  const from = lowerBound(lines.at, view.since);
  const to = lowerBound(lines.at, view.until);
  if (to - from > countedMax) return false;
  const share = (lanes[0]?.lines.length ?? 0) / (view.until - view.since);
  for (let line = from; line < to; line++) {
    const bins = lanes[laneOf[serverOf[lines.log[line] ?? 0] ?? 0] ?? 0];
    const bin = Math.floor(((lines.at[line] ?? 0) - view.since) * share);
    if (bins !== undefined) add(bins, bin, lines.severity[line] ?? 0, 1);
  }
  return true;
}

export function emptyBins(length: number): Bins {
  return { lines: new Uint32Array(length), warnings: new Uint32Array(length), errors: new Uint32Array(length) };
}

function add({ lines, warnings, errors }: Bins, bin: number, severity: number, count: number): void {
  if (bin < 0 || bin >= lines.length) return;
  lines[bin] = (lines[bin] ?? 0) + count;
  if (severity === warning) warnings[bin] = (warnings[bin] ?? 0) + count;
  if (severity >= error) errors[bin] = (errors[bin] ?? 0) + count;
}
