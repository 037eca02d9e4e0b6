import { defined } from '../../domain/defined.js';
import type { EventState, Seen, Sighting } from '../../domain/watch-event.js';
import type { Begun, Ended, SeenEntry } from '../../domain/watch-history.js';
import type { Watched } from '../../domain/watch-policy.js';
import { fires, wasBad } from './event.js';

type Happened = Omit<SeenEntry, 'at'>;
/** What was seen, of what was watched then. */
type Look = { sighting: Sighting; watched: readonly Watched[] };

/**
 * What is otherwise in one sighting than in an earlier one, for the history; undefined where nothing is. Whatever is lost
 * between two sightings that were kept is found again by comparing the next one: the history repeats, and lacks nothing.
 */
export function happened(before: Look, after: Look, now: Date): Happened | undefined {
  const [earlier, later] = [notedIn(before), notedIn(after)];
  const isSame = (one: Begun, other: Begun | undefined) => one.since === other?.since;
  const began = [...later].flatMap(([key, noted]) => (isSame(noted, earlier.get(key)) ? [] : [noted]));
  const ended = [...earlier].flatMap(([key, noted]) =>
    isSame(noted, later.get(key)) ? [] : [endOf(noted, after.sighting)],
  );
  const [wereStaged = [], areStaged = []] = [before, after].map(({ sighting }) =>
    Object.keys(sighting.self?.staged ?? {}),
  );
  const [wasBlind, isBlind] = [before, after].map(({ sighting }) => sighting.self?.blind?.since.wallMs);
  const changes = defined({
    began: some(began),
    ended: some(ended),
    staged: some(areStaged.filter((name) => !wereStaged.includes(name))),
    unstaged: some(wereStaged.filter((name) => !areStaged.includes(name))),
    blind: isBlind !== undefined && isBlind !== wasBlind ? isoOf(isBlind) : undefined,
    seesAgain: wasBlind !== undefined && isBlind === undefined ? now.toISOString() : undefined,
  });
  return Object.keys(changes).length === 0 ? undefined : { type: 'seen', ...changes };
}

/** The servers that are being set up, each with the time since when that is known. */
export function stagedIn(watched: readonly Watched[], { self }: Sighting, now: Date): Record<string, string> {
  const staged = watched.filter(({ isStaging }) => isStaging).map(({ appliance }) => appliance.name);
  return Object.fromEntries(staged.map((name) => [name, self?.staged?.[name] ?? now.toISOString()]));
}

/** All that lasts, and each server that does not answer, also where that may be for a moment only. */
function notedIn({ sighting, watched }: Look): Map<string, Begun> {
  const noted = Object.entries(sighting.servers).flatMap(([server, { seen }]) => {
    const checks = watched.find(({ appliance }) => appliance.name === server)?.checks ?? [];
    return seen.flatMap((each): Begun[] => {
      const check = checks.find(({ name }) => name === each.check);
      const of = (what: Begun['what'], state: EventState | undefined) =>
        state === undefined ? [] : [notedOf(server, each, what, state, check?.event ?? each.check)];
      const isDown = check?.kind === 'reach' && wasBad(each.event);
      return [...(isDown ? of('down', each.event) : []), ...(fires(each.event) ? of('event', each.event) : [])];
    });
  });
  return new Map(noted.map((each) => [keyOf(each), each]));
}

function notedOf(server: string, seen: Seen, what: Begun['what'], state: EventState, event: string): Begun {
  const { check, instance } = seen;
  const { badSince, suppressed } = state;
  return {
    ...{ server, check, what, event, since: isoOf(badSince.wallMs) },
    ...defined({ instance, suppressed }),
  };
}

/** What the own network took away was perhaps nothing at all. */
function endOf({ server, check, instance, what, since }: Begun, after: Sighting): Ended {
  const seen = after.servers[server]?.seen.find((each) => each.check === check && each.instance === instance);
  const isUnclear = seen?.event === undefined && seen?.answer.is === 'unknown';
  return { server, check, what, since, ...defined({ instance }), ...(isUnclear ? { unclear: true as const } : {}) };
}

function keyOf({ server, check, instance = '', what }: Begun): string {
  return JSON.stringify([server, check, instance, what]);
}

function some<T>(items: T[]): T[] | undefined {
  return items.length === 0 ? undefined : items;
}

function isoOf(wallMs: number): string {
  return new Date(wallMs).toISOString();
}
