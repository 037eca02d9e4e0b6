import type { IncidentEntry, IncidentLog, Thing } from '../../domain/incident.js';
import type { Stamp } from '../../domain/watch-event.js';
import { isPast, isSame, keyOf, type Member } from './things.js';

/** So often within a time something may come and go before it is one event that lasts until it is calm for so long. */
export type Flapping = { cycles: number; withinMs: number; calmMs: number };

/** What is bad at this moment, in the order in which it came. */
export function badIn({ entries }: IncidentLog): Member[] {
  const members = new Map<string, Member>();
  for (const entry of entries) {
    if (entry.type === 'joined') members.set(keyOf(entry.thing), entry);
    if (entry.type === 'left') members.delete(keyOf(entry.thing));
  }
  return [...members.values()];
}

/** What comes and goes, and is not calm yet. */
export function flappingIn({ entries }: IncidentLog): Thing[] {
  const flapping = new Map<string, Thing>();
  for (const entry of entries) {
    if (entry.type === 'flapping') flapping.set(keyOf(entry.thing), entry.thing);
    if (entry.type === 'calm') flapping.delete(keyOf(entry.thing));
  }
  return [...flapping.values()];
}

/** Whether something that ends now has come and gone so often that it counts as bad from here on. */
export function beginsToFlap(log: IncidentLog, thing: Thing, { cycles, withinMs }: Flapping, now: Stamp): boolean {
  const isFlapping = flappingIn(log).some((other) => isSame(thing, other));
  return !isFlapping && 1 + endsOf(log, thing, withinMs, now) >= cycles;
}

/** Whether it has been as it is for long enough. */
export function isCalm({ entries }: IncidentLog, thing: Thing, { calmMs }: Flapping, now: Stamp): boolean {
  const last = entries.findLast(
    (entry) => (entry.type === 'joined' || entry.type === 'left') && isSame(entry.thing, thing),
  );
  return last !== undefined && 'stamp' in last && isPast(last.stamp, calmMs, now);
}

/**
 * How often of late that has ended of which news tell: of several things, what ended least often, for nobody wants to wait for
 * what is new; of all of them, what ended most often, where they tell of none.
 */
export function endsToldOf(
  log: IncidentLog,
  news: readonly IncidentEntry[],
  { withinMs }: Flapping,
  now: Stamp,
): number {
  const endsIn = (entries: readonly IncidentEntry[]) =>
    entries.flatMap((entry) =>
      entry.type === 'joined' || entry.type === 'left' ? [endsOf(log, entry.thing, withinMs, now)] : [],
    );
  const told = endsIn(news);
  return told.length > 0 ? Math.min(...told) : Math.max(0, ...endsIn(log.entries));
}

/** How often it has ended of late, since it was calm or a person said that it is repaired. */
function endsOf({ entries }: IncidentLog, thing: Thing, withinMs: number, now: Stamp): number {
  const calm = entries.findLastIndex(
    (entry) => entry.type === 'resolved' || (entry.type === 'calm' && isSame(entry.thing, thing)),
  );
  return entries.filter(
    (entry, index) =>
      index > calm && entry.type === 'left' && isSame(entry.thing, thing) && !isPast(entry.stamp, withinMs, now),
  ).length;
}
