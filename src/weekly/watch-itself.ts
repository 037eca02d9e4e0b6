import type { Span } from '../domain/recurrence.js';
import type { Tally } from '../domain/watch-history.js';
import { longestGapMs } from '../watch/core/tally.js';
import { watchedSpans } from './lasting.js';
import { common, lengthMs, without } from './spans.js';
import type { WatchItself } from './weekly-status.js';

/** How well the watch watched in a time. */
export function watchItself(
  tallies: readonly Tally[],
  blind: WatchItself['blind'],
  unread: string[],
  within: Span,
): WatchItself {
  const mine = tallies.filter(({ from }) => within.from.getTime() <= from && from < within.until.getTime());
  const count = (of: 'whole' | 'others') => mine.reduce((sum, tally) => sum + tally[of], 0);
  return {
    ...{ whole: count('whole'), others: count('others'), unread },
    blind: blind.filter(({ from, until }) => common({ from, until: until ?? within.until }, within) !== undefined),
    gaps: without(within, watchedSpans(tallies)).filter((gap) => lengthMs(gap) > longestGapMs),
  };
}
