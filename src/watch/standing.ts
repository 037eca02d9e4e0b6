import { type Appliance, serverTitle } from '../domain/appliance.js';
import { defined } from '../domain/defined.js';
import type { Severity } from '../domain/ticket.js';
import type { WatchCheck } from '../domain/watch-check.js';
import type { Seen, Sighting } from '../domain/watch-event.js';
import type { Watched } from '../domain/watch-policy.js';
import { fires, staging, stopped } from './core/event.js';
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
};

/** How a server stands. */
export type ServerStanding = {
  server: string;
  title: string;
  cluster: string | undefined;
  /** When it was visited last. */
  visited: Date | undefined;
  things: Standing[];
};

const order = ['firing', 'no answer', 'suppressed', 'pending', 'unknown', 'ok'] as const;

/** How all servers stand, those first at which something is wrong. */
export function standings(watched: readonly Watched[], sighting: Sighting): ServerStanding[] {
  const all = watched.map((each) => standingOf(each, sighting));
  const rank = ({ things }: ServerStanding) =>
    Math.min(order.length, ...things.map(({ state }) => order.indexOf(state)));
  return all.toSorted((a, b) => rank(a) - rank(b));
}

function standingOf({ appliance, checks }: Watched, { servers }: Sighting): ServerStanding {
  const known = servers[appliance.name];
  const things = (known?.seen ?? []).flatMap((seen) => {
    const check = checks.find(({ name }) => name === seen.check);
    return check === undefined ? [] : [thingOf(check, seen)];
  });
  return {
    ...named(appliance),
    visited: known?.visitedAt === undefined ? undefined : new Date(known.visitedAt.wallMs),
    things: things.toSorted((a, b) => order.indexOf(a.state) - order.indexOf(b.state)),
  };
}

/** How the jump hosts stand at which something is wrong. */
export function jumpHostStandings(watched: readonly Watched[], { jumpHosts = {} }: Sighting): ServerStanding[] {
  return [...jumpHostsOf(watched)].flatMap(([name, behind]) => {
    const seen = jumpHosts[name];
    if (seen === undefined) return [];
    const thing = thingOf(jumpHostCheck(behind, 0), seen);
    const named = { server: name, title: `jump host ${name}`, cluster: undefined, visited: new Date(seen.at.wallMs) };
    return thing.state === 'ok' ? [] : [{ ...named, things: [thing] }];
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

/** @returns e.g. `data /data`, how one thing is named beside its server */
export function thingName({ check, instance }: Pick<Standing, 'check' | 'instance'>): string {
  return instance === undefined ? check : `${check} ${instance}`;
}

/** Why nobody is told of something, in words. */
export function suppressionText(suppressed: string): string {
  if (suppressed === staging) return 'staging';
  return suppressed === stopped ? 'stopped on purpose' : `suppressed by ${suppressed}`;
}
