import { z } from 'zod';
import { defined } from '../../domain/defined.js';
import type { RequiredField } from '../../domain/required-field.js';
import { isTicketKey, type Ticket, type TicketComment, ticketStates } from '../../domain/ticket.js';
import { shown } from '../http/answer.js';

/** What is no time is not shown as one. */
const instant = z.string().transform((text) => (Number.isNaN(Date.parse(text)) ? undefined : text));

/** A ticket as the contract has it. */
export const ticketSchema = z.object({
  id: z.string().regex(/^[!-~]{1,100}$/),
  key: z.string().refine(isTicketKey),
  url: shown,
  reference: z.string().nullish(),
  subject: shown,
  state: shown,
  nativeState: shown.optional(),
  revision: z.string().optional(),
  updatedAt: instant.optional(),
  files: z
    .array(
      z.object({
        id: z.string(),
        name: z.string(),
        bytes: z.number().int().nonnegative().optional(),
        sha256: z.string().optional(),
      }),
    )
    .default([]),
});
export const ticketsSchema = z.object({ tickets: z.array(ticketSchema) });
/** A field that a ticket must have. */
const requiredSchema = z
  .object({ field: shown, label: shown.optional(), choices: z.array(shown).optional() })
  .transform(({ field, label = field, choices }): RequiredField => ({ field, label, ...defined({ choices }) }));

export const accountSchema = z.object({
  account: shown,
  maxFileBytes: z.number().int().positive().optional(),
  problems: z.array(shown).default([]),
  required: z.array(requiredSchema).optional(),
});

/** A refusal may name the fields that are missing. */
export const refusalSchema = z.object({ required: z.array(requiredSchema) });

export const commentsSchema = z.object({
  comments: z.array(
    z.object({ at: instant.nullish(), author: shown.nullish(), body: z.string(), public: z.boolean().default(true) }),
  ),
});

export function commentOf(answer: z.output<typeof commentsSchema>['comments'][number]): TicketComment {
  const { at, author, body, public: isPublic } = answer;
  return { ...defined({ at: at ?? undefined, author: author ?? undefined }), body, public: isPublic };
}

export function ticketOf(answer: z.output<typeof ticketSchema>): Ticket {
  const { reference, state, nativeState, revision, updatedAt, files, ...rest } = answer;
  const known = ticketStates.find((each) => each === state);
  return {
    ...rest,
    state: known ?? 'other',
    nativeState: nativeState ?? state,
    ...(reference ? { reference } : {}),
    ...defined({ revision, updatedAt }),
    files: files.map(({ id, name, bytes, sha256 }) => ({
      id,
      name,
      ...defined({ sizeBytes: bytes, sha256 }),
    })),
  };
}
