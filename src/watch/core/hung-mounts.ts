import type { ServerSeen, Stamp } from '../../domain/watch-event.js';
import type { Look } from './observe.js';
import { passedMs } from './stamp.js';

type Hung = ServerSeen['hung'];

const firstRestMs = 2 * 60_000;
const longestRestMs = 3_600_000;

/** The mount points that did not answer, and are left alone for 2, 4, … 60 minutes: a `df` that hangs cannot be ended. */
export function restingMounts(hung: Hung, now: Stamp): Set<string> {
  const resting = Object.entries(hung).filter(([, { times, at }]) => {
    const passed = passedMs(at, now);
    return passed !== undefined && passed < Math.min(longestRestMs, firstRestMs * 2 ** (times - 1));
  });
  return new Set(resting.map(([mount]) => mount));
}

/** The same after a visit, at which these did not answer. */
export function hungAfter(hung: Hung, hungMounts: readonly string[], looks: readonly Look[], now: Stamp): Hung {
  const answered = new Set(looks.flatMap(({ instance, answer }) => (answer.is === 'unknown' ? [] : (instance ?? []))));
  const left = Object.entries(hung).filter(([mount]) => !answered.has(mount) && !hungMounts.includes(mount));
  const again = hungMounts.map((mount) => [mount, { times: (hung[mount]?.times ?? 0) + 1, at: now }] as const);
  return Object.fromEntries([...left, ...again]);
}
