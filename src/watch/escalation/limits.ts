import { severities } from '../../domain/ticket.js';
import type { Stamp } from '../../domain/watch-event.js';
import type { Attempt } from './attempts.js';
import type { DuePage } from './due.js';
import type { Kind } from './order.js';
import type { Setting } from './targets.js';
import { waitedMs } from './waited.js';

/** A page that is due, of one of the incidents there are. */
export type Wanted = { incident: string; due: DuePage; isFirst: boolean };
/** A page that goes out now, with those that are told within it. */
export type Admitted = Wanted & { carries: readonly Wanted[] };
/** What was sent. */
export type Earlier = Pick<Attempt, 'person' | 'channel' | 'began'> & { isEmergency: boolean };

const minuteMs = 60_000;
type Limit = { most: number; withinMs: number };
const perMinute: Limit = { most: 1, withinMs: minuteMs };
const perPhone: Limit[] = [perMinute, { most: 5, withinMs: 15 * minuteMs }, { most: 11, withinMs: 60 * minuteMs }];

/** What can be told by the number of the incident alone. */
const bundled: readonly Kind[] = ['step', 'reminder', 'missed', 'expired'];

/**
 * Which pages go out now. Nobody is told more often over a channel than they can take; what they are not told on its own is
 * told within the next, the most severe first. What first tells of an emergency waits for nothing less; what first tells of
 * any incident does not wait for a minute at which nobody looks.
 */
export function admitted(
  wanted: readonly Wanted[],
  earlier: readonly Earlier[],
  setting: Pick<Setting, 'channels' | 'isLast'>,
  now: Stamp,
): Admitted[] {
  const alone = wanted.filter(({ due }) => due.person === undefined || due.n !== undefined);
  const groups = new Map<string, Wanted[]>();
  for (const each of wanted.filter((one) => !alone.includes(one))) {
    const key = `${each.due.person} ${each.due.channel}`;
    groups.set(key, [...(groups.get(key) ?? []), each]);
  }
  const heads = [...groups.values()].flatMap((group): Admitted[] => {
    const [head, ...rest] = group.toSorted((a, b) => rank(b) - rank(a));
    if (head === undefined || !mayGo(head, earlier, setting, now)) return [];
    const carries = isBundled(head) ? rest.filter(isBundled) : [];
    return [{ ...head, carries }];
  });
  return [...alone.map((each) => ({ ...each, carries: [] })), ...heads];
}

function rank({ due, isFirst }: Wanted): number {
  return 2 * severities.indexOf(due.severity) + (isFirst ? 1 : 0);
}

function isBundled({ due }: Wanted): boolean {
  return bundled.includes(due.kind);
}

function mayGo(
  { due, isFirst }: Wanted,
  earlier: readonly Earlier[],
  { channels, isLast }: Pick<Setting, 'channels' | 'isLast'>,
  now: Stamp,
): boolean {
  const isUrgent = isFirst && due.severity === 'emergency';
  const same = earlier.filter(({ person, channel }) => person === due.person && channel === due.channel);
  const counted = same.filter(({ isEmergency }) => isEmergency || !isUrgent);
  const limits = channels.get(due.channel)?.needs === 'phone' ? perPhone : [perMinute];
  return limits
    .filter((limit) => limit !== perMinute || !isFirst || !isLast)
    .every(({ most, withinMs }) => counted.filter(({ began }) => waitedMs(began, now) < withinMs).length < most);
}
