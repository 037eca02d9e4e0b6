import type { Reported } from '../../domain/reported.js';
import { UserError, usageError } from '../../errors.js';
import type { Workplace } from '../../servers/workplace.js';
import { stampNow } from '../../state/boot-clock.js';
import { holdsLocks } from '../../state/lock.js';
import type { AtWork, WatchNotes } from '../../state/watch-notes.js';
import { passedMs } from '../core/stamp.js';
import { FollowUp, type FollowUpTools } from '../follow-up.js';
import type { Watching } from '../watching.js';
import { freshIn, isFresh } from './fresh.js';
import { type Outcome, outcomesOf } from './outcome.js';

export type TakeUpRequest = Watching & Pick<FollowUpTools, 'tell' | 'self'>;

/** What came of all that was said; `atWork`: the watch that does what follows. */
export type TakenUp = { outcomes: Outcome[]; atWork: AtWork | undefined };

const lookEveryMs = 200;
/** A watch that goes on looks once a second. */
const watchTakesMs = 8000;
/** One that ends is waited for, and what it has not taken up is taken up here; monitors wait for half a minute at least. */
const passingTakesMs = 25_000;

/** @throws UserError `usage` where nothing is locked: two would open two tickets */
export function refuseUnlocked(): void {
  if (!holdsLocks()) throw usageError('usage', 'icepack takes events on Linux only', 'Run it on a Linux machine');
}

/**
 * Has what follows from what was said, and is on the disk: here where no watch is at work; else by that, and it is waited for a
 * little. Nothing of it is lost whoever ends when: whoever comes next takes up what lies there.
 */
export async function takeUp(
  said: readonly Reported[],
  request: TakeUpRequest,
  workplace: Workplace,
  signal: AbortSignal,
): Promise<TakenUp> {
  const { watch, operator } = workplace;
  const outcomes = () => outcomesOf(said, request, watch, operator.now());
  const began = await stampNow();
  for (;;) {
    const release = await lockOrNot(watch, operator.now());
    if (release !== undefined) {
      try {
        await followHere(request, workplace, signal);
        return { outcomes: await outcomes(), atWork: undefined };
      } finally {
        release();
      }
    }
    const atWork = await watch.atWork();
    const goesOn = atWork !== undefined && atWork.passing === undefined;
    const now = await outcomes();
    const waited = passedMs(began, await stampNow()) ?? passingTakesMs;
    const isDone = now.every(({ isTaken, owesTicket }) => isTaken && (goesOn || !owesTicket));
    if (isDone || waited > (goesOn ? watchTakesMs : passingTakesMs)) return { outcomes: now, atWork };
    await operator.sleep(lookEveryMs, signal);
  }
}

/** @returns what releases it; undefined where a watch is at work */
async function lockOrNot(watch: WatchNotes, now: Date): Promise<(() => void) | undefined> {
  try {
    return await watch.lock(now, true);
  } catch (error) {
    if (error instanceof UserError && error.code === 'busy') return undefined;
    throw error;
  }
}

/** Does what is due, and what was said meanwhile. */
async function followHere(request: TakeUpRequest, workplace: Workplace, signal: AbortSignal): Promise<void> {
  const { watch } = workplace;
  const sighting = freshIn(await watch.read(), request, await stampNow());
  const followUp = await FollowUp.of(request, { ...request, ...workplace, stamp: stampNow, signal });
  for (let before = await stateOf(watch); ; ) {
    await followUp.look(sighting, { isLast: true });
    const after = await stateOf(watch);
    if (after === before || signal.aborted) return;
    before = after;
  }
}

/** What is bad, and what is well: not how often that was said. */
async function stateOf({ reported }: WatchNotes): Promise<string> {
  const { known } = await reported.list();
  return JSON.stringify(known.map(({ server, event, key, is }) => [server, event, key, is]));
}

/** Whether what comes due later is done by somebody: a watch that is at work, or one that comes again and again. */
export async function isWatched({ atWork }: TakenUp, { policy }: Watching, { watch }: Workplace): Promise<boolean> {
  if (atWork !== undefined && atWork.passing === undefined) return true;
  const { round } = await watch.read();
  return round !== undefined && isFresh(round.at, policy.everyMs, await stampNow());
}
