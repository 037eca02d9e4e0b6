import type { Appliance } from './appliance.js';
import type { Escalation, EscalationRoute, Needs, Role, Rota } from './escalation.js';
import type { Person } from './person.js';
import { isItsTime } from './route.js';
import type { Severity } from './ticket.js';
import { instantsOf, type LocalTime, localTime } from './zone.js';

/** Who is to be told at a moment, by the name of a role or a person; nobody where it is neither. */
export function whoIs(name: string, { roles, people }: Pick<Escalation, 'roles' | 'people'>, when: Date): Person[] {
  const role = roles.get(name);
  const keys = role === undefined ? [name] : keysAt(role, when);
  return keys.flatMap((key) => people.get(key) ?? []);
}

/** All who ever have a role; the person where it is the name of one. */
export function whoMayBe(name: string, { roles, people }: Pick<Escalation, 'roles' | 'people'>): Person[] {
  const role = roles.get(name);
  return keysOf(role ?? { people: [name] }).flatMap((key) => people.get(key) ?? []);
}

export function keysOf(role: Role): readonly string[] {
  return 'turns' in role ? role.turns : role.people;
}

function keysAt(role: Role, when: Date): readonly string[] {
  if (!('turns' in role)) return role.people;
  const key = role.turns[turnAt(role, when) % role.turns.length];
  return key === undefined ? [] : [key];
}

/**
 * The number of a turn, by what clocks show: turns change at the same time of the day in summer and in winter. In an hour
 * that is repeated they change once, the first time. Before the first turn it goes as if it had begun long before.
 */
function turnAt({ turns, from, everyMs, zone }: Rota, when: Date): number {
  const since = (turn: number) => asUtc(from) + turn * everyMs;
  const shown = Math.floor((asUtc(localTime(when, zone)) - asUtc(from)) / everyMs);
  const [next] = instantsOf(localTime(new Date(since(shown + 1)), 'UTC'), zone);
  const turn = next !== undefined && next <= when ? shown + 1 : shown;
  return turn - Math.floor(turn / turns.length) * turns.length;
}

function asUtc({ year, month, day, hour, minute, second }: LocalTime): number {
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

/** By this role tickets are assigned, where a server has no primary contact. */
const primaryRole = 'primary';

/** Who is to work on what happens at a server: its primary contact, else who has the role `primary` then. */
export function primaryContact(
  server: Pick<Appliance, 'primaryContact'> | undefined,
  escalation: Pick<Escalation, 'roles' | 'people'>,
  when: Date,
): Person | undefined {
  const own = server?.primaryContact;
  return whoIs(own ?? primaryRole, escalation, when)[0];
}

/** To whom tickets may be assigned, as help desks call them. */
export function assigneesOf(
  escalation: Pick<Escalation, 'roles' | 'people'> | undefined,
  servers: readonly Pick<Appliance, 'primaryContact'>[],
): string[] {
  if (escalation === undefined) return [];
  const names = servers.map(({ primaryContact: own }) => own ?? primaryRole);
  const people = [...new Set(names)].flatMap((name) => whoMayBe(name, escalation));
  return [...new Set(people.flatMap(({ atDesk }) => atDesk ?? []))];
}

/** The first route that fits. */
export function escalationRoute(
  { routes, hours }: Pick<Escalation, 'routes' | 'hours'>,
  severity: Severity,
  when: Date,
): EscalationRoute | undefined {
  return routes.find((route) => route.severity.includes(severity) && isItsTime(route, hours, when));
}

/** Whether somebody can be told over a channel that needs this. */
export function isReachable(person: { email?: string; phone?: string }, needs: Needs): boolean {
  return needs === 'nothing' || person[needs] !== undefined;
}
