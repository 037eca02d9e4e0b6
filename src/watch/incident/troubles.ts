import { defined } from '../../domain/defined.js';
import type { Thing } from '../../domain/incident.js';
import type { Maintenance } from '../../domain/maintenance.js';
import { thingOf } from '../../domain/reported.js';
import type { Seen, Sighting } from '../../domain/watch-event.js';
import type { Watched, WatchPolicy } from '../../domain/watch-policy.js';
import { fires, isFree, stopped } from '../core/event.js';
import { type Heard, isTold } from '../core/heard.js';
import { type Silence, stormGroup, type Trouble } from '../core/incidents.js';
import { jumpHostCheck, jumpHostsOf } from '../core/jump-hosts.js';
import { silentTogether } from '../core/storm.js';
import { suppressionAt } from '../core/suppression.js';
import { isSame } from '../core/things.js';

type Grouping = Pick<WatchPolicy, 'blind'> & { groupBy: WatchPolicy['incidents']['groupBy'] };

/** All events that are told now, and what of them are incidents: one kind of event in one cluster is one. */
export function troublesIn(
  watched: readonly Watched[],
  { servers, jumpHosts = {} }: Sighting,
  grouping: Grouping,
  heard: readonly Heard[] = [],
): Trouble[] {
  const together = silentTogether(watched, { servers });
  const ofServers = watched.flatMap((each) => [
    ...(servers[each.appliance.name]?.seen ?? []).flatMap((seen) => troublesOf(each, seen, grouping, together)),
    ...heard.filter((said) => said.server === each.appliance.name).flatMap((said) => troubleOf(each, said, grouping)),
  ]);
  return [...ofServers, ...Object.entries(jumpHosts).flatMap(([name, seen]) => troubleOfJumpHost(name, seen, watched))];
}

/** A jump host that is silent is one event, and nobody collects from it. */
function troubleOfJumpHost(name: string, { event, answer, check }: Seen, watched: readonly Watched[]): Trouble[] {
  if (!event?.told || !fires(event) || event.suppressed !== undefined) return [];
  const behind = jumpHostsOf(watched).get(name);
  const { severity, event: what } = jumpHostCheck(behind ?? { checks: [] }, 0);
  const since = new Date(event.badSince.wallMs).toISOString();
  const where = { group: `${name}|${what}`, place: `jump host ${name}`, event: what };
  return [{ kind: 'ticket', ...where, thing: { server: name, check }, severity, since, text: answer.text }];
}

/** What another monitor said is an incident as what was seen is: of one kind, of one cluster, it is the same one. */
function troubleOf(watched: Watched, heard: Heard, grouping: Grouping): Trouble[] {
  if (!isTold(heard)) return [];
  const { event, severity, since = heard.at, text } = heard;
  return [{ kind: 'ticket', ...groupOf(watched, event, grouping), thing: thingOf(heard), severity, since, text }];
}

function groupOf({ appliance: { name, cluster } }: Watched, event: string, { groupBy }: Grouping) {
  const isAlone = cluster === undefined || groupBy === 'server';
  const place = cluster === undefined ? '' : `cluster ${cluster}`;
  return { group: `${isAlone ? name : cluster}|${event}`, place, event };
}

