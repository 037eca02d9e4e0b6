import { z } from 'zod';
import { type RequiredField, unfilled } from '../../domain/required-field.js';
import type { TicketDraft } from '../../domain/ticket.js';
import { fieldsOf } from '../custom-fields.js';
import { HelpDeskError } from '../help-desk.js';
import { shown } from '../http/answer.js';
import { didNotAssign, didNotTake, lackingFields } from '../lacking.js';
import { pageMeta } from './answers.js';
import type { ZendeskApi } from './api.js';
import type { ZendeskForm } from './draft.js';

const id = z.number().int().positive();
const fieldsSchema = z.object({
  ticket_fields: z.array(
    z.object({
      id,
      title: shown,
      type: z.string(),
      active: z.boolean().default(true),
      required: z.boolean().default(false),
      custom_field_options: z.array(z.object({ value: shown })).nullish(),
    }),
  ),
  meta: pageMeta.optional(),
});
const formSchema = z.object({ ticket_form: z.object({ ticket_field_ids: z.array(id).optional() }) });
const filedSchema = z.object({
  ticket: z.object({
    group_id: id.nullish(),
    assignee_id: id.nullish(),
    tags: z.array(z.string()).default([]),
    custom_fields: z.array(z.object({ id, value: z.unknown() })).default([]),
  }),
});

/** Of 100 each; far more than anybody makes. */
const mostPages = 50;

/** What every ticket has, by another name. */
const usualTypes = new Set(['subject', 'description', 'status', 'custom_status', 'priority', 'group', 'assignee']);

/**
 * The fields that agents must have filled before a ticket is solved, of its form where one is configured. That requesters
 * must fill one in a portal is another matter.
 * @returns undefined where the account may not read them
 */
export async function requiredFields(
  api: ZendeskApi,
  { form, fields }: { form: number | undefined; fields: readonly string[] },
  signal: AbortSignal,
): Promise<RequiredField[] | undefined> {
  const all = await unlessHidden(allFields(api, signal));
  if (all === undefined) return undefined;
  const call = form === undefined ? undefined : api.reading(`ticket_forms/${form}`);
  const found = call && (await unlessHidden(api.ask(formSchema, call, signal)));
  const ofForm = found?.ticket_form.ticket_field_ids;
  const open = all.filter(
    (field) => field.required && field.active && !usualTypes.has(field.type) && (ofForm?.includes(field.id) ?? true),
  );
  const required = open.map(({ id: number, title, custom_field_options: options }) => ({
    ...{ field: String(number), label: title },
    ...(options?.length ? { choices: options.map(({ value }) => value) } : {}),
  }));
  return unfilled(required, fields);
}

async function allFields(api: ZendeskApi, signal: AbortSignal) {
  const list = { what: 'ticket fields', path: 'ticket_fields', query: { 'page[size]': 100 }, schema: fieldsSchema };
  const pages = await api.pages({ ...list, mostPages }, signal);
  return pages.flatMap(({ ticket_fields: fields }) => fields);
}

/** A draft whose fields are called by their ids: people may have called one by its title. */
export async function byIds(draft: TicketDraft, api: ZendeskApi, signal: AbortSignal): Promise<TicketDraft> {
  const given = Object.entries(draft.fields ?? {});
  if (given.every(([name]) => /^\d+$/.test(name))) return draft;
  const all = (await unlessHidden(allFields(api, signal))) ?? [];
  const idOf = (name: string) => all.find(({ title }) => title.toLowerCase() === name.toLowerCase())?.id;
  return { ...draft, fields: Object.fromEntries(given.map(([name, value]) => [String(idOf(name) ?? name), value])) };
}

/** What a ticket was to have and has not: Zendesk drops without a word what it does not take. */
export async function lackingAt(
  api: ZendeskApi,
  number: string,
  given: TicketDraft,
  { group, assignee: configured, tags = [], fields }: ZendeskForm,
  signal: AbortSignal,
): Promise<string[]> {
  const draft = await byIds(given, api, signal);
  const sent = Object.keys(fieldsOf(fields, draft));
  const assignee = draft.assignee ?? configured;
  if (sent.length + tags.length === 0 && group === undefined && assignee === undefined) return [];
  const { ticket } = await api.ask(filedSchema, api.reading(`tickets/${number}`), signal);
  const full = new Set(ticket.custom_fields.flatMap(({ id: field, value }) => (isEmpty(value) ? [] : [String(field)])));
  return [
    ...(group === undefined || ticket.group_id === group ? [] : [didNotTake('group', group, 'group')]),
    ...(assignee === undefined || isAssigned(ticket.assignee_id, assignee)
      ? []
      : [didNotAssign(draft, 'assignee', assignee, 'assignee')]),
    ...tags.filter((tag) => !ticket.tags.includes(tag)).map((tag) => didNotTake('tag', tag, 'tags')),
    ...lackingFields(sent, (name) => full.has(name)),
  ];
}

/** Who was named by an address is shown by an id: that there is somebody is all that is known. */
function isAssigned(has: number | null | undefined, wanted: string | number): boolean {
  return /^\d+$/.test(String(wanted)) ? has === Number(wanted) : has !== undefined && has !== null;
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0);
}

async function unlessHidden<T>(asking: Promise<T>): Promise<T | undefined> {
  return asking.catch((error: unknown) => {
    if (error instanceof HelpDeskError && ['forbidden', 'not-found'].includes(error.kind)) return undefined;
    throw error;
  });
}
