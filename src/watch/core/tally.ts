import type { Tally } from '../../domain/watch-history.js';

/** What is not looked at for longer than this was not watched meanwhile. */
export const longestGapMs = 15 * 60_000;
const longestMs = 3_600_000;

/**
 * One round more. A tally ends after an hour, where the watch was not at work for a while, and where the clock was set back.
 * @returns `ended`: the tally that goes into the history
 */
export function counted(before: Tally | undefined, isWhole: boolean, atMs: number): { tally: Tally; ended?: Tally } {
  const one = { whole: isWhole ? 1 : 0, others: isWhole ? 0 : 1 };
  const passedMs = before === undefined ? 0 : atMs - before.until;
  const goesOn =
    before !== undefined && passedMs >= 0 && passedMs <= longestGapMs && before.until - before.from < longestMs;
  if (!goesOn) {
    const isSeamless = before !== undefined && passedMs >= 0 && passedMs <= longestGapMs;
    const tally = { from: isSeamless ? before.until : atMs, until: atMs, ...one };
    return { tally, ...(before === undefined ? {} : { ended: before }) };
  }
  const { from, whole, others } = before;
  return { tally: { from, until: atMs, whole: whole + one.whole, others: others + one.others } };
}