/** @param together the servers that are silent by one outage */
function troublesOf(watched: Watched, seen: Seen, grouping: Grouping, together: ReadonlySet<string>): Trouble[] {
  const check = watched.checks.find(({ name }) => name === seen.check);
  if (check === undefined) return [];
  const { name } = watched.appliance;
  const { blind } = grouping;
  const of = (event: string) => groupOf(watched, event, grouping);
  const thing: Thing = {
    server: name,
    check: seen.check,
    ...(seen.instance === undefined ? {} : { instance: seen.instance }),
  };
  const { event, blind: unanswered, answer } = seen;
  const found: Trouble[] = [];
  if (event?.told && fires(event) && event.suppressed === undefined) {
    const since = new Date(event.badSince.wallMs).toISOString();
    const what = { thing, severity: check.severity, since, text: answer.text };
    const isStorm = check.kind === 'reach' && together.has(name);
    const where = isStorm ? { group: stormGroup, place: '', event: check.event } : of(check.event);
    found.push({ kind: 'ticket', ...where, ...what, ...defined({ suppressedBy: event.suppressedBefore }) });
  }
  if (unanswered?.told && fires(unanswered) && unanswered.suppressed === undefined) {
    const since = new Date(unanswered.badSince.wallMs).toISOString();
    const what = { thing: { ...thing, blind: true as const }, severity: blind.severity, since, text: answer.text };
    found.push({ kind: 'blind', ...of('no answer'), ...what });
  }
  return found;
}

/** What ended an event, in words; undefined while it is there, or nobody knows. */
export function overIn(
  watched: readonly Watched[],
  { servers, jumpHosts = {} }: Sighting,
  heard: readonly Heard[] = [],
) {
  const hops = jumpHostsOf(watched);
  return (thing: Thing): string | undefined => {
    const { server, check, instance, blind } = thing;
    if (thing.reported) return endReported(thing, watched, heard);
    if (hops.has(server) && servers[server] === undefined) {
      const hop = jumpHosts[server];
      return hop !== undefined && hop.event === undefined && hop.answer.is === 'ok' ? hop.answer.text : undefined;
    }
    const isWatched = watched.some(
      ({ appliance, checks }) => appliance.name === server && checks.some(({ name }) => name === check),
    );
    if (!isWatched) return gone;
    const seen = servers[server]?.seen.find((each) => each.check === check && each.instance === instance);
    if (seen === undefined) return undefined;
    const { event, answer } = seen;
    if (blind) return seen.blind === undefined && answer.is !== 'unknown' ? answer.text : undefined;
    return event === undefined && answer.is === 'ok' ? answer.text : undefined;
  };
}

const gone = 'it is watched no longer';

/** What another monitor told of ends when that says so, and not because it is silent. */
function endReported(thing: Thing, watched: readonly Watched[], heard: readonly Heard[]): string | undefined {
  if (!watched.some(({ appliance }) => appliance.name === thing.server)) return gone;
  const said = heard.find((each) => isSame(thingOf(each), thing));
  return said?.is === 'ok' ? said.text : undefined;
}

/** By what nobody is told of something that is bad, as it was seen last and as maintenance is now. */
export function silenceIn(
  watched: readonly Watched[],
  { servers, jumpHosts = {} }: Sighting,
  maintenances: readonly Maintenance[],
  at: Date,
) {
  return ({ server, check, instance, blind }: Thing): Silence | undefined => {
    const own = watched.find(({ appliance }) => appliance.name === server);
    const now = own && suppressionAt(own, { check, instance }, maintenances, at);
    if (now !== undefined) return now;
    const ofServer = servers[server]?.seen.find((each) => each.check === check && each.instance === instance);
    const seen = own === undefined ? jumpHosts[server] : ofServer;
    const event = blind ? seen?.blind : seen?.event;
    if (event === undefined || isFree(event)) return undefined;
    if (event.suppressed === stopped || (own === undefined && event.suppressed !== undefined))
      return { by: event.suppressed };
    return seen?.answer.is === 'unknown' ? undefined : {}; // it is seen bad twice before anybody is told
  };
}

/** Whether somebody could log in to a server when it was looked at last, so far as that is known. */
export function answersIn(watched: readonly Watched[], { servers }: Sighting) {
  return (server: string): boolean => {
    const checks = watched.find(({ appliance }) => appliance.name === server)?.checks ?? [];
    const isBad = (kind: string) =>
      (servers[server]?.seen ?? []).some(
        ({ check, answer }) => answer.is === 'bad' && checks.find(({ name }) => name === check)?.kind === kind,
      );
    return servers[server] !== undefined && !isBad('reach') && !isBad('hostKey');
  };
}
