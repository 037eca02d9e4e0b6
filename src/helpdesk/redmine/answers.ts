import { z } from 'zod';
import { defined } from '../../domain/defined.js';
import type { Ticket, TicketComment, TicketFile, TicketState } from '../../domain/ticket.js';
import { shown } from '../http/answer.js';
import { fromVerbatim, type RedmineFormatting } from './text.js';

const id = z.number().int().positive();
const named = z.object({ id, name: shown });
const status = named.extend({ is_closed: z.boolean().default(false) });
const journal = z.object({
  user: named.optional(),
  notes: z.string().nullish(),
  created_on: shown.optional(),
  private_notes: z.boolean().default(false),
});
const issue = z.object({
  id,
  project: named,
  subject: shown,
  status,
  updated_on: shown.optional(),
  assigned_to: named.optional(),
  category: named.optional(),
  fixed_version: named.optional(),
  custom_fields: z.array(named.extend({ value: z.unknown() })).default([]),
  attachments: z.array(z.object({ id, filename: z.string(), filesize: z.number().int().nonnegative() })).default([]),
  journals: z.array(journal).default([]),
  allowed_statuses: z.array(status).optional(),
});

export const issueSchema = z.object({ issue });
export const issuesSchema = z.object({ issues: z.array(issue), total_count: z.number().int() });
export const uploadSchema = z.object({ upload: z.object({ token: z.string().min(1) }) });
export const statusesSchema = z.object({ issue_statuses: z.array(status) });
export const prioritiesSchema = z.object({
  issue_priorities: z.array(named.extend({ active: z.boolean().default(true) })),
});
export const roleSchema = z.object({ role: named.extend({ permissions: z.array(z.string()).default([]) }) });
export const projectSchema = z.object({
  project: named.extend({
    trackers: z.array(named).default([]),
    issue_categories: z.array(named).default([]),
    issue_custom_fields: z.array(named).default([]),
    time_entry_activities: z.array(named).default([]),
  }),
});
const timeEntry = z.object({ issue: z.object({ id }).optional(), comments: z.string().nullish() });
export const timeEntriesSchema = z.object({ time_entries: z.array(timeEntry), total_count: z.number().int() });
export const membersSchema = z.object({
  memberships: z.array(z.object({ user: named.optional(), group: named.optional() })),
  total_count: z.number().int(),
});
export const versionsSchema = z.object({ versions: z.array(named) });
/** Of all fields of everything; administrators alone may read it. */
export const fieldsSchema = z.object({
  custom_fields: z.array(
    named.extend({
      is_required: z.boolean().default(false),
      possible_values: z.array(z.object({ value: z.string() })).default([]),
    }),
  ),
});
export const userSchema = z.object({
  user: z.object({
    id,
    login: shown.optional(),
    admin: z.boolean().default(false),
    firstname: shown.default(''),
    lastname: shown.default(''),
    memberships: z.array(z.object({ project: named, roles: z.array(named) })).default([]),
  }),
});
export const errorsSchema = z.object({ errors: z.array(z.string()).min(1) });

export type Named = z.output<typeof named>;
export type IssueStatus = z.output<typeof status>;
export type Issue = z.output<typeof issue>;
export type TimeEntry = z.output<typeof timeEntry>;
export type RedmineUser = z.output<typeof userSchema>['user'];

/** Whether it is the one that a configuration names, by its name or its number. */
export function isNamed(given: string): (each: Named) => boolean {
  return ({ id, name }) => String(id) === given || name.toLowerCase() === given.toLowerCase();
}

/** What a custom field of an issue holds; undefined where it holds nothing, or the issue does not show it. */
export function fieldValue({ custom_fields: fields }: Issue, field: string): string | undefined {
  const value = fields.find(isNamed(field))?.value;
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Whether a custom field of an issue holds anything. */
export function isFilled({ custom_fields: fields }: Issue, field: string): boolean {
  const value = fields.find(isNamed(field))?.value;
  return Array.isArray(value) ? value.some(Boolean) : value !== undefined && value !== null && value !== '';
}

export function filesOf({ attachments }: Issue): TicketFile[] {
  return attachments.map(({ id, filename: name, filesize: sizeBytes }) => ({ id: String(id), name, sizeBytes }));
}

/** @param from what is not in it */
export function ticketOf(
  issue: Issue,
  { field, ...from }: { key: string; url: string; state: TicketState | 'other'; field: string },
): Ticket {
  return {
    id: String(issue.id),
    ...from,
    subject: issue.subject,
    nativeState: issue.status.name,
    ...defined({ reference: fieldValue(issue, field), updatedAt: issue.updated_on }),
    files: filesOf(issue),
  };
}

export function commentsOf({ journals }: Issue, formatting: RedmineFormatting): TicketComment[] {
  return journals.flatMap(({ notes, created_on: at, user, private_notes: isPrivate }) =>
    notes
      ? [{ ...defined({ at, author: user?.name }), body: fromVerbatim(notes, formatting), public: !isPrivate }]
      : [],
  );
}
