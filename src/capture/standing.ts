import { defined } from '../domain/defined.js';
import type { Standing } from '../state/capture-standing.js';
import { type CaptureOutcome, mostSkips } from './outcome.js';

/** What is worth a message: that it fails or is skipped from now on, still, or works again. */
export type News = 'fails' | 'still fails' | 'skips' | 'still skips' | 'works again';

const dayMs = 86_400_000;
/** A timer is never quite on time. */
const slackMs = 5 * 60_000;

/** How a server stands after a capture, and what is to be told: each change, and once a day what lasts. */
export function standingAfter(
  before: Standing,
  outcome: CaptureOutcome,
  now: Date,
): { standing: Standing; news: News | undefined } {
  if (outcome.kind === 'rested') return { standing: before, news: undefined };
  const { refused } = before;
  if (outcome.kind === 'captured')
    return {
      standing: { health: 'well', skips: 0, refused },
      news: before.health === 'well' ? undefined : 'works again',
    };
  const reason =
    outcome.kind === 'hung' ? `process ${outcome.pid} has been at it since ${outcome.since}` : outcome.reason;
  const isSkip = outcome.kind === 'skipped';
  const skips = isSkip ? before.skips + 1 : 0;
  if (isSkip && skips < mostSkips) return { standing: { ...before, skips }, news: undefined };
  const health = isSkip ? 'skipping' : 'failing';
  const lasts = before.health === health;
  const tell = !lasts || isDue(before.toldAt, now);
  const since = lasts ? (before.since ?? now.toISOString()) : now.toISOString();
  const toldAt = tell ? now.toISOString() : before.toldAt;
  const word = isSkip ? 'skips' : 'fails';
  return {
    standing: { health, since, reason, skips, refused, ...defined({ toldAt }) },
    news: tell ? (lasts ? `still ${word}` : word) : undefined,
  };
}

/** A day after it was told last; also where the clock was set back. */
function isDue(toldAt: string | undefined, now: Date): boolean {
  const passedMs = toldAt === undefined ? Number.POSITIVE_INFINITY : now.getTime() - Date.parse(toldAt);
  return passedMs >= dayMs - slackMs || passedMs < -slackMs;
}
