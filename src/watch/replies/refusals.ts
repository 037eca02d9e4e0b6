import type { Stamp } from '../../domain/watch-event.js';
import type { RefusedReply } from '../../state/replies.js';
import { waitedMs } from '../escalation/waited.js';

const hourMs = 3_600_000;
/** So many wrong tokens within an hour are guessing. */
const mostWrong = 5;
/** So long it matters what was refused. */
const keptMs = 2 * hourMs;
const mostKept = 500;

type Sender = Pick<RefusedReply, 'by' | 'sender'>;

/** When a sender is heard again who guessed; undefined where they are heard. */
export function ignoredForMs(refused: readonly RefusedReply[], { by, sender }: Sender, now: Stamp): number | undefined {
  const wrong = refused.filter((each) => each.why === 'token' && each.by === by && each.sender === sender);
  const [first, last] = [wrong.at(-mostWrong), wrong.at(-1)];
  if (first === undefined || last === undefined || waitedMs(first.at, last.at) > hourMs) return undefined;
  const left = hourMs - waitedMs(last.at, now);
  return left > 0 ? left : undefined;
}

/** With one more, and without what does not matter any more. */
export function withRefused(refused: readonly RefusedReply[], more: RefusedReply): RefusedReply[] {
  return [...refused.filter(({ at }) => waitedMs(at, more.at) < keptMs), more].slice(-mostKept);
}

/** Those of the last hour. */
export function refusedLately(refused: readonly RefusedReply[], now: Stamp): RefusedReply[] {
  return refused.filter(({ at }) => waitedMs(at, now) < hourMs);
}
