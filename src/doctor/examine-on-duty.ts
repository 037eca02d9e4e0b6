import type { Escalation, Needs } from '../domain/escalation.js';
import { escalationRoute, isReachable, whoIs } from '../domain/on-duty.js';
import type { Person } from '../domain/person.js';
import { printableLine } from '../domain/text.js';
import { formatLocal } from '../domain/zone.js';
import type { Check } from './check.js';

const onDuty: Pick<Check, 'check' | 'place' | 'status' | 'hint'> = {
  ...{ check: 'on-duty', place: 'who is told of incidents', status: 'ok', hint: null },
};

/**
 * Who has each role now, and how they are reached; who has none, and what an emergency would do now.
 * @param channels what each of them needs, where they are known; else it is said what is known of each person
 */
export function examineOnDuty(
  escalation: Escalation,
  now: Date,
  zone: string,
  channels: ReadonlyMap<string, Needs> | undefined,
): Check[] {
  const roles = [...escalation.roles.keys()].map((role) => roleCheck(role, escalation, now, channels));
  const route = escalationRoute(escalation, 'emergency', now);
  const policy = `an emergency at ${formatLocal(now, zone)}: policy ${route?.policy ?? 'none'}`;
  const phoneless = channels !== undefined && ![...channels.values()].includes('phone');
  return [
    ...roles,
    { ...onDuty, text: policy },
    ...(phoneless ? [{ ...onDuty, status: 'warn' as const, text: 'no channel reaches a phone', hint: byPhone }] : []),
  ];
}

const byPhone = 'Nobody is woken by a mail: add a channel for SMS or calls';

function roleCheck(
  role: string,
  escalation: Escalation,
  now: Date,
  channels: ReadonlyMap<string, Needs> | undefined,
): Check {
  const people = whoIs(role, escalation, now);
  const by = channels && channelsOf(role, escalation);
  const text = people.map((person) => `${printableLine(person.name)} (${waysTo(person, by, channels)})`).join(', ');
  return { ...onDuty, text: `${role}: ${text} now` };
}

/** The channels over which a role is told. */
function channelsOf(role: string, { policies }: Escalation): string[] {
  const steps = [...policies.values()].flatMap((policy) => policy.steps);
  return [...new Set(steps.flatMap(({ to, by }) => (to.includes(role) ? by : [])))];
}

function waysTo(person: Person, by: string[] | undefined, channels: ReadonlyMap<string, Needs> | undefined): string {
  const known = [...(person.email === undefined ? [] : ['e-mail']), ...(person.phone === undefined ? [] : ['phone'])];
  const ways = by?.filter((name) => isReachable(person, channels?.get(name) ?? 'nothing')) ?? known;
  return ways.join(', ') || 'no way to reach them';
}
