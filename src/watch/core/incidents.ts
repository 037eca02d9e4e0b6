import { type IncidentEntry, type IncidentLog, latestOf, type Thing } from '../../domain/incident.js';
import type { Stamp } from '../../domain/watch-event.js';
import { badIn, beginsToFlap, type Flapping, flappingIn, isCalm } from './flapping.js';
import { passedMs } from './stamp.js';
import { isIn, isPast, isSame, keyOf, type Member } from './things.js';

type Entry<T extends IncidentEntry['type']> = Extract<IncidentEntry, { type: T }>;
/** Something that is an event now, and is told. */
export type Trouble = Member & {
  kind: 'ticket' | 'blind';
  /** By which it is known that it is of an incident that is open. */
  group: string;
  /** What people call where it is: a cluster, a server. */
  place: string;
};

export type OpenIncident = { id: string; log: IncidentLog };

/** By what nobody is told of something; `by` is absent where that has just ended. */
export type Silence = { by?: string; until?: Date };

export type Decision =
  | { do: 'open'; kind: Entry<'opened'>['kind']; group: string; place: string; event: string; members: Member[] }
  | { do: 'join'; incident: string; member: Member }
  | { do: 'leave'; incident: string; thing: Thing; text: string }
  | { do: 'clear'; incident: string }
  | { do: 'flap'; incident: string; thing: Thing }
  | { do: 'calm'; incident: string; thing: Thing; isBad: boolean }
  | { do: 'suppress'; incident: string; by: string; until?: Date }
  | { do: 'release'; incident: string };

type Cap = { count: number; perMs: number };

/** What of the configuration decides about incidents. */
export type Terms = {
  /** How many tickets may be opened in so much time; what is more becomes one. */
  cap: Cap;
  /** So long after it was resolved, what happens again belongs to it. */
  reopenMs: number;
  flapping: Flapping;
  /** Whether somebody waits for what was done: it stays open for that. */
  wantsSummary?: boolean;
};

/** What is of one outage, or too much for one ticket each. */
export const stormGroup = 'storm';

/**
 * What the events that are told make of the incidents that are open: each event is in one of them, and nothing is dropped.
 * @param all that are open; one that was replaced takes part in nothing
 * @param isOver what ended an event, in words; undefined while it is there, or while that is not known
 * @param silenceOf by what nobody is told of something; undefined where people are told
 */
export function whatBecomes(
  troubles: readonly Trouble[],
  all: readonly OpenIncident[],
  isOver: (thing: Thing) => string | undefined,
  terms: Terms,
  now: Stamp,
  silenceOf: (thing: Thing) => Silence | undefined = () => undefined,
): Decision[] {
  const open = all.filter(({ log }) => !isReplaced(log));
  const left = open.flatMap(({ id, log }) => departures(id, log, isOver, terms.flapping, now));
  const taken = open.flatMap(({ log }) => badIn(log).map(({ thing }) => thing));
  const fresh = troubles.filter(({ thing }) => !taken.some((other) => isSame(thing, other)));
  const changes = [...left, ...arrivals(fresh, open, terms, now)];
  return [...changes, ...open.flatMap(({ id, log }) => silences(id, log, changes, silenceOf))];
}

function departures(
  incident: string,
  log: IncidentLog,
  isOver: (thing: Thing) => string | undefined,
  rule: Flapping,
  now: Stamp,
): Decision[] {
  const over = badIn(log).flatMap(({ thing }) => {
    const text = isOver(thing);
    return text === undefined ? [] : [{ thing, text }];
  });
  const begins = over.filter(({ thing }) => beginsToFlap(log, thing, rule, now)).map(({ thing }) => thing);
  const calm = flappingIn(log).flatMap((thing) => {
    const isBad = isIn(thing, badIn(log));
    const stays = isBad ? isOver(thing) === undefined : isOver(thing) !== undefined;
    return stays && isCalm(log, thing, rule, now) ? [{ thing, isBad }] : [];
  });
  const flapping = [...flappingIn(log), ...begins].filter((thing) => !isIn(thing, calm));
  const stay = badIn(log).filter(({ thing }) => !isIn(thing, over));
  const decisions: Decision[] = [
    ...begins.map((thing) => ({ do: 'flap' as const, incident, thing })),
    ...over.map((each) => ({ do: 'leave' as const, incident, ...each })),
    ...calm.map((each) => ({ do: 'calm' as const, incident, ...each })),
  ];
  const isClear = stay.length + flapping.length === 0 && !isCleared(log);
  return isClear ? [...decisions, { do: 'clear', incident }] : decisions;
}

