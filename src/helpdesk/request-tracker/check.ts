import { defined } from '../../domain/defined.js';
import type { Account } from '../help-desk.js';
import { agreed, clockProblem } from '../http/answer.js';
import { reading } from '../http/call.js';
import { assigneeKey } from '../lacking.js';
import { queueSchema, versionSchema } from './answers.js';
import type { RequestTrackerApi } from './api.js';
import { mandatoryFields, ownerProblem, type RtPeople } from './given.js';

/** Where tickets go, and what of them the configuration fills. */
type Target = {
  queue: string;
  /** The custom field that bears the reference. */
  field: string;
  fields: readonly string[];
  people: RtPeople;
  /** Who else tickets are assigned to. */
  assignees: readonly string[];
};

/** What a queue of RT says of itself, and what it will not take. */
export async function checkQueue(
  api: RequestTrackerApi,
  { queue, field, fields, people, assignees }: Target,
  signal: AbortSignal,
): Promise<Account> {
  const call = reading(api.at('rt'));
  const answer = await api.send(call, signal);
  const { Version } = agreed(versionSchema, call, answer);
  const asked = reading(api.at(`queue/${encodeURIComponent(queue)}`));
  const { Name, TicketCustomFields } = await api.ask(queueSchema, asked, signal);
  const there = new Set(TicketCustomFields.map(({ name }) => name));
  const required = await mandatoryFields(api, TicketCustomFields, [...fields, field], signal);
  const owners: [string | undefined, string][] = [
    [people.owner, 'helpdesk.owner'],
    ...assignees.map((each): [string, string] => [each, assigneeKey]),
  ];
  const unknown: string[] = [];
  for (const [owner, key] of owners) unknown.push(...(await ownerProblem(api, owner, key, signal)));
  const missing = [field, ...fields].filter((name) => !there.has(name));
  return {
    account: `an account with queue ${Name} of RT ${Version}`,
    problems: [...missing.map((name) => withoutField(name, name === field, Name)), ...unknown, ...clockProblem(answer)],
    ...defined({ required }),
  };
}

function withoutField(name: string, isReference: boolean, queue: string): string {
  const [what, key] = isReference
    ? [', by which tickets are found again: nothing can be registered', 'referenceField']
    : ['', 'fields'];
  return `queue ${queue} has no custom field "${name}"${what}; have it applied to the queue, or change helpdesk.${key}`;
}
