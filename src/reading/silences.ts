import type { Settled } from './settle.js';

const shortestMs = 60_000;
const timesMedian = 20;
const fewestLines = 50;
const maxGapMs = 60_000;

/** A pause of a log that is longer than it is used to. */
export type Silence = { since: number; until: number; medianMs: number };

/** @param until to when the log is known to have been read; undefined where that is not known */
export function silencesIn({ at, isContinued, runs }: Settled, until: number | undefined): Silence[] {
  const gaps = new Uint32Array(maxGapMs + 1);
  let count = 0;
  const eachGap = (note: (since: number, gap: number) => void) => {
    for (const { from, to } of runs)
      for (let line = from + 1; line < to; line++)
        if (isContinued[line] === 0) note(at[line - 1] ?? 0, (at[line] ?? 0) - (at[line - 1] ?? 0));
  };
  eachGap((_since, gap) => {
    const whole = Math.min(Math.round(gap), maxGapMs);
    gaps[whole] = (gaps[whole] ?? 0) + 1;
    count++;
  });
  if (count < fewestLines) return [];
  const medianMs = medianOf(gaps, count);
  const longestMs = Math.max(shortestMs, timesMedian * medianMs);
  const found: Silence[] = [];
  eachGap((since, gap) => {
    if (gap > longestMs) found.push({ since, until: since + gap, medianMs });
  });
  const last = at.at(-1);
  if (last !== undefined && until !== undefined && until - last > longestMs)
    found.push({ since: last, until, medianMs });
  return found;
}

function medianOf(gaps: Uint32Array, count: number): number {
  let seen = 0;
  for (let gap = 0; gap < gaps.length; gap++) {
    seen += gaps[gap] ?? 0;
    if (seen * 2 >= count) return gap;
  }
  return maxGapMs;
}
