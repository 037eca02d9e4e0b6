import { gapTexts } from '../domain/gap-text.js';
import type { Gap } from '../domain/manifest.js';
import type { LogFile } from './log-files.js';
import type { Span } from './spans.js';

const endsEarly: readonly Gap[] = ['not-over', 'cut', 'unreadable', 'unproven', 'passed-over'];
const beginsLate: readonly Gap[] = ['rotated-away', 'unreadable', 'passed-over'];
const shortestMs = 1000;

/** A part of the window of which nothing was collected. */
export type Uncovered = Span & { why: string };

/** @param offsetMs how far the clock of the server is ahead: the manifest has the times of that clock */
export function uncoveredOf({ item }: LogFile, window: Span, offsetMs: number): Uncovered[] {
  const { coverage } = item ?? {};
  if (coverage === undefined || coverage.complete) return [];
  const gaps = coverage.gaps ?? [];
  const timeOf = (text: string | null, otherwise: number) => (text === null ? otherwise : Date.parse(text) - offsetMs);
  const first = timeOf(coverage.first, window.since);
  const last = timeOf(coverage.last, window.until);
  const whyOf = (kinds: readonly Gap[]) =>
    gaps
      .filter((gap) => kinds.includes(gap))
      .map((gap) => gapTexts[gap])
      .join(', ');
  const [late, early] = [whyOf(beginsLate), whyOf(endsEarly)];
  const found: Uncovered[] = [];
  if (late !== '' && first > window.since + shortestMs) found.push({ since: window.since, until: first, why: late });
  if (early !== '' && last < window.until - shortestMs) found.push({ since: last, until: window.until, why: early });
  return found;
}
