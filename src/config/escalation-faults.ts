import type { z } from 'zod';
import type { Needs } from '../domain/escalation.js';
import { isReachable, keysOf, whoMayBe } from '../domain/on-duty.js';
import type { Person } from '../domain/person.js';
import { nearest } from '../domain/text.js';
import type { WrittenEscalation } from './escalation-schema.js';

/** What each channel of the configuration needs of whom it reaches, by its name. */
export type ChannelNeeds = ReadonlyMap<string, Needs>;

const needsOfKind: Record<string, Needs> = { smtp: 'email', http: 'phone', gammu: 'phone', smstools: 'phone' };

/** What `channels:` need, by their kinds. */
export function channelNeeds(channels: Record<string, { kind: string }>): ChannelNeeds {
  return new Map(Object.entries(channels).map(([name, { kind }]) => [name, needsOfKind[kind] ?? 'nothing']));
}

type Written = WrittenEscalation & {
  hours: { business?: unknown };
  appliances: Record<string, { primaryContact?: string | undefined }>;
};
type Fault = { path: PropertyKey[]; message: string };
type Names = { people: ReadonlyMap<string, Person>; roles: NonNullable<WrittenEscalation['roles']> };

/**
 * Tells of all that would tell nobody when it matters, where it is written.
 * @param channels what there is; where it is not known yet, the names of channels are not looked at
 */
export function refuseUnreachable(
  written: Written,
  context: z.core.$RefinementCtx,
  channels: ChannelNeeds | undefined,
): void {
  for (const { path, message } of faultsOf(written, channels))
    context.issues.push({ code: 'custom', path, message, input: written });
}

function faultsOf(written: Written, channels: ChannelNeeds | undefined): Fault[] {
  const { people: named, roles = {}, escalation } = written;
  const people = new Map(Object.entries(named ?? {}).map(([key, person]) => [key, { key, ...person } as Person]));
  const names = { people, roles };
  return [
    ...(escalation !== undefined && named === undefined
      ? [{ path: ['escalation'], message: 'whom to tell stands in people, which is missing' }]
      : []),
    ...roleFaults(names),
    ...contactFaults(written.appliances, people),
    ...(escalation === undefined ? [] : routeFaults(escalation, written.hours, channels)),
    ...(escalation === undefined ? [] : policyFaults(escalation, names, channels)),
  ];
}

function roleFaults({ people, roles }: Names): Fault[] {
  return Object.entries(roles).flatMap(([name, role]): Fault[] => {
    const keys = keysOf(role);
    const faults = keys.filter((key) => !people.has(key)).map((key) => unknown(key, [...people.keys()], 'people'));
    if (keys.length === 0) faults.push('nobody has this role');
    if (people.has(name)) faults.push('a person is called so, too; give the role another name');
    return faults.map((message) => ({ path: ['roles', name], message }));
  });
}

function contactFaults(appliances: Written['appliances'], people: Names['people']): Fault[] {
  return Object.entries(appliances).flatMap(([name, { primaryContact: key }]) =>
    key === undefined || people.has(key)
      ? []
      : [{ path: ['appliances', name, 'primaryContact'], message: unknown(key, [...people.keys()], 'people') }],
  );
}

type Escalation = NonNullable<WrittenEscalation['escalation']>;

function routeFaults(
  { routes, policies }: Escalation,
  { business }: Written['hours'],
  channels: ChannelNeeds | undefined,
): Fault[] {
  const needed = routes.flatMap(({ when, policy, severity }, at): Fault[] => {
    const path = (key: string) => ['escalation', 'routes', at, key];
    const steps = policies[policy]?.steps;
    const faults: Fault[] = [];
    if (steps === undefined)
      faults.push({ path: path('policy'), message: unknown(policy, Object.keys(policies), 'policies') });
    if (when !== 'always' && business === undefined)
      faults.push({
        path: path('when'),
        message: 'what business hours are stands in hours.business, which is missing',
      });
    const isCalling = steps?.some(({ by }) => by.some((channel) => channels?.get(channel) === 'phone')) ?? true;
    if (severity.includes('emergency') && !isCalling && [...(channels?.values() ?? [])].includes('phone'))
      faults.push({ path: path('policy'), message: 'it is for emergencies, and never reaches a phone' });
    return faults;
  });
  const always = routes.filter(({ severity }) => severity.includes('emergency')).map(({ when }) => when);
  const isAlways = always.includes('always') || (always.includes('business') && always.includes('after-hours'));
  const gap = {
    path: ['escalation', 'routes'],
    message: 'no route for emergencies at any time: add one with when: always',
  };
  return isAlways ? needed : [...needed, gap];
}

function policyFaults({ policies, copies, summary }: Escalation, names: Names, channels: ChannelNeeds | undefined) {
  const steps = Object.entries(policies).flatMap(([name, policy]) =>
    policy.steps.flatMap(({ to, by }, at) => {
      const path = ['escalation', 'policies', name, 'steps', at];
      return [
        ...to.flatMap((who): Fault[] => nameFaults(who, names).map((message) => ({ path: [...path, 'to'], message }))),
        ...by.flatMap((way) => channelFaults(way, channels).map((message) => ({ path: [...path, 'by'], message }))),
        ...to.flatMap((who) => addressFaults(who, by, names, channels)).map((message) => ({ path, message })),
      ];
    }),
  );
  const copied = copies.flatMap(({ by }, at) =>
    by
      .flatMap((way) => channelFaults(way, channels))
      .map((message): Fault => ({ path: ['escalation', 'copies', at, 'by'], message })),
  );
  const told = (summary?.to ?? []).flatMap((who) => nameFaults(who, names));
  return [...steps, ...copied, ...told.map((message) => ({ path: ['escalation', 'summary', 'to'], message }))];
}

function nameFaults(name: string, { people, roles }: Names): string[] {
  const known = [...Object.keys(roles), ...people.keys()];
  return known.includes(name) ? [] : [unknown(name, known, 'roles and people')];
}

function channelFaults(name: string, channels: ChannelNeeds | undefined): string[] {
  return channels === undefined || channels.has(name) ? [] : [unknown(name, [...channels.keys()], 'channels')];
}

/** Everybody who may have a role is to have what each of its channels needs. */
function addressFaults(
  name: string,
  by: readonly string[],
  names: Names,
  channels: ChannelNeeds | undefined,
): string[] {
  const roles = new Map(Object.entries(names.roles));
  return whoMayBe(name, { roles, people: names.people }).flatMap((person) =>
    by.flatMap((way) => {
      const needs = channels?.get(way) ?? 'nothing';
      return isReachable(person, needs) ? [] : [`${person.key} has no ${needs}, which ${way} needs`];
    }),
  );
}

function unknown(name: string, known: readonly string[], where: string): string {
  const near = nearest(name, known);
  const hint = near === undefined ? `there are: ${known.join(', ') || 'none'}` : `did you mean "${near}"?`;
  return `"${name}" is not in ${where}; ${hint}`;
}
