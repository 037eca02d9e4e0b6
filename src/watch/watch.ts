import { setMaxListeners } from 'node:events';
import { UserError, usageError } from '../errors.js';
import type { Workplace } from '../servers/workplace.js';
import { stampNow } from '../state/boot-clock.js';
import { holdsLocks } from '../state/lock.js';
import { Beat } from './beat.js';
import type { Change } from './core/changes.js';
import { noLongerWatched } from './core/no-longer-watched.js';
import type { FollowUpTools } from './follow-up.js';
import { Following } from './following.js';
import type { OnNotice } from './notice.js';
import { refuseTyped } from './refuse-typed.js';
import { Rereading } from './rereading.js';
import { Rounds } from './rounds.js';
import { Watcher } from './watcher.js';
import type { Watching } from './watching.js';

/** Whom to watch, and whom to tell. */
export type WatchRequest = Watching &
  Pick<FollowUpTools, 'tell' | 'self'> & {
    /** Reads the configuration as it is now. @throws UserError `bad-config` */
    reread(): Promise<Watching>;
    /** @param watching what was watched then */
    onChange(change: Change, watching: Watching): void;
    onNotice: OnNotice;
  };

const lookEveryMs = 1000;
/** One that takes an event, or looks once, ends by itself: it is waited for. */
const passesWithinMs = 60_000;

/**
 * Visits all servers that are due, once, and does what follows from what was seen; what collects evidence goes on by itself.
 * @returns what was seen, and whether a ticket is owed @throws UserError `busy`, `local-write`
 */
export async function watchOnce(
  request: WatchRequest,
  workplace: Workplace,
  signal: AbortSignal,
): Promise<{ sighting: Watcher['sighting']; owesTicket: boolean }> {
  const { watch, operator } = workplace;
  await refuseStart(request, workplace);
  const release = await watch.lock(operator.now(), true);
  try {
    const sighting = await watch.read();
    const kept = { sighting, watched: request.watched };
    const watcher = watcherOf(request, request, workplace, sighting);
    await watcher.round(signal);
    const following = await Following.of(request, { ...request, ...workplace, stamp: stampNow, signal });
    const { owesTicket } = await following.once(watcher.sighting);
    noteUnwritten(watcher.sighting, following);
    await new Beat({ ...workplace, stamp: stampNow }, request.onNotice, signal, kept).once(watcher, request);
    following.refuseUnwritten();
    await request.weekly?.look(signal);
    return { sighting: watcher.sighting, owesTicket };
  } finally {
    release();
  }
}

/** Watches until it is stopped. What was seen is kept once a minute, and at the end. @throws UserError `busy` */
export async function watchOn(request: WatchRequest, workplace: Workplace, signal: AbortSignal): Promise<void> {
  setMaxListeners(0, signal); // each visit listens
  await refuseStart(request, workplace);
  const release = await lockToGoOn(request, workplace, signal);
  if (release === undefined) return;
  const failed = new AbortController();
  const either = AbortSignal.any([signal, failed.signal]);
  setMaxListeners(0, either);
  try {
    await watchUntil(either, (error) => failed.abort(error), request, workplace);
    if (!signal.aborted) failed.signal.throwIfAborted();
  } finally {
    release();
  }
}

/**
 * @returns what releases the lock; undefined where it was stopped before
 * @throws UserError `busy` where another watch goes on, or one that should end does not
 */
async function lockToGoOn(
  { onNotice }: WatchRequest,
  { watch, operator }: Workplace,
  signal: AbortSignal,
): Promise<(() => void) | undefined> {
  for (let waitedMs = 0; ; waitedMs += lookEveryMs) {
    try {
      return await watch.lock(operator.now());
    } catch (error) {
      if (!(error instanceof UserError && error.code === 'busy')) throw error;
      const other = await watch.atWork(); // none: it has just begun, or just ended
      if ((other !== undefined && other.passing === undefined) || waitedMs >= passesWithinMs) throw error;
      if (waitedMs === 0) onNotice({ what: 'another at work' });
      await operator.sleep(lookEveryMs, signal);
      if (signal.aborted) return undefined;
    }
  }
}

