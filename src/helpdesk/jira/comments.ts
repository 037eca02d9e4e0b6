import type { TicketComment } from '../../domain/ticket.js';
import { afterWriting } from '../after-writing.js';
import { type Comment, HelpDeskError } from '../help-desk.js';
import { commentOf, commentsSchema } from './answers.js';
import { issuePath, type JiraApi } from './api.js';
import { preformatted } from './text.js';

/** Oldest first. They are read by key: that shows a comment at once, other than search. */
export async function commentsOf(api: JiraApi, id: string, signal: AbortSignal): Promise<TicketComment[]> {
  const all: TicketComment[] = [];
  for (;;) {
    const query = { startAt: String(all.length), maxResults: '50', orderBy: 'created' };
    const { total, comments } = await api.ask(commentsSchema, api.read(issuePath(id, '/comment'), query), signal);
    all.push(...comments.map(commentOf));
    if (comments.length === 0 || all.length >= total) return all;
  }
}

/** Comments an issue unless its marker is there, and reads it back. */
export async function commentOnce(api: JiraApi, id: string, comment: Comment, signal: AbortSignal): Promise<void> {
  const isThere = async () => (await commentsOf(api, id, signal)).some(({ body }) => body.includes(comment.marker));
  if (await isThere()) return;
  await api.send(api.write('POST', issuePath(id, '/comment'), written(comment)), signal);
  if (await afterWriting(isThere())) return;
  const message = `${api.origin} took a comment and does not show it`;
  throw new HelpDeskError('outcome-unknown', message, { maybeApplied: true });
}

function written({ body, public: isPublic, marker }: Comment): Record<string, unknown> {
  // Customers of a service project see every comment that is not called internal.
  const internal = { properties: [{ key: 'sd.public.comment', value: { internal: true } }] };
  return { body: preformatted(body, marker), ...(isPublic ? {} : internal) };
}
