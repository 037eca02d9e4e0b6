import type { IncidentEntry } from '../../domain/incident.js';
import type { Stamp } from '../../domain/watch-event.js';
import { passedMs } from '../core/stamp.js';

/** How long ago it was: by the time since the boot; over a boot by the clock on the wall; undefined where that went back. */
function knownMs(from: Stamp, to: Stamp): number | undefined {
  return passedMs(from, to) ?? (to.wallMs >= from.wallMs ? to.wallMs - from.wallMs : undefined);
}

/** How long ago it was; where that cannot be known, long enough for anything. */
export function waitedMs(from: Stamp, to: Stamp): number {
  return knownMs(from, to) ?? Number.POSITIVE_INFINITY;
}

/**
 * How long something goes on, added up from entry to entry, so that a clock that is set counts at most once.
 * @param nextMs where the time between two of them cannot be known, it goes on to this
 */
export function elapsedMs(
  from: Stamp,
  entries: readonly IncidentEntry[],
  now: Stamp,
  nextMs: (elapsed: number) => number,
): number {
  const stamps = [...entries.flatMap((entry) => ('stamp' in entry ? [entry.stamp] : [])), now];
  let last = from;
  return stamps.reduce((elapsed, stamp) => {
    const known = knownMs(last, stamp);
    last = stamp;
    return known === undefined ? Math.max(elapsed, nextMs(elapsed)) : elapsed + known;
  }, 0);
}
