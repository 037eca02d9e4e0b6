import type { WatchCheck } from '../../domain/watch-check.js';
import type { ServerSeen, Stamp } from '../../domain/watch-event.js';
import { isWaiting } from './event.js';
import { passedMs } from './stamp.js';

/** So much earlier than it is due may a thing be looked at, of the time between looks: timers are never quite on time. */
const slack = 1 / 8;

/** In how long a check of a server is to be looked at; not more than 0: now. */
function dueInMs({ seen }: ServerSeen, check: WatchCheck, retryMs: number, now: Stamp): number {
  const mine = seen.filter((each) => each.check === check.name);
  if (mine.length === 0) return 0;
  const everyMs = mine.some(({ event }) => isWaiting(event)) ? Math.min(retryMs, check.everyMs) : check.everyMs;
  return Math.min(
    ...mine.map(({ at }) => {
      const passed = passedMs(at, now);
      return passed === undefined ? 0 : everyMs - passed - everyMs * slack;
    }),
  );
}

/** In how long a server is to be visited; not more than 0: now. */
export function visitInMs(
  server: ServerSeen | undefined,
  checks: readonly WatchCheck[],
  retryMs: number,
  now: Stamp,
): number {
  if (server?.visitedAt === undefined) return 0;
  const passed = passedMs(server.visitedAt, now);
  const soonest = passed === undefined ? 0 : retryMs * (1 - slack) - passed;
  return Math.max(soonest, Math.min(...checks.map((check) => dueInMs(server, check, retryMs, now))));
}

/** So many times the time between visits a late one comes after the one before: a whole round was missed. */
const late = 2;

/** Whether a visit comes too late, of a server that was visited before by the same watch. */
export function isLate({ visitedAt }: ServerSeen, everyMs: number, now: Stamp): boolean {
  const passed = visitedAt === undefined ? undefined : passedMs(visitedAt, now);
  return passed !== undefined && passed > late * everyMs;
}

/** The checks that a visit looks at. Whether the server answers is seen at each of them. */
export function dueChecks(
  server: ServerSeen | undefined,
  checks: readonly WatchCheck[],
  retryMs: number,
  now: Stamp,
): WatchCheck[] {
  return checks.filter(
    (check) => check.kind === 'reach' || server === undefined || dueInMs(server, check, retryMs, now) <= 0,
  );
}
