import { z } from 'zod';
import { defined } from '../../domain/defined.js';
import { printable, printableLine } from '../../domain/text.js';
import { isAttached, type Ticket, type TicketComment, type TicketFile } from '../../domain/ticket.js';
import { shown } from '../http/answer.js';
import { type NativeStates, stateNamed } from '../native-states.js';

const id = z.number().int().positive();
const more = z.string().nullish();

const ticket = z.object({
  id,
  external_id: z.string().nullish(),
  subject: shown.nullish(),
  status: shown,
  custom_status_id: id.nullish(),
  created_at: z.string().optional(),
  updated_at: z.string().nullish(),
});
export const ticketSchema = z.object({ ticket });
/** `next_page` is an address; only whether there is one matters. */
export const ticketsSchema = z.object({ tickets: z.array(ticket), next_page: more });

const attachment = z.object({
  id,
  file_name: z.string(),
  size: z.number().int().nonnegative(),
  malware_scan_result: z.string().nullish(),
});
export const uploadSchema = z.object({ upload: z.object({ token: z.string().min(1), attachment }) });

/** What a list that comes in pages says of those that follow. */
export const pageMeta = z.object({ has_more: z.boolean(), after_cursor: z.string().nullish() });
export type Page = { meta?: z.output<typeof pageMeta> | undefined };

export const commentsSchema = z.object({
  comments: z.array(
    z.object({
      author_id: z.number().int().nullish(),
      body: z.string().nullish(),
      plain_body: z.string().nullish(),
      public: z.boolean(),
      created_at: shown.nullish(),
      attachments: z.array(attachment).default([]),
    }),
  ),
  users: z.array(z.object({ id: z.number().int(), name: shown })).default([]),
  meta: pageMeta,
});

/** `id` is null where nobody is logged in: that is answered with 200, too. */
export const meSchema = z.object({
  user: z.object({
    id: id.nullable(),
    name: shown,
    email: shown.nullish(),
    role: shown.nullish(),
    organization_id: id.nullish(),
    suspended: z.boolean().nullish(),
    ticket_restriction: shown.nullish(),
    only_private_comments: z.boolean().nullish(),
  }),
});
export const settingsSchema = z.object({
  settings: z.object({
    tickets: z.object({ private_attachments: z.boolean().nullish() }).nullish(),
    limits: z.object({ attachment_size: z.number().int().positive().nullish() }).nullish(),
  }),
});
export const statusesSchema = z.object({ custom_statuses: z.array(z.object({ id, active: z.boolean().nullish() })) });

export type ZendeskTicket = z.output<typeof ticket>;
export type ZendeskUser = z.output<typeof meSchema>['user'];
export type ZendeskComments = Pick<z.output<typeof commentsSchema>, 'comments' | 'users'>;

/** What everything of a ticket is called for people and programs. */
export type Named = { key(id: number): string; url(id: number): string; states: NativeStates };

/** @param files of the ticket's comments, where they were asked for */
export function ticketOf(found: ZendeskTicket, { key, url, states }: Named, files: TicketFile[]): Ticket {
  const { id, external_id: reference, subject, status, custom_status_id: custom, updated_at: updated } = found;
  const ofCustom = custom ? stateNamed(String(custom), states) : 'other';
  return {
    id: String(id),
    key: key(id),
    url: url(id),
    ...(reference ? { reference } : {}),
    subject: subject ?? '',
    state: ofCustom === 'other' ? stateNamed(status, states) : ofCustom,
    nativeState: ofCustom === 'other' ? status : `${status} (${custom})`,
    ...(updated ? { revision: updated, updatedAt: printableLine(updated, 40) } : {}),
    files,
  };
}

const isBlocked = (file: z.output<typeof attachment>) => file.malware_scan_result === 'malware_found';

/** The files that people there can open: what it holds for malware is none of them. */
export function filesOf({ comments }: ZendeskComments): TicketFile[] {
  const open = comments.flatMap(({ attachments }) => attachments).filter((file) => !isBlocked(file));
  return open.map(({ id, file_name, size }) => ({ id: String(id), name: file_name, sizeBytes: size }));
}

/** Whether a file is there that it holds for malware. */
export function isHeld({ comments }: ZendeskComments, file: Parameters<typeof isAttached>[1]): boolean {
  const held = comments.flatMap(({ attachments }) => attachments).filter(isBlocked);
  return isAttached(
    held.map(({ id, file_name, size }) => ({ id: String(id), name: file_name, sizeBytes: size })),
    file,
  );
}

/** Whether a comment bears a marker; what is said twice of a text need not have the same blanks. */
export function isMarked({ comments }: ZendeskComments, marker: string): boolean {
  const even = (text: string) => text.replace(/\s+/g, ' ');
  return comments.some((each) => even(`${each.body ?? ''} ${each.plain_body ?? ''}`).includes(even(marker)));
}

export function commentsOf({ comments, users }: ZendeskComments): TicketComment[] {
  const names = new Map(users.map(({ id, name }) => [id, name]));
  return comments.map(({ author_id, body, plain_body, public: isPublic, created_at }) => ({
    ...defined({ at: created_at ?? undefined, author: names.get(author_id ?? 0) }),
    body: printable(plain_body ?? body ?? ''),
    public: isPublic,
  }));
}
