import type { Ticket } from '../../domain/ticket.js';
import { HelpDeskError, type TicketFilter } from '../help-desk.js';
import { meSchema, ticketsSchema, type ZendeskTicket } from './answers.js';
import type { ZendeskApi } from './api.js';

const atOnce = 100;
/** Zendesk goes no further page by page. */
const mostPages = 100;
/** What stands beside each ticket: fields, fields again, tags. */
const pageBytes = 8 * 1024 * 1024;

/** The tickets of a list, without their files: each would take a request of its own. */
export async function listZendesk(
  api: ZendeskApi,
  filter: TicketFilter,
  ticketOf: (found: ZendeskTicket) => Ticket,
  signal: AbortSignal,
): Promise<Ticket[]> {
  const { state: states, updatedSince, limit = Number.POSITIVE_INFINITY } = filter;
  const since = updatedSince?.getTime() ?? Number.NEGATIVE_INFINITY;
  const path = await pathOf(api, filter.scope, signal);
  const listed: Ticket[] = [];
  for (let page = 1; page <= mostPages; page++) {
    const query = { sort_by: 'updated_at', sort_order: 'desc', per_page: atOnce, page };
    const call = { ...api.reading(path, query), maxAnswerBytes: pageBytes };
    const { tickets, next_page } = await api.ask(ticketsSchema, call, signal);
    const recent = tickets.map(ticketOf).filter(({ updatedAt }) => Date.parse(updatedAt ?? '') >= since);
    listed.push(...recent.filter(({ state }) => states?.some((each) => each === state) ?? true));
    if (!next_page || recent.length < tickets.length || listed.length >= limit) return listed.slice(0, limit);
  }
  throw new HelpDeskError('invalid', `${api.origin} has more tickets than it lists; ask for those changed lately`);
}

async function pathOf(api: ZendeskApi, scope: TicketFilter['scope'], signal: AbortSignal): Promise<string> {
  if (scope === undefined) return 'tickets';
  const { user } = await api.ask(meSchema, api.reading('users/me'), signal);
  if (scope === 'mine' && user.id) return `users/${user.id}/tickets/requested`;
  if (scope === 'organization' && user.organization_id) return `organizations/${user.organization_id}/tickets`;
  throw new HelpDeskError('invalid', `${user.name} at ${api.origin} belongs to no organization`);
}