/** Pages pause while all that is bad is suppressed, and go on as soon as something is not. */
function silences(
  incident: string,
  log: IncidentLog,
  changes: readonly Decision[],
  silenceOf: (thing: Thing) => Silence | undefined,
): Decision[] {
  const mine = changes.filter((each) => 'incident' in each && each.incident === incident);
  const joined = mine.flatMap((each) => (each.do === 'join' ? [each.member] : []));
  const gone = mine.flatMap((each) => (each.do === 'leave' || (each.do === 'calm' && !each.isBad) ? [each] : []));
  const flapping = mine.flatMap((each) => (each.do === 'flap' ? [each] : []));
  const stays = ({ thing }: Member) => !isIn(thing, gone) || isIn(thing, flapping);
  const members = [...membersOf(log).filter(stays), ...joined];
  if (members.length === 0) return [];
  const before = pausedBy(log);
  const all = members.map(({ thing }) => silenceOf(thing));
  if (all.some((each) => each === undefined)) return before === undefined ? [] : [{ do: 'release', incident }];
  const by = [...new Set(all.flatMap((each) => each?.by ?? []))].sort().join(', ');
  if (by === '' || by === before?.by) return [];
  const [until] = all.flatMap((each) => each?.until ?? []).sort((a, b) => a.getTime() - b.getTime());
  return [{ do: 'suppress', incident, by, ...(until === undefined ? {} : { until }) }];
}

function arrivals(
  fresh: readonly Trouble[],
  open: readonly OpenIncident[],
  { cap, reopenMs }: Terms,
  now: Stamp,
): Decision[] {
  const still = open.filter(({ log }) => goesOn(log, reopenMs, now));
  const groups = new Map(still.map(({ id, log }) => [opening(log).group, id]));
  const news = new Map<string, Extract<Decision, { do: 'open' }>>();
  let left = cap.count - open.filter(({ log }) => isRecent(opening(log), cap, now)).length;
  const joins: Decision[] = [];
  for (const { kind, group, place, ...member } of fresh) {
    const own = open.find(({ log }) =>
      isIn(
        member.thing,
        flappingIn(log).map((thing) => ({ thing })),
      ),
    );
    const known = [group, ...(kind === 'ticket' && left <= 0 ? [stormGroup] : [])];
    const id = own?.id ?? known.map((name) => groups.get(name)).find((found) => found !== undefined);
    const begun = known.map((name) => news.get(name)).find((found) => found !== undefined);
    if (id !== undefined) joins.push({ do: 'join', incident: id, member });
    else if (begun !== undefined) begun.members.push(member);
    else if (kind === 'blind' || (left > 0 && group !== stormGroup)) {
      news.set(group, { do: 'open', kind, group, place, event: member.event, members: [member] });
      if (kind === 'ticket') left -= 1;
    } else {
      const storm = {
        kind: 'storm' as const,
        group: stormGroup,
        place: '',
        event: group === stormGroup ? member.event : 'many events at once',
      };
      news.set(stormGroup, { do: 'open', ...storm, members: [member] });
    }
  }
  return [...joins, ...news.values()];
}

function isRecent(opened: Entry<'opened'>, { perMs }: Cap, now: Stamp): boolean {
  if (opened.kind !== 'ticket') return false;
  const passed = passedMs(opened.stamp, now) ?? Math.abs(now.wallMs - opened.stamp.wallMs);
  return passed < perMs;
}

/** The first entry, which each incident has. */
export function opening({ entries }: IncidentLog): Entry<'opened'> {
  const [first] = entries;
  if (first?.type !== 'opened') throw new Error('an incident begins with its opening');
  return first;
}

/** What counts as bad, in the order in which it came: what is flapping does until it is calm. */
export function membersOf({ entries }: IncidentLog): Member[] {
  const members = new Map<string, Member>();
  const flapping = new Set<string>();
  for (const entry of entries) {
    if (entry.type === 'joined') members.set(keyOf(entry.thing), entry);
    if (entry.type === 'left' && !flapping.has(keyOf(entry.thing))) members.delete(keyOf(entry.thing));
    if (entry.type === 'flapping') flapping.add(keyOf(entry.thing));
    if (entry.type === 'calm') flapping.delete(keyOf(entry.thing));
    if (entry.type === 'calm' && !entry.bad) members.delete(keyOf(entry.thing));
  }
  return [...members.values()];
}

