import { defined } from '../../domain/defined.js';
import type { Answer, Seen, ServerSeen, Sighting } from '../../domain/watch-event.js';
import type { Watched } from '../../domain/watch-policy.js';
import { type Change, changesOf } from './changes.js';
import { jumpHostsOf, toldOf } from './jump-hosts.js';

/** What was seen of what is still watched. */
export function onlyWatched(sighting: Sighting, watched: readonly Watched[]): Sighting {
  const servers = watched.flatMap(({ appliance: { name }, checks }): [string, ServerSeen][] => {
    const known = sighting.servers[name];
    return known === undefined ? [] : [[name, { ...known, seen: known.seen.filter((each) => isOf(each, checks)) }]];
  });
  const hops = jumpHostsOf(watched);
  const known = Object.entries(sighting.jumpHosts ?? {}).filter(([name]) => hops.has(name));
  const jumpHosts = known.length === 0 ? {} : { jumpHosts: Object.fromEntries(known) };
  const { jumpHosts: _, ...rest } = sighting;
  return { ...rest, servers: Object.fromEntries(servers), ...jumpHosts };
}

/** The end of what was told of servers and checks that are watched no more. */
export function noLongerWatched({ servers, jumpHosts = {} }: Sighting, watched: readonly Watched[]): Change[] {
  const hops = jumpHostsOf(watched);
  const left = Object.entries(jumpHosts).filter(([name]) => !hops.has(name));
  const ofServers = Object.entries(servers).flatMap(([server, { seen }]) => {
    const checks = watched.find(({ appliance }) => appliance.name === server)?.checks ?? [];
    const gone = seen.filter((each) => !isOf(each, checks));
    return changesOf(server, gone, gone.map(ended));
  });
  return [...ofServers, ...left.flatMap(([name, seen]) => toldOf(name, seen, ended(seen)))];
}

function isOf({ check }: Seen, checks: Watched['checks']): boolean {
  return checks.some(({ name }) => name === check);
}

const notWatched: Answer = { is: 'unknown', text: 'no longer watched', explained: true };

function ended({ check, instance, at }: Seen): Seen {
  return { check, answer: notWatched, at, ...defined({ instance }) };
}
