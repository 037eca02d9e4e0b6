import type { ServerSeen, Sighting, Stamp } from '../../domain/watch-event.js';
import { isPast } from '../core/things.js';
import type { Watching } from '../watching.js';

/** So many times the distance between looks may be old what counts still. */
const stale = 3;

const unseen: ServerSeen = { seen: [], refused: {}, hung: {} };

/** Whether it was a short time ago, for somebody who looks so often. */
export function isFresh(at: Stamp, everyMs: number, now: Stamp): boolean {
  return !isPast(at, stale * everyMs, now);
}

/**
 * What was seen a short time ago. Of a server that nobody has looked at since nothing is known; whether it answers is found out
 * by whoever collects from it.
 */
export function freshIn(
  { servers, ...rest }: Sighting,
  { watched, policy }: Pick<Watching, 'watched' | 'policy'>,
  now: Stamp,
): Sighting {
  const fresh = watched.map(({ appliance: { name } }): [string, ServerSeen] => {
    const known = servers[name];
    const at = known?.visitedAt;
    return [name, known !== undefined && at !== undefined && isFresh(at, policy.everyMs, now) ? known : unseen];
  });
  return { ...rest, servers: Object.fromEntries(fresh) };
}
