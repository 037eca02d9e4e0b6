import type { RequiredField } from '../../domain/required-field.js';
import type { TicketDraft } from '../../domain/ticket.js';
import { HelpDeskError } from '../help-desk.js';
import { reading } from '../http/call.js';
import { didNotAssign, didNotTake, lackingFields } from '../lacking.js';
import { customFieldSchema, type RtQueue, type RtTicket } from './answers.js';
import type { RequestTrackerApi } from './api.js';

/** Who is to have to do with new tickets, beside who asks. */
export type RtPeople = { owner?: string | undefined; adminCc?: readonly string[] | undefined };

export function peopleOf(people: RtPeople, draft: TicketDraft): Record<string, unknown> {
  const { requester, assignee: owner = people.owner } = draft;
  const { adminCc = [] } = people;
  return {
    ...(requester === undefined ? {} : { Requestor: requester }),
    ...(owner === undefined ? {} : { Owner: owner }),
    ...(adminCc.length === 0 ? {} : { AdminCc: adminCc }),
  };
}

/** RT answers 201, whomever and whatever it does not take. An address may show as the name of its account. */
export function lackingIn(
  { Owner, AdminCc, Requestor, CustomFields }: RtTicket,
  people: RtPeople,
  draft: TicketDraft,
  fields: Iterable<string>,
): string[] {
  const { requester, assignee: owner = people.owner } = draft;
  const { adminCc = [] } = people;
  const isOwned = Owner !== undefined && Owner.id !== 'Nobody';
  const watching = new Set(AdminCc.map(({ id }) => id.toLowerCase()));
  const unseen = AdminCc.length < adminCc.length ? adminCc.filter((each) => !watching.has(each.toLowerCase())) : [];
  const full = new Set(CustomFields.filter(({ values }) => values.length > 0).map(({ name }) => name));
  return [
    ...(owner === undefined || isOwned || owner === 'Nobody' ? [] : [didNotAssign(draft, 'owner', owner, 'owner')]),
    ...unseen.map((each) => didNotTake('watcher', each, 'adminCc')),
    ...(requester === undefined || Requestor.length > 0 ? [] : [didNotTake('requester', requester, 'requester')]),
    ...lackingFields(fields, (name) => full.has(name)),
  ];
}

/**
 * The mandatory fields of a queue: its forms ask for them, REST does not, and a ticket without them is incomplete to
 * everybody there.
 * @returns undefined where the account may not read what a field is
 */
export async function mandatoryFields(
  api: RequestTrackerApi,
  fields: RtQueue['TicketCustomFields'],
  given: readonly string[],
  signal: AbortSignal,
): Promise<RequiredField[] | undefined> {
  const required: RequiredField[] = [];
  for (const { id, name } of fields) {
    if (given.includes(name)) continue;
    const { Pattern, Values } = (await readField(api, id, signal)) ?? {};
    if (Pattern === undefined) return undefined;
    if (!Pattern.startsWith('(?#Mandatory)')) continue;
    required.push({ field: name, label: name, ...(Values?.length ? { choices: Values } : {}) });
  }
  return required;
}

async function readField(api: RequestTrackerApi, id: string, signal: AbortSignal) {
  try {
    return await api.ask(customFieldSchema, reading(api.at(`customfield/${id}`)), signal);
  } catch (error) {
    if (error instanceof HelpDeskError && ['forbidden', 'not-found'].includes(error.kind)) return undefined;
    throw error;
  }
}

/** An owner that RT does not know. Another account may not be shown to this one. */
export async function ownerProblem(
  api: RequestTrackerApi,
  owner: string | undefined,
  key: string,
  signal: AbortSignal,
): Promise<string[]> {
  if (owner === undefined) return [];
  try {
    await api.send(reading(api.at(`user/${encodeURIComponent(owner)}`)), signal);
    return [];
  } catch (error) {
    if (!(error instanceof HelpDeskError)) throw error;
    if (error.kind === 'forbidden') return [];
    if (error.kind !== 'not-found') throw error;
    return [`there is no user ${owner}: tickets get no owner; see ${key}`];
  }
}
