import type { IncidentLog } from '../../domain/incident.js';
import { whoIs } from '../../domain/on-duty.js';
import { printableLine } from '../../domain/text.js';
import type { Stamp } from '../../domain/watch-event.js';
import { formatLocal } from '../../domain/zone.js';
import { type Case, isHeld, personNamed, policyOf } from './case.js';
import { incidentStanding } from './incident-standing.js';
import { positionAt, positionNumber } from './positions.js';
import { runMs } from './step-orders.js';
import type { Setting } from './targets.js';
import { waitedMs } from './waited.js';

/** What comes next where nothing changes: when, and who is told; undefined where nobody will be. */
export type Outlook = { at: Date; who: string; unless: 'acknowledged' | 'over' };

export function outlookOf(one: Case): Outlook | undefined {
  const { standing, now, setting } = one;
  if (standing.phase !== 'firing' || standing.suppressed !== undefined) return undefined;
  if (standing.acknowledged !== undefined && isHeld(standing, now)) return afterAcknowledged(one);
  const policy = policyOf(one);
  if (policy === undefined) return undefined;
  const passed = runMs(one, policy);
  const next = positionNumber(policy, positionAt(policy, passed) + 1);
  if (next === undefined) return undefined;
  const at = new Date(now.wallMs + next.atMs - passed);
  const names = [...new Set(next.steps.flatMap(({ to }) => to))];
  const who = next.why.startsWith('again')
    ? 'everybody again'
    : names.map((name) => whoText(name, setting, at)).join(', ');
  return { at, who, unless: 'acknowledged' };
}

function afterAcknowledged({ standing, now, setting }: Case): Outlook | undefined {
  const { entry } = standing.acknowledged ?? {};
  if (entry === undefined) return undefined;
  const at = new Date(now.wallMs + entry.forMs - waitedMs(entry.stamp, now));
  const name = personNamed(entry.by, setting)?.name ?? entry.by;
  return { at, who: `${printableLine(name, 60)} again`, unless: 'over' };
}

/** e.g. `Lee Roe (secondary)` */
function whoText(name: string, setting: Setting, at: Date): string {
  const people = whoIs(name, setting.escalation, at).map((person) => printableLine(person.name, 60));
  if (people.length === 0) return `nobody (${name})`;
  return setting.escalation.roles.has(name) ? `${people.join(', ')} (${name})` : people.join(', ');
}

/** What a status says comes next of an incident, e.g. `10:44 page Lee Roe (secondary) unless I42 is acknowledged`. */
export function nextPageText(log: IncidentLog, setting: Setting, now: Stamp, zone: string): string | undefined {
  const standing = incidentStanding(log);
  const outlook = standing && outlookOf({ log, standing, setting, now });
  return outlook && outlookText(outlook, standing.opened.id, new Date(now.wallMs), zone);
}

/** e.g. `10:44 page Lee Roe (secondary) unless I42 is acknowledged` */
export function outlookText({ at, who, unless }: Outlook, id: string, now: Date, zone: string): string {
  return `${shortTime(at, now, zone)} page ${who} unless ${id} is ${unless}`;
}

/** The time of the day, with the date where it is not today. */
export function shortTime(at: Date, now: Date, zone: string): string {
  const [date, time] = formatLocal(at, zone).split(' ');
  return formatLocal(now, zone).startsWith(date ?? '') ? (time ?? '') : `${date} ${time}`;
}
