import { setMaxListeners } from 'node:events';
import type { Stamp } from '../domain/watch-event.js';
import type { Watched, WatchPolicy } from '../domain/watch-policy.js';
import { usageError } from '../errors.js';
import type { Workplace } from '../servers/workplace.js';
import { stampNow } from '../state/boot-clock.js';
import { holdsLocks } from '../state/lock.js';
import type { Change } from './core/changes.js';
import { passedMs } from './core/stamp.js';
import { refuseTyped } from './refuse-typed.js';
import { Watcher } from './watcher.js';

/** Whom to watch, and whom to tell. */
export type WatchRequest = {
  watched: readonly Watched[];
  policy: WatchPolicy;
  configPath: string;
  onChange(change: Change): void;
};

const lookEveryMs = 1000;
const saveEveryMs = 60_000;

/** Visits all servers that are due, once. @returns the watcher, which knows what was seen @throws UserError `busy` */
export async function watchOnce(request: WatchRequest, workplace: Workplace, signal: AbortSignal): Promise<Watcher> {
  const { watch, operator } = workplace;
  await refuseStart(request, workplace);
  const release = await watch.lock(operator.now());
  try {
    const watcher = await watcherOf(request, workplace);
    await watcher.round(signal);
    await watch.write(watcher.sighting);
    return watcher;
  } finally {
    release();
  }
}

/** Watches until it is stopped. What was seen is kept once a minute, and at the end. @throws UserError `busy` */
export async function watchOn(request: WatchRequest, workplace: Workplace, signal: AbortSignal): Promise<void> {
  const { watch, operator } = workplace;
  setMaxListeners(0, signal); // each visit listens
  await refuseStart(request, workplace);
  const release = await watch.lock(operator.now());
  const rounds = new Set<Promise<void>>();
  const failed = new AbortController();
  const either = AbortSignal.any([signal, failed.signal]);
  setMaxListeners(0, either);
  try {
    const watcher = await watcherOf(request, workplace);
    let saved = await stampNow();
    while (!either.aborted) {
      const round = watcher.round(either).then(
        () => undefined,
        (error) => failed.abort(error),
      );
      rounds.add(round);
      void round.finally(() => rounds.delete(round));
      await operator.sleep(lookEveryMs, either);
      saved = (await savedSince(saved)) ?? saved;
    }
    await Promise.all(rounds);
    await watch.write(watcher.sighting);
    if (!signal.aborted) failed.signal.throwIfAborted();

    async function savedSince(last: Stamp): Promise<Stamp | undefined> {
      const now = await stampNow();
      if ((passedMs(last, now) ?? saveEveryMs) < saveEveryMs) return undefined;
      await watch.write(watcher.sighting);
      return now;
    }
  } finally {
    release();
  }
}

/** Where nothing is locked, two watches would tell everything twice. @throws UserError `usage`, `no-credential` */
async function refuseStart({ watched }: WatchRequest, { access }: Workplace): Promise<void> {
  if (!holdsLocks()) throw usageError('usage', 'icepack watches on Linux only', 'Run it on a Linux machine');
  await refuseTyped(watched, access);
}

async function watcherOf(
  { watched, policy, configPath, onChange }: WatchRequest,
  { watch, access, runs, captures }: Workplace,
): Promise<Watcher> {
  const { maintenances } = watch;
  const tools = { access, runs, captures, maintenances, configPath, stamp: stampNow };
  const told = (changes: readonly Change[]) => {
    for (const change of changes) onChange(change);
  };
  return new Watcher(watched, policy, await watch.read(), tools, told);
}

/** The servers of a configuration, and what is looked at there. */
export function watchedIn(
  appliances: readonly Watched['appliance'][],
  { checks, staging }: Pick<WatchPolicy, 'checks' | 'staging'>,
): Watched[] {
  return appliances.map((appliance) => {
    const { name } = appliance;
    return { appliance, checks: checks.get(name) ?? [], isStaging: staging.has(name) };
  });
}
