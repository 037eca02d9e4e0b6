import { type IncidentEntry, type IncidentLog, latestOf, type Thing } from '../../domain/incident.js';
import type { Stamp } from '../../domain/watch-event.js';
import { passedMs } from './stamp.js';

type Entry<T extends IncidentEntry['type']> = Extract<IncidentEntry, { type: T }>;
/** What is bad, as it came to an incident. */
export type Member = Omit<Entry<'joined'>, 'type' | 'at' | 'stamp'>;

/** Something that is an event now, and is told. */
export type Trouble = Member & {
  kind: 'ticket' | 'blind';
  /** By which it is known that it is of an incident that is open. */
  group: string;
  /** What people call where it is: a cluster, a server. */
  place: string;
};

export type OpenIncident = { id: string; log: IncidentLog };

export type Decision =
  | { do: 'open'; kind: Entry<'opened'>['kind']; group: string; place: string; event: string; members: Member[] }
  | { do: 'join'; incident: string; member: Member }
  | { do: 'leave'; incident: string; thing: Thing; text: string }
  | { do: 'clear'; incident: string };

type Cap = { count: number; perMs: number };

/** What of the configuration decides about incidents. */
export type Terms = {
  /** How many tickets may be opened in so much time; what is more becomes one. */
  cap: Cap;
  /** So long after it was resolved, what happens again belongs to it. */
  reopenMs: number;
  /** Whether somebody waits for what was done: it stays open for that. */
  wantsSummary?: boolean;
};

export const stormGroup = 'storm';

/**
 * What the events that are told make of the incidents that are open: each event is in one of them, and nothing is dropped.
 * @param isOver what ended an event, in words; undefined while it is there, or while that is not known
 */
export function whatBecomes(
  troubles: readonly Trouble[],
  open: readonly OpenIncident[],
  isOver: (thing: Thing) => string | undefined,
  terms: Terms,
  now: Stamp,
): Decision[] {
  const left = open.flatMap(({ id, log }) => departures(id, log, isOver));
  const taken = open.flatMap(({ log }) => membersOf(log).map(({ thing }) => thing));
  const fresh = troubles.filter(({ thing }) => !taken.some((other) => isSame(thing, other)));
  return [...left, ...arrivals(fresh, open, terms, now)];
}

function departures(incident: string, log: IncidentLog, isOver: (thing: Thing) => string | undefined): Decision[] {
  const members = membersOf(log);
  const left = members.flatMap(({ thing }): Decision[] => {
    const text = isOver(thing);
    return text === undefined ? [] : [{ do: 'leave', incident, thing, text }];
  });
  const isClear = left.length === members.length && !isCleared(log);
  return isClear ? [...left, { do: 'clear', incident }] : left;
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
    const known = [group, ...(kind === 'ticket' && left <= 0 ? [stormGroup] : [])];
    const id = known.map((name) => groups.get(name)).find((found) => found !== undefined);
    const begun = known.map((name) => news.get(name)).find((found) => found !== undefined);
    if (id !== undefined) joins.push({ do: 'join', incident: id, member });
    else if (begun !== undefined) begun.members.push(member);
    else if (kind === 'blind' || left > 0) {
      news.set(group, { do: 'open', kind, group, place, event: member.event, members: [member] });
      if (kind === 'ticket') left -= 1;
    } else {
      const storm = { kind: 'storm' as const, group: stormGroup, place: '', event: 'many events at once' };
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

/** What is bad now, in the order in which it came. */
export function membersOf({ entries }: IncidentLog): Member[] {
  const members = new Map<string, Member>();
  for (const entry of entries) {
    if (entry.type === 'joined') members.set(keyOf(entry.thing), entry);
    if (entry.type === 'left') members.delete(keyOf(entry.thing));
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

/** Whether what happens again may belong to it: its ticket is open, or was resolved not long ago and can be opened again. */
function goesOn(log: IncidentLog, reopenMs: number, now: Stamp): boolean {
  const resolved = isResolved(log) ? latestOf(log, 'resolved') : undefined;
  return resolved === undefined || !(resolved.final || isPast(resolved.stamp, reopenMs, now));
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
  if (!isCleared(log)) return undefined;
  if (kind === 'blind') return 'there are answers again';
  const last = isResolved(log) ? latestOf(log, 'resolved') : latestOf(log, 'cleared');
  if (last === undefined) return undefined;
  if (isPast(last.stamp, forgottenMs, now))
    return last.type === 'resolved' ? 'it was resolved' : 'nobody said that it is resolved';
  const lacksSummary = terms.wantsSummary && latestOf(log, 'summary') === undefined;
  return last.type === 'resolved' && !lacksSummary && !goesOn(log, terms.reopenMs, now) ? 'it was resolved' : undefined;
}

const forgottenMs = 30 * 86_400_000;

/** Whether so much time has passed; over a boot the clock on the wall has to do. */
export function isPast(since: Stamp, ms: number, now: Stamp): boolean {
  return (passedMs(since, now) ?? now.wallMs - since.wallMs) >= ms;
}

export function isSame(one: Thing, other: Thing): boolean {
  return keyOf(one) === keyOf(other);
}

function keyOf({ server, check, instance, blind, reported }: Thing): string {
  return JSON.stringify([server, check, instance ?? '', blind ?? false, reported ?? false]);
}
