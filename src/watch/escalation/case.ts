import type { Policy } from '../../domain/escalation.js';
import type { IncidentLog } from '../../domain/incident.js';
import { whoIs } from '../../domain/on-duty.js';
import type { Person } from '../../domain/person.js';
import type { Stamp } from '../../domain/watch-event.js';
import type { IncidentStanding } from './incident-standing.js';
import type { Setting } from './targets.js';
import { waitedMs } from './waited.js';

/** What of an incident decides. */
export type Case = { log: IncidentLog; standing: IncidentStanding; setting: Setting; now: Stamp };

export function nowOf({ now }: Pick<Case, 'now'>): Date {
  return new Date(now.wallMs);
}

/** Whether somebody has it: for so long nobody is asked again. */
export function isHeld({ acknowledged }: IncidentStanding, now: Stamp): boolean {
  return acknowledged !== undefined && waitedMs(acknowledged.entry.stamp, now) < acknowledged.entry.forMs;
}

/** The policy that tells people now. */
export function policyOf({ standing, setting }: Pick<Case, 'standing' | 'setting'>): Policy | undefined {
  return setting.escalation.policies.get(standing.routed?.entry.policy ?? '');
}

/** Somebody by what they are called here, at the help desk, or in mails. */
export function personNamed(name: string, { escalation: { people } }: Setting): Person | undefined {
  return people.get(name) ?? [...people.values()].find(({ atDesk, email }) => atDesk === name || email === name);
}

/** Who has it; else the primary contact of the first server; else the role. */
export function contactOf({ standing, log, setting, ...one }: Case): Person | undefined {
  const answered = log.entries.findLast((entry) => entry.type === 'acknowledged');
  const joined = log.entries.find((entry) => entry.type === 'joined');
  const contact = setting.primaryContacts.get(joined?.thing.server ?? '');
  const byAnswer = answered === undefined ? undefined : personNamed(answered.by, setting);
  const [primary] = whoIs('primary', setting.escalation, nowOf(one));
  return byAnswer ?? setting.escalation.people.get(contact ?? '') ?? primary;
}
