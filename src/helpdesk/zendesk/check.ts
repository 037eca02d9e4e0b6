import { z } from 'zod';
import { defined } from '../../domain/defined.js';
import { ticketStates } from '../../domain/ticket.js';
import { type Account, HelpDeskError } from '../help-desk.js';
import { agreed, clockProblem } from '../http/answer.js';
import type { NativeStates } from '../native-states.js';
import { meSchema, settingsSchema, statusesSchema, type ZendeskUser } from './answers.js';
import type { ZendeskApi } from './api.js';
import { tokenEnds } from './credential.js';
import { requiredFields } from './fields.js';

/** What a configuration names of a Zendesk by its id. */
export type ZendeskTarget = {
  states: NativeStates;
  group: number | undefined;
  form: number | undefined;
  fields: readonly string[];
  isTokenUsed: boolean;
};

/** What Zendesk says of us, and what is not there as the configuration has it. */
export async function checkZendesk(api: ZendeskApi, target: ZendeskTarget, signal: AbortSignal): Promise<Account> {
  const call = api.reading('users/me');
  const answer = await api.send(call, signal);
  const { user } = agreed(meSchema, call, answer);
  if (user.id === null) throw nobody(api);
  const named = await Promise.all(namedIn(target).map(([what, path]) => missing(api, what, path, signal)));
  const { maxFileBytes, problems } = await limitsOf(api, signal);
  return {
    account: `${[user.name, user.email && `<${user.email}>`].filter(Boolean).join(' ')}, ${user.role ?? 'no role'}`,
    ...(maxFileBytes ? { maxFileBytes } : {}),
    ...defined({ required: await requiredFields(api, target, signal) }),
    problems: [
      ...problemsOf(user),
      ...(target.isTokenUsed ? [tokenEnds] : []),
      ...problems,
      ...(await missingStates(api, target.states, signal)),
      ...named.flat(),
      ...clockProblem(answer),
    ],
  };
}

/** Anybody is answered there, with 200. */
function nobody({ origin }: ZendeskApi): HelpDeskError {
  return new HelpDeskError('auth', `${origin} answers as to nobody: it does not take the credential`, { status: 200 });
}

function problemsOf(user: ZendeskUser): string[] {
  const problems: [boolean, string][] = [
    [
      user.role === 'end-user',
      'the account is an end user, whose tickets keep no reference; give it the role of an agent',
    ],
    [user.suspended === true, 'the account is suspended; have it released'],
    [
      Boolean(user.ticket_restriction),
      `the account sees only tickets of its ${user.ticket_restriction}: one that was registered may be hidden; let it see all`,
    ],
    [user.only_private_comments === true, 'what the account comments is internal; the requester does not see it'],
  ];
  return problems.flatMap(([isSo, text]) => (isSo ? [text] : []));
}

/** Where nothing is said of it: what Zendesk is known to take. */
const usualFileBytes = 50_000_000;

async function limitsOf(api: ZendeskApi, signal: AbortSignal): Promise<{ maxFileBytes: number; problems: string[] }> {
  try {
    const { settings } = await api.ask(settingsSchema, api.reading('account/settings'), signal);
    const isOpen = settings.tickets?.private_attachments === false;
    return {
      maxFileBytes: settings.limits?.attachment_size ?? usualFileBytes,
      problems: isOpen
        ? ['whoever has the address of an attached ZIP can open it; have private attachments switched on']
        : [],
    };
  } catch (error) {
    if (isNot(error)) return { maxFileBytes: usualFileBytes, problems: [] }; // not every account may read them
    throw error;
  }
}

/** Custom statuses are configured by their numbers. */
async function missingStates(api: ZendeskApi, states: NativeStates, signal: AbortSignal): Promise<string[]> {
  const wanted = ticketStates.flatMap((state) => states[state].filter((name) => /^\d+$/.test(name)));
  if (wanted.length === 0) return [];
  const { custom_statuses: known } = await api.ask(statusesSchema, api.reading('custom_statuses'), signal);
  const isThere = (name: string) => known.some(({ id, active }) => String(id) === name && active !== false);
  return wanted.filter((name) => !isThere(name)).map((name) => `no custom status has the id ${name}; see states`);
}

function namedIn({ group, form, fields }: ZendeskTarget): [string, string][] {
  return [
    ...(group ? [['group', `groups/${group}`] as [string, string]] : []),
    ...(form ? [['form', `ticket_forms/${form}`] as [string, string]] : []),
    ...fields.map((id): [string, string] => ['ticket field', `ticket_fields/${id}`]),
  ];
}

/** What it does not know it ignores without a word when a ticket is registered. */
async function missing(api: ZendeskApi, what: string, path: string, signal: AbortSignal): Promise<string[]> {
  try {
    await api.ask(z.record(z.string(), z.unknown()), api.reading(path), signal);
    return [];
  } catch (error) {
    if (isNot(error)) return [`there is no ${what} ${path.split('/')[1]}, or the account does not see it`];
    throw error;
  }
}

function isNot(error: unknown): boolean {
  return error instanceof HelpDeskError && (error.kind === 'not-found' || error.kind === 'forbidden');
}