/** Begins a round each second, of those that are due then. @param fail is told of what ends the watch */
async function watchUntil(
  signal: AbortSignal,
  fail: (error: unknown) => void,
  request: WatchRequest,
  workplace: Workplace,
): Promise<void> {
  const { watch, operator, access } = workplace;
  const [rounds, letters] = [new Rounds(), new Rounds()];
  const sighting = await watch.read();
  const kept = { sighting, watched: request.watched };
  const beat = new Beat({ ...workplace, stamp: stampNow }, request.onNotice, signal, kept);
  const rereading = await Rereading.of(request, request.reread, access);
  let watching: Watching = request;
  let watcher = watcherOf(request, watching, workplace, sighting);
  const following = await Following.of(request, { ...request, ...workplace, stamp: stampNow, signal });
  while (!signal.aborted) {
    rounds.begin(watcher.round(signal).then(() => undefined, fail));
    following.begin(watcher.sighting, fail);
    if (watching.weekly !== undefined) letters.begin(watching.weekly.look(signal).catch(fail));
    await operator.sleep(lookEveryMs, signal);
    noteUnwritten(watcher.sighting, following);
    void beat.look(watcher, watching, rounds).catch(fail);
    await takeUp();
  }
  await rounds.ended();
  await following.ended();
  await letters.ended();
  await beat.end(watcher, watching);
  following.refuseUnwritten();

  async function takeUp(): Promise<void> {
    const reread = await rereading.changed();
    if (reread === undefined) return;
    await rounds.ended(); // no server is visited twice at the same time
    if ('watching' in reread) {
      await following.ended(); // and nobody is told of something twice
      following.change(reread.watching);
      watcher = watcherOf(request, reread.watching, workplace, watcher.sighting, watching);
      watching = reread.watching;
    }
    tellReread(reread, watcher, request.onNotice);
  }
}

/** That nothing is followed is shown, and the dead man's switch is told. */
function noteUnwritten(sighting: Watcher['sighting'], { why }: Following): void {
  const { unwritten: _, ...rest } = sighting.self ?? {};
  if (why !== undefined) sighting.self = { ...rest, unwritten: why };
  else if (_ !== undefined) sighting.self = rest;
}

function tellReread(reread: { watching: Watching } | { fault: string }, { sighting }: Watcher, told: OnNotice): void {
  const { configuration: _, ...rest } = sighting.self ?? {};
  sighting.self = 'fault' in reread ? { ...rest, configuration: reread.fault } : rest;
  if ('fault' in reread) told({ what: 'configuration refused', why: reread.fault });
  else told({ what: 'configuration taken up', servers: reread.watching.watched.length });
}

/** Where nothing is locked, two watches would tell everything twice. @throws UserError `usage`, `no-credential` */
async function refuseStart({ watched }: WatchRequest, { access }: Workplace): Promise<void> {
  if (!holdsLocks()) throw usageError('usage', 'icepack watches on Linux only', 'Run it on a Linux machine');
  await refuseTyped(watched, access);
}

/** @param sighting what was seen before @param before what was watched then */
function watcherOf(
  { onChange, onNotice }: WatchRequest,
  watching: Watching,
  { watch, access, runs, captures, heartbeat }: Workplace,
  sighting: Watcher['sighting'],
  before: Watching = watching,
): Watcher {
  const { watched, policy, configPath } = watching;
  const { maintenances } = watch;
  const tools = { access, runs, captures, heartbeat, maintenances, configPath, stamp: stampNow };
  const toldOf = (those: Watching) => (changes: readonly Change[]) => {
    for (const change of changes) onChange(change, those);
  };
  toldOf(before)(noLongerWatched(sighting, watched));
  return new Watcher(watched, policy, sighting, tools, toldOf(watching), onNotice);
}
