import { type Appliance, serverTitle } from '../domain/appliance.js';
import { defined } from '../domain/defined.js';
import { thingOf as reportedThing } from '../domain/reported.js';
import type { Severity } from '../domain/ticket.js';
import type { WatchCheck } from '../domain/watch-check.js';
import type { Seen, Sighting } from '../domain/watch-event.js';
import type { Watched } from '../domain/watch-policy.js';
import { fires, staging, stopped } from './core/event.js';
import type { Heard } from './core/heard.js';
import { jumpHostCheck, jumpHostsOf } from './core/jump-hosts.js';

/** How one thing at a server stands. */
export type Standing = {
  state: 'firing' | 'suppressed' | 'no answer' | 'pending' | 'unknown' | 'ok';
  check: string;
  /** A mount point, a virtual machine. */
  instance: string | undefined;
  event: string;
  severity: Severity;
  /** When it was seen bad first, or without an answer. */
  since: Date | undefined;
  /** By what nobody is told of it: `staging`, `stopped`, `M7`. */
  suppressed?: string;
  /** What was seen last. */
  text: string;
  /** Another monitor told of it: when it spoke of it last, and who that was. */
  reported?: { at: Date; by: string };
};

/** How a server stands. */
export type ServerStanding = {
  server: string;
  title: string;
  cluster: string | undefined;
  /** When it was visited last. */
  visited: Date | undefined;
  /** Whether anything is looked at there. */
  hasChecks: boolean;
  things: Standing[];
};

const order = ['firing', 'no answer', 'suppressed', 'pending', 'unknown', 'ok'] as const;

/** How all servers stand, those first at which something is wrong. */
export function standings(
  watched: readonly Watched[],
  sighting: Sighting,
  heard: readonly Heard[] = [],
): ServerStanding[] {
  const all = watched.map((each) => standingOf(each, sighting, heard));
  const rank = ({ things }: ServerStanding) =>
    Math.min(order.length, ...things.map(({ state }) => order.indexOf(state)));
  return all.toSorted((a, b) => rank(a) - rank(b));
}

function standingOf({ appliance, checks }: Watched, { servers }: Sighting, heard: readonly Heard[]): ServerStanding {
  const known = servers[appliance.name];
  const said = heard.filter(({ server, is }) => server === appliance.name && is === 'bad').map(reportedOf);
  const seen = (known?.seen ?? []).flatMap((seen) => {
    const check = checks.find(({ name }) => name === seen.check);
    return check === undefined ? [] : [thingOf(check, seen)];
  });
  return {
    ...named(appliance),
    visited: known?.visitedAt === undefined ? undefined : new Date(known.visitedAt.wallMs),
    hasChecks: checks.length > 0,
    things: [...seen, ...said].toSorted((a, b) => order.indexOf(a.state) - order.indexOf(b.state)),
  };
}

/** How the jump hosts stand at which something is wrong. */
export function jumpHostStandings(watched: readonly Watched[], { jumpHosts = {} }: Sighting): ServerStanding[] {
  return [...jumpHostsOf(watched)].flatMap(([name, behind]) => {
    const seen = jumpHosts[name];
    if (seen === undefined) return [];
    const thing = thingOf(jumpHostCheck(behind, 0), seen);
    const named = { server: name, title: `jump host ${name}`, cluster: undefined, visited: new Date(seen.at.wallMs) };
    return thing.state === 'ok' ? [] : [{ ...named, hasChecks: true, things: [thing] }];
  });
}

function named({ name, id, cluster }: Appliance) {
  return { server: name, title: serverTitle(id), cluster };
}

function thingOf({ name, event, severity }: WatchCheck, seen: Seen): Standing {
  const state = stateOf(seen);
  const since = state === 'no answer' ? seen.blind?.badSince : seen.event?.badSince;
  return {
    ...{ state, check: name, instance: seen.instance, event, severity, text: seen.answer.text },
    since: since === undefined ? undefined : new Date(since.wallMs),
    ...defined({ suppressed: seen.event?.suppressed }),
  };
}

/** What another monitor said is bad, as it stands. */
function reportedOf(heard: Heard): Standing {
  const { event, severity, text, since, at, by, suppressed } = heard;
  const { check, instance } = reportedThing(heard);
  return {
    ...{ state: suppressed === undefined ? 'firing' : 'suppressed', check, instance, event, severity, text },
    since: since === undefined ? undefined : new Date(since),
    ...defined({ suppressed }),
    reported: { at: new Date(at), by },
  };
}

function stateOf({ event, blind, answer }: Seen): Standing['state'] {
  if (event?.suppressed !== undefined) return 'suppressed';
  if (fires(event)) return 'firing';
  if (fires(blind)) return 'no answer';
  if (event?.phase === 'pending') return 'pending';
  return answer.is === 'unknown' ? 'unknown' : 'ok';
}

/** What is not well at a server, to be shown: what has no answer for the same reason is one thing there. */
export function troubles({ things }: ServerStanding): Standing[] {
  const shown: Standing[] = [];
  for (const thing of things.filter(({ state }) => state !== 'ok')) {
    const same = shown.find(({ state, text }) => state === 'unknown' && thing.state === state && text === thing.text);
    if (same === undefined) shown.push({ ...thing });
    else same.check = `${same.check}, ${thingName(thing)}`;
  }
  return shown;
}

type Named = { check: string; instance?: string | undefined; reported?: unknown };

/** @returns e.g. `data /data`, how one thing is named beside its server and its event */
export function thingName({ check, instance, reported }: Named): string {
  if (reported) return instance ?? 'reported'; // its check is its event
  return instance === undefined ? check : `${check} ${instance}`;
}

/** Why nobody is told of something, in words. */
export function suppressionText(suppressed: string): string {
  if (suppressed === staging) return 'staging';
  return suppressed === stopped ? 'stopped on purpose' : `suppressed by ${suppressed}`;
}
