import type { Sighting } from '../../domain/watch-event.js';
import type { Watched } from '../../domain/watch-policy.js';
import { brokenGap } from './event.js';

/** So many clusters at once are too many for a coincidence; a server that is in none counts as one. */
const leastPlaces = 5;

/**
 * The servers that fell silent together in so many places that it is one outage: of a data centre, of a line. Those count, too,
 * of which it is not certain yet that it lasts: the first that is told is one of them, and not an incident of its own.
 */
export function silentTogether(watched: readonly Watched[], { servers }: Pick<Sighting, 'servers'>): Set<string> {
  const silent = watched
    .flatMap(({ appliance: { name, cluster }, checks }) =>
      (servers[name]?.seen ?? []).flatMap(({ check, event }) => {
        const reach = checks.find((each) => each.name === check && each.kind === 'reach');
        if (reach === undefined || event === undefined || event.suppressed !== undefined) return [];
        const atMs = event.badSince.wallMs;
        return [{ name, place: cluster ?? `server ${name}`, atMs, untilMs: atMs + brokenGap * reach.everyMs }];
      }),
    )
    .toSorted((a, b) => a.atMs - b.atMs);
  const together = new Set<string>();
  for (const [index, { untilMs }] of silent.entries()) {
    const next = silent.findIndex(({ atMs }, other) => other > index && atMs > untilMs);
    const near = silent.slice(index, next === -1 ? undefined : next);
    if (new Set(near.map(({ place }) => place)).size < leastPlaces) continue;
    for (const { name } of near) together.add(name);
  }
  return together;
}
