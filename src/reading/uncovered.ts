import type { Gap } from '../domain/manifest.js';
import type { LogFile } from './log-files.js';
import type { Span } from './spans.js';

/** Why a log does not cover its window, as a person says it. */
export const gapTexts: Readonly<Record<Gap, string>> = {
  'rotated-away': 'its older lines are gone from the server',
  'not-over': 'the window was not over when it was collected',
  unreadable: 'not all of it could be read',
  cut: 'it was cut short',
  'zone-unknown': 'the zone of its times is not known',
  'passed-over': 'a file of it was not read',
  silent: 'logging had stopped',
  unproven: 'whether it goes on to the end of the window is not known',
  'not-understood': 'the times of some lines were not understood',
  'clock-unknown': 'the clock of the server is not known',
  'clock-set': 'the clock of the server was set',
  'out-of-order': 'its times are out of order',
};

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