/** All that was bad since it was opened, in the order in which it came; each thing once. */
export function everyMember({ entries }: IncidentLog): Member[] {
  const members = new Map<string, Member>();
  for (const entry of entries)
    if (entry.type === 'joined' && !members.has(keyOf(entry.thing))) members.set(keyOf(entry.thing), entry);
  return [...members.values()];
}

/** Who has it; undefined where nobody has said so since something was bad again after all was well. */
export function acknowledgement({ entries }: IncidentLog): Entry<'acknowledged'> | undefined {
  const calm = entries.findLastIndex(({ type }) => type === 'cleared');
  const again = calm === -1 ? -1 : entries.findIndex(({ type }, index) => index > calm && type === 'joined');
  const last = entries.findLast(
    ({ type }, index) => index > again && (type === 'acknowledged' || type === 'unacknowledged'),
  );
  return last?.type === 'acknowledged' ? last : undefined;
}

/** Whether all is well again that was bad. */
export function isCleared(log: IncidentLog): boolean {
  return log.entries.findLast(({ type }) => type === 'joined' || type === 'cleared')?.type === 'cleared';
}

/** Whether a person said that it is repaired, and nothing was bad since. */
export function isResolved({ entries }: IncidentLog): boolean {
  return entries.findLast(({ type }) => type === 'joined' || type === 'resolved')?.type === 'resolved';
}

/** Whether a person asked for a new ticket: another incident takes its place. */
export function isReplaced(log: IncidentLog): boolean {
  return latestOf(log, 'replaced') !== undefined;
}

/** Whether what happens again may belong to it: its ticket is open, or was resolved not long ago and can be opened again. */
function goesOn(log: IncidentLog, reopenMs: number, now: Stamp): boolean {
  const resolved = isResolved(log) ? latestOf(log, 'resolved') : undefined;
  return resolved === undefined || !(resolved.final || isPast(resolved.stamp, reopenMs, now));
}

/** By what all that is bad is suppressed; undefined where something is not, or nothing is bad. */
export function pausedBy({ entries }: IncidentLog): Entry<'suppressed'> | undefined {
  const ends = ['suppressed', 'released', 'cleared'];
  const last = entries.findLast(({ type }) => ends.includes(type));
  return last?.type === 'suppressed' ? last : undefined;
}

/** Since when it is as it is: it was opened, or something was bad again after all was well or was said to be repaired. */
export function outbreak({ entries }: IncidentLog): Stamp | undefined {
  const calm = entries.findLastIndex(({ type }) => type === 'cleared' || type === 'resolved');
  const again = entries.slice(calm + 1).find((entry): entry is Entry<'joined'> => entry.type === 'joined');
  return again?.stamp;
}

/** Why it is closed now; undefined while it stays open. */
export function whyClosed(log: IncidentLog, terms: Terms, now: Stamp): string | undefined {
  const { kind } = opening(log);
  const replaced = latestOf(log, 'replaced');
  if (replaced !== undefined)
    return isPast(replaced.stamp, toldWithinMs, now) ? 'another one has its place' : undefined;
  if (!isCleared(log)) return undefined;
  if (kind === 'blind') return isPast(clearedAt(log), toldWithinMs, now) ? 'there are answers again' : undefined;
  const last = isResolved(log) ? latestOf(log, 'resolved') : latestOf(log, 'cleared');
  if (last === undefined) return undefined;
  if (isPast(last.stamp, forgottenMs, now))
    return last.type === 'resolved' ? 'it was resolved' : 'nobody said that it is resolved';
  const lacksSummary = terms.wantsSummary && latestOf(log, 'summary') === undefined;
  return last.type === 'resolved' && !lacksSummary && !goesOn(log, terms.reopenMs, now) ? 'it was resolved' : undefined;
}

function clearedAt(log: IncidentLog): Stamp {
  return (latestOf(log, 'cleared') ?? opening(log)).stamp;
}

/** So long it stays open for people to be told of its end. */
const toldWithinMs = 10 * 60_000;
const forgottenMs = 30 * 86_400_000;
