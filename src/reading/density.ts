import type { MergedOrder } from './merge.js';
import { type Density, severities } from './reading.js';
import type { Span } from './spans.js';

/** More steps than a picture can show are of no use. */
const maxSteps = 7200;
const stepsMs = [1000, 2000, 5000, 10_000, 30_000, 60_000, 300_000, 900_000, 3_600_000];

/** How many lines of each severity each server has in each step of time. */
export function densityOf(
  order: MergedOrder,
  severity: Uint8Array,
  serverOf: readonly number[],
  servers: number,
  { since, until }: Span,
): Density {
  const span = Math.max(until - since, 1);
  const stepMs = stepsMs.find((step) => span / step <= maxSteps) ?? Math.ceil(span / maxSteps);
  const steps = Math.max(1, Math.ceil(span / stepMs));
  const counts = Array.from({ length: servers }, () => severities.map(() => new Uint32Array(steps)));
  const { at, log, count } = order;
  for (let line = 0; line < count; line++) {
    const step = Math.floor(((at[line] ?? 0) - since) / stepMs);
    const column = counts[serverOf[log[line] ?? 0] ?? 0]?.[severity[line] ?? 0];
    if (column === undefined) continue;
    const inside = step < 0 ? 0 : step >= steps ? steps - 1 : step;
    column[inside] = (column[inside] ?? 0) + 1;
  }
  return { since, stepMs, steps, counts };
}
