import { z } from 'zod';
import { printableLine } from '../../domain/text.js';
import type { TicketFile } from '../../domain/ticket.js';
import { shown } from '../http/answer.js';

/** RT writes ids as numbers in one place and as strings in another. */
const id = z.union([z.number().int().positive(), z.string().regex(/^\d{1,12}$/)]).transform(String);

export const createdSchema = z.object({ id });
export const versionSchema = z.object({ Version: shown });
export const queueSchema = z.object({
  Name: shown,
  TicketCustomFields: z.array(z.object({ id, name: z.string() })).default([]),
});
export type RtQueue = z.output<typeof queueSchema>;

/** What a custom field may hold. */
export const customFieldSchema = z.object({
  Pattern: z
    .string()
    .nullish()
    .transform((pattern) => pattern ?? ''),
  Values: z.array(shown).optional(),
});

const people = z.array(z.object({ id: shown })).default([]);

const customFieldsSchema = z.array(z.object({ name: z.string(), values: z.array(z.string()) })).default([]);

export const ticketSchema = z.object({
  id,
  Subject: shown.default(''),
  Status: shown,
  LastUpdated: shown.optional(),
  Owner: z.object({ id: shown }).optional(),
  Requestor: people,
  AdminCc: people,
  CustomFields: customFieldsSchema,
  _hyperlinks: z.array(z.object({ ref: z.string(), to: z.string().optional() })).default([]),
});
export type RtTicket = z.output<typeof ticketSchema>;

/** A page of a list; `total` is no number for most accounts. */
export function pageOf<T extends z.ZodType>(item: T) {
  return z.object({ count: z.number().int(), items: z.array(item) });
}

export const foundSchema = pageOf(ticketSchema);
export const attachmentSchema = z.object({
  id,
  TransactionId: id,
  Filename: z.string().nullish(),
  ContentType: z.string().nullish(),
  ContentLength: z.coerce.number(),
});
export type RtAttachment = z.output<typeof attachmentSchema>;

export const transactionSchema = z.object({
  id,
  Type: z.string(),
  Data: z.string().nullish(),
  Created: z.string().optional(),
  Creator: z.object({ id: shown }).optional(),
  /** In minutes; not shown to everybody. */
  TimeTaken: z.coerce.number().optional(),
});
export type RtTransaction = z.output<typeof transactionSchema>;

export const contentSchema = z.object({ Content: z.string() });

/** What a ticket was told with words or files. */
export const contentTypes: ReadonlySet<string> = new Set(['Create', 'Comment', 'Correspond']);

/**
 * The files of a ticket. One that RT cut or dropped, which the history alone tells (`$TruncateLongAttachments`,
 * `$DropLongAttachments`; the list keeps the size it should have), has no size: nobody can take it for whole.
 */
export function filesOf(attachments: readonly RtAttachment[], history: readonly RtTransaction[]): TicketFile[] {
  const cut = cutFiles(history);
  return attachments.flatMap(({ id: fileId, TransactionId, Filename, ContentLength }) => {
    if (!Filename) return [];
    const size = cut.has(`${TransactionId} ${Filename}`) ? {} : { sizeBytes: ContentLength };
    return [{ id: fileId, name: printableLine(Filename, 200), ...size }];
  });
}

/** Each as `transaction name`: the note of what was cut follows the transaction that brought it. */
function cutFiles(history: readonly RtTransaction[]): Set<string> {
  const cut = new Set<string>();
  let bringing = '';
  for (const { id: number, Type, Data } of history) {
    if (contentTypes.has(Type)) bringing = number;
    if (/^Attachment(Truncate|Drop)$/.test(Type)) cut.add(`${bringing} ${Data?.trim() ?? ''}`);
  }
  return cut;
}

/** A value within single quotes of TicketSQL. */
export function quoted(value: string): string {
  return `'${value.replace(/[\\']/g, '\\$&')}'`;
}
