import type { Maintenance } from '../../domain/maintenance.js';
import { type Reported, thingOf } from '../../domain/reported.js';
import type { Watched } from '../../domain/watch-policy.js';
import { suppressionOf } from './suppression.js';

/** What another monitor said, as it counts now. */
export type Heard = Reported & {
  /** By what nobody is told of it now: `staging`, `M7`. */
  suppressed?: string;
};

/** What counts now of what was said of servers that are watched. */
export function heardOf(
  watched: readonly Watched[],
  reported: readonly Reported[],
  maintenances: readonly Maintenance[],
  at: Date,
): Heard[] {
  const servers = new Map(watched.map((each) => [each.appliance.name, each]));
  return reported.flatMap((each) => {
    const server = servers.get(each.server);
    if (server === undefined) return [];
    const suppressed = suppressionOf(server, thingOf(each), maintenances, at);
    return [suppressed === undefined ? each : { ...each, suppressed }];
  });
}

/** Whether it is an event that people are told of. */
export function isTold({ is, suppressed }: Heard): boolean {
  return is === 'bad' && suppressed === undefined;
}
