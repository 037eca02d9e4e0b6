import { z } from 'zod';
import { defined } from '../domain/defined.js';
import { printableLine } from '../domain/text.js';
import { isTicketKey, type Ticket, ticketStates } from '../domain/ticket.js';

/** Words of the help desk that are only shown. */
const shown = z.string().transform((text) => printableLine(text, 500));

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
  updatedAt: shown.optional(),
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
export const accountSchema = z.object({
  account: shown,
  maxFileBytes: z.number().int().positive().optional(),
  problems: z.array(shown).default([]),
});

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
