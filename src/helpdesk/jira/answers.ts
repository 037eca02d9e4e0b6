import { z } from 'zod';
import { defined } from '../../domain/defined.js';
import { isTicketKey, type Ticket, type TicketComment, type TicketState } from '../../domain/ticket.js';
import { shown } from '../http/answer.js';
import { isNamed, type NativeStates, stateNamed } from '../native-states.js';
import { plainText, referenceIn } from './text.js';

const id = z.string().regex(/^\d{1,20}$/);
const key = z.string().refine(isTicketKey);
const named = z.object({ id: z.string().optional(), name: z.string() });

export const createdSchema = z.object({ id, key });

const statusSchema = z.object({ name: shown, statusCategory: z.object({ key: z.string() }).optional() });
export type Status = z.output<typeof statusSchema>;

const fileSchema = z.object({ id: z.string(), filename: z.string(), size: z.number().int().nonnegative() });
export const filesSchema = z.array(fileSchema);

/** What is asked of an issue; without naming them, search gives ids only. */
export const issueFields = ['summary', 'status', 'labels', 'updated', 'attachment'];

export const issueSchema = z.object({
  id,
  key,
  fields: z.object({
    summary: shown,
    status: statusSchema,
    labels: z.array(z.string()).nullish(),
    updated: z.string().optional(),
    attachment: z.array(fileSchema).default([]),
  }),
});
export type Issue = z.output<typeof issueSchema>;

/** Of an issue that is only counted. */
export const keySchema = z.object({ key });

/** A page of a search: Cloud continues with a token, Data Center with a number. */
export function foundSchema<T extends z.ZodType>(issue: T) {
  return z.object({
    issues: z.array(issue),
    isLast: z.boolean().optional(),
    nextPageToken: z.string().nullish(),
    total: z.number().optional(),
  });
}

/** What is asked of an issue to see what it took. */
export const valuesSchema = z.object({ fields: z.record(z.string(), z.unknown()) });
/** By which an account may be called. */
export const accountSchema = z
  .object({ accountId: z.string().optional(), name: z.string().optional() })
  .transform(({ accountId, name }) => [accountId, name].filter((each) => each !== undefined));
/** What is wrong with each field. */
export const fieldErrorsSchema = z.object({ errors: z.record(z.string(), shown) });

export const bulkSchema = z.object({ issues: z.array(issueSchema) });

export const commentSchema = z.object({
  body: z.string().default(''),
  author: z.object({ displayName: shown.optional() }).nullish(),
  created: z.string().optional(),
  visibility: z.unknown().optional(),
  jsdPublic: z.boolean().optional(),
});
export const worklogsSchema = z.object({
  total: z.number(),
  worklogs: z.array(
    z.object({
      comment: z
        .string()
        .nullish()
        .transform((given) => given ?? ''),
    }),
  ),
});
export const commentsSchema = z.object({ total: z.number(), comments: z.array(commentSchema) });

/** What a field may be, as people call it; things that have neither name nor value cannot be chosen here. */
const choice = z
  .union([
    z.string(),
    z
      .object({ name: z.string().optional(), value: z.string().optional() })
      .transform(({ name, value }) => name ?? value ?? ''),
  ])
  .catch('');

const fieldMeta = z.object({
  name: shown.default(''),
  required: z.boolean().default(false),
  hasDefaultValue: z.boolean().default(false),
  schema: z.object({ type: z.string(), items: z.string().optional() }).optional(),
  allowedValues: z.array(choice).optional(),
});
export type FieldMeta = z.output<typeof fieldMeta>;

export const transitionsSchema = z.object({
  transitions: z.array(
    z.object({
      id: z.string(),
      to: statusSchema,
      isAvailable: z.boolean().default(true),
      fields: z.record(z.string(), fieldMeta).default({}),
    }),
  ),
});
export type Transition = z.output<typeof transitionsSchema>['transitions'][number];

/** Pages of what can be created: lists have another name in each generation of the API. */
export const typePageSchema = z
  .object({ total: z.number().optional(), issueTypes: z.array(named).optional(), values: z.array(named).optional() })
  .transform(({ total, issueTypes, values }) => ({ total, items: issueTypes ?? values ?? [] }));

const screenField = fieldMeta.extend({ fieldId: z.string() });
export type ScreenField = z.output<typeof screenField>;
export const screenPageSchema = z
  .object({
    total: z.number().optional(),
    fields: z.array(screenField).optional(),
    values: z.array(screenField).optional(),
  })
  .transform(({ total, fields, values }) => ({ total, items: fields ?? values ?? [] }));

export const meSchema = z.object({ displayName: shown, emailAddress: shown.optional() });
export const projectSchema = z.object({ key: z.string(), archived: z.boolean().default(false) });
export const statusesSchema = z.array(
  z.object({ id: z.string(), name: z.string(), statuses: z.array(statusSchema).default([]) }),
);
export const attachmentMetaSchema = z.object({
  enabled: z.boolean(),
  uploadLimit: z.number().optional(),
});
export const permissionsSchema = z.object({
  permissions: z.record(z.string(), z.object({ name: shown.optional(), havePermission: z.boolean() })),
});
export const tenantSchema = z.object({ cloudId: z.string().regex(/^[A-Za-z0-9-]{1,64}$/) });

/** The state of a status: by its name, else by its category, which every status has. */
export function stateOf({ name, statusCategory }: Status, states: NativeStates): TicketState | 'other' {
  const byName = stateNamed(name, states);
  if (byName !== 'other') return byName;
  const category = statusCategory?.key;
  if (category === 'new' || category === 'indeterminate') return 'open';
  return category === 'done' ? 'closed' : 'other';
}

/** Whether a status is a state, be it as one of two. */
export function isIn(status: Status, state: TicketState, states: NativeStates): boolean {
  return stateOf(status, states) === state || isNamed(status.name, state, states);
}

/** What icepack knows beside an answer. */
export type Reading = { origin: string; states: NativeStates; known: ReadonlySet<string> };

export function ticketOf({ id, key, fields }: Issue, { origin, states, known }: Reading): Ticket {
  const reference = referenceIn(fields.labels ?? [], known);
  const updatedAt = isoTime(fields.updated);
  return {
    ...{ id, key, url: ticketUrl(origin, key), subject: fields.summary },
    ...defined({ reference, updatedAt }),
    state: stateOf(fields.status, states),
    nativeState: fields.status.name,
    files: fields.attachment.map(({ id: file, filename, size }) => ({ id: file, name: filename, sizeBytes: size })),
  };
}

export function ticketUrl(origin: string, key: string): string {
  return `${origin}/browse/${key}`;
}

export function commentOf(comment: z.output<typeof commentSchema>): TicketComment {
  const { body, author, created, visibility, jsdPublic } = comment;
  return {
    ...defined({ at: isoTime(created), author: author?.displayName }),
    body: plainText(body),
    public: jsdPublic ?? visibility === undefined,
  };
}

/** Jira writes zones as `+0000`. */
function isoTime(text: string | undefined): string | undefined {
  const time = new Date(text ?? Number.NaN);
  return Number.isNaN(time.getTime()) ? undefined : time.toISOString();
}
