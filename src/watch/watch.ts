import { setMaxListeners } from 'node:events';
import type { Stamp } from '../domain/watch-event.js';
import type { Watched, WatchPolicy } from '../domain/watch-policy.js';
import { usageError } from '../errors.js';
import type { Workplace } from '../servers/workplace.js';
import { stampNow } from '../state/boot-clock.js';
import { holdsLocks } from '../state/lock.js';
import type { Change } from './core/changes.js';
import { passedMs } from './core/stamp.js';
import { Incidents, type IncidentTools } from './incident/incidents.js';
import { refuseTyped } from './refuse-typed.js';
import { Watcher } from './watcher.js';

/** Whom to watch, and whom to tell. */
export type WatchRequest = Pick<IncidentTools, 'settings' | 'about' | 'self' | 'tell'> & {
  watched: readonly Watched[];
  policy: WatchPolicy;
  configPath: string;
  onChange(change: Change): void;
};

/** What was seen, and what is made of it. */
export type Watch = { watcher: Watcher; incidents: Incidents };

const lookEveryMs = 1000;
const saveEveryMs = 60_000;

/**
 * Visits all servers that are due, once, and does what is owed for incidents; what collects for them goes on by itself.
 * @throws UserError `busy`
 */
export async function watchOnce(request: WatchRequest, workplace: Workplace, signal: AbortSignal): Promise<Watch> {
  const { watch, operator } = workplace;
  await refuseStart(request, workplace);
  const release = await watch.lock(operator.now());
  try {
    const watcher = await watcherOf(request, workplace);
    await watcher.round(signal);
    const incidents = await incidentsOf(request, workplace, signal);
    await incidents.update(watcher.sighting);
    await watch.write(watcher.sighting);
    await incidents.work(watcher.sighting, true);
    return { watcher, incidents };
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
    const incidents = await incidentsOf(request, workplace, either);
    let saved: Stamp | undefined;
    const goOn = (work: Promise<unknown>) => {
      const going = work.then(
        () => undefined,
        (error) => failed.abort(error),
      );
      rounds.add(going);
      void going.finally(() => rounds.delete(going));
    };
    while (!either.aborted) {
      goOn(watcher.round(either));
      goOn(incidents.update(watcher.sighting).then(() => incidents.work(watcher.sighting, false)));
      await operator.sleep(lookEveryMs, either);
      if (watcher.sighting.round !== undefined) saved = (await savedSince(saved)) ?? saved;
    }
    await Promise.all(rounds);
    await watch.write(watcher.sighting);
    if (!signal.aborted) failed.signal.throwIfAborted();

    async function savedSince(last: Stamp | undefined): Promise<Stamp | undefined> {
      const now = await stampNow();
      if (last !== undefined && (passedMs(last, now) ?? saveEveryMs) < saveEveryMs) return undefined;
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

function incidentsOf(
  { settings, about, self, tell, watched, policy }: WatchRequest,
  { operator, runs, tickets, watch }: Workplace,
  signal: AbortSignal,
): Promise<Incidents> {
  const given = { settings, about, self, tell, watched, policy };
  return Incidents.takenUp({ ...given, operator, runs, tickets, store: watch.incidents, stamp: stampNow, signal });
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
