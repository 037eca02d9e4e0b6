import type { IncidentEntry, Thing } from '../../domain/incident.js';
import type { Stamp } from '../../domain/watch-event.js';
import { passedMs } from './stamp.js';

/** What is bad, as it came to an incident. */
export type Member = Omit<Extract<IncidentEntry, { type: 'joined' }>, 'type' | 'at' | 'stamp'>;

/** As their keys say; hundreds are compared with hundreds each second while many are bad. */
export function isSame(one: Thing, other: Thing): boolean {
  return (
    one.server === other.server &&
    one.check === other.check &&
    (one.instance ?? '') === (other.instance ?? '') &&
    (one.blind ?? false) === (other.blind ?? false) &&
    (one.reported ?? false) === (other.reported ?? false)
  );
}

export function isIn(thing: Thing, those: readonly { thing: Thing }[]): boolean {
  return those.some((each) => isSame(thing, each.thing));
}

export function keyOf({ server, check, instance, blind, reported }: Thing): string {
  return JSON.stringify([server, check, instance ?? '', blind ?? false, reported ?? false]);
}

/** Whether so much time has passed; over a boot the clock on the wall has to do. */
export function isPast(since: Stamp, ms: number, now: Stamp): boolean {
  return (passedMs(since, now) ?? now.wallMs - since.wallMs) >= ms;
}
