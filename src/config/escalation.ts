import type { BusinessHours } from '../domain/business-hours.js';
import { defined } from '../domain/defined.js';
import type { Escalation, Policy } from '../domain/escalation.js';
import type { WrittenEscalation } from './escalation-schema.js';

type Written = WrittenEscalation & { hours: { business?: BusinessHours | undefined } };

/** Who is told of incidents; undefined where nobody is named. */
export function escalationOf({ people, roles = {}, escalation, hours }: Written): Escalation | undefined {
  if (people === undefined || escalation === undefined) return undefined;
  const { routes, policies, copies, ackFor, summary } = escalation;
  return {
    people: new Map(Object.entries(people).map(([key, person]) => [key, defined({ key, ...person })])),
    roles: new Map(Object.entries(roles)),
    ...defined({ hours: hours.business }),
    routes: routes.map(({ answer, ...route }) => ({ ...route, ...defined({ answerMs: answer }) })),
    policies: new Map(Object.entries(policies).map(([name, policy]) => [name, policyOf(name, policy)])),
    copies: copies.map(({ on, by }) => ({ on, by })),
    ackForMs: ackFor,
    ...(summary === undefined ? {} : { summary: { withinMs: summary.within, to: summary.to } }),
  };
}

type WrittenPolicy = NonNullable<WrittenEscalation['escalation']>['policies'][string];

function policyOf(name: string, { steps, again }: WrittenPolicy): Policy {
  return { name, steps: steps.map(({ at, ...step }) => ({ atMs: at, ...step })), ...defined({ againMs: again }) };
}
