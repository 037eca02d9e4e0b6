import type { IncidentEntry } from '../../domain/incident.js';
import type { Stamp } from '../../domain/watch-event.js';
import { waitedMs } from './waited.js';

/** One page over one channel, and what came of it. */
export type Attempt = {
  n: number;
  why: string;
  person: string | undefined;
  channel: string;
  /** `open`: it is about to be sent, or nobody knows. */
  outcome: 'open' | 'sent' | 'failed';
  /** Certainly nothing has left. */
  isUnsent: boolean;
  receipt?: string;
  /** Why it failed. */
  reason?: string;
  /** When it began, and when its outcome was known last. */
  began: Stamp;
  ended: Stamp;
  index: number;
};

/** A page that is told within another has no number of its own. */
const within = 0;

/** All pages of an incident from an entry on, in their order. */
export function attemptsIn(entries: readonly IncidentEntry[], since: number): Attempt[] {
  const attempts: Attempt[] = [];
  for (const [index, entry] of entries.entries()) {
    if (index < since) continue;
    if (entry.type === 'paging' || entry.type === 'bundled') attempts.push(begun(entry, index));
    else if (entry.type === 'paged' || entry.type === 'page-failed') {
      const attempt = attempts.findLast(({ n }) => n === entry.n);
      if (attempt !== undefined) Object.assign(attempt, outcomeOf(entry));
    }
  }
  return attempts;
}

function begun(entry: Extract<IncidentEntry, { type: 'paging' | 'bundled' }>, index: number): Attempt {
  const { why, person, channel, stamp } = entry;
  const isBundled = entry.type === 'bundled';
  return {
    ...{ n: isBundled ? within : entry.n, why, person, channel, index, began: stamp, ended: stamp, isUnsent: false },
    outcome: isBundled ? 'sent' : 'open',
  };
}

function outcomeOf(entry: Extract<IncidentEntry, { type: 'paged' | 'page-failed' }>): Partial<Attempt> {
  if (entry.type === 'paged') return { outcome: 'sent', receipt: entry.receipt, ended: entry.stamp };
  return { outcome: 'failed', isUnsent: !entry.maybeSent, reason: entry.reason, ended: entry.stamp };
}

/** Whether it may have reached anybody. */
export function isMaybeSent({ outcome, isUnsent }: Attempt): boolean {
  return outcome !== 'failed' || !isUnsent;
}

const minuteMs = 60_000;

/** So long after it failed everywhere one is tried again. */
function pauseMs(tries: number): number {
  return Math.min(15, 2 ** tries) * minuteMs;
}

/** Which channel is next for a person, and the number of the page where it is one whose end nobody knows. */
export type Next = { channel: string; n?: number };

/**
 * The next channel of a chain, of which each stands in for those before it.
 * @param mine the attempts that count, of this person and for this reason
 * @param inFlight the pages that are being sent
 */
export function nextOf(
  chain: readonly string[],
  mine: readonly Attempt[],
  now: Stamp,
  inFlight: ReadonlySet<number>,
): Next | undefined {
  for (const channel of chain) {
    const last = lastOn(channel, mine);
    if (last === undefined) return { channel };
    if (last.outcome === 'open') return inFlight.has(last.n) ? undefined : { channel, n: last.n };
    if (last.outcome === 'sent') return undefined;
  }
  return chain.length === 0 ? undefined : retryOf(chain, mine, now);
}

/** All have failed: the one that was tried least is tried again, after a while. */
function retryOf(chain: readonly string[], mine: readonly Attempt[], now: Stamp): Next | undefined {
  const triesOf = (channel: string) => mine.filter((attempt) => attempt.channel === channel).length;
  const channel = chain.toSorted((a, b) => triesOf(a) - triesOf(b))[0] ?? '';
  const ended = mine.filter((attempt) => chain.includes(attempt.channel)).at(-1)?.ended;
  const isTime = ended !== undefined && waitedMs(ended, now) >= pauseMs(triesOf(channel));
  return isTime ? { channel } : undefined;
}

/** Whether each channel of a chain has failed, and none of them has sent anything. */
export function isDeadEnd(chain: readonly string[], mine: readonly Attempt[]): boolean {
  const on = (channel: string, outcome: Attempt['outcome']) =>
    mine.some((attempt) => attempt.channel === channel && attempt.outcome === outcome);
  return chain.every((channel) => on(channel, 'failed')) && !chain.some((channel) => on(channel, 'sent'));
}

function lastOn(channel: string, attempts: readonly Attempt[]): Attempt | undefined {
  return attempts.findLast((attempt) => attempt.channel === channel);
}
