import type { IncomingMessage } from 'node:http';
import {
  type Answer,
  customStatuses,
  instant,
  notFound,
  refused,
  type Sent,
  ticketShown,
  type ZendeskStore,
} from './zendesk-store.ts';

/** Each has the word in it by which a leak is noticed. */
export const secrets = { clientSecret: 'client-canary-1', token: 'token-canary-2', access: 'access-canary' };
export const emailOfBot = 'bot@example.com';

/** A request: the number in its path, the last part of it, and what was sent. */
export type Asked = { id: number; last: string; query: URLSearchParams; sent: Buffer; request: IncomingMessage };

/** Who asks, and what the administrator decided. */
export class ZendeskAccount {
  me = {
    ...{ id: 7, name: 'Ice Bot', email: emailOfBot, role: 'agent', organization_id: 77, suspended: false },
    ...{ ticket_restriction: null as string | null, only_private_comments: false },
  };
  privateAttachments = true;
  maySeeSettings = true;
  /** `users/me` knows nobody, and says so with 200. */
  isAnonymous = false;
  /** Errors are text/plain. */
  isPlain = false;
  private readonly issued = new Map<string, number>();
  private readonly store: ZendeskStore;

  constructor(store: ZendeskStore) {
    this.store = store;
  }

  grant(sent: Buffer): Answer {
    const { client_id, client_secret } = JSON.parse(sent.toString()) as Record<string, string>;
    if (client_id !== 'icepack' || client_secret !== secrets.clientSecret)
      return refused(401, 'invalid_client', { error_description: `Client authentication failed: ${client_secret}` });
    const token = `${secrets.access}-${this.issued.size + 1}`;
    this.issued.set(token, this.store.now + 30 * 60_000);
    return { status: 200, body: { access_token: token, token_type: 'bearer', scope: 'read write', expires_in: 1800 } };
  }

  knows(authorization = ''): boolean {
    const pair = Buffer.from(`${emailOfBot}/token:${secrets.token}`).toString('base64');
    const until = this.issued.get(authorization.replace(/^Bearer /, '')) ?? 0;
    return authorization === `Basic ${pair}` || until > this.store.now;
  }

  /** Every access token that was given so far has run out. */
  expire(): void {
    for (const token of this.issued.keys()) this.issued.set(token, 0);
  }

  settings(): Answer {
    if (!this.maySeeSettings) return refused(403, { title: 'Forbidden', message: 'You do not have access' });
    const tickets = { private_attachments: this.privateAttachments };
    const limits = { attachment_size: this.store.faults.maxFileBytes };
    return { status: 200, body: { settings: { tickets, limits } } };
  }
}

/** The answers to the calls that are described, by their names. */
export function callsOf(store: ZendeskStore, account: ZendeskAccount): Record<string, (asked: Asked) => Answer> {
  const ticketIn = ({ sent }: Asked) => (JSON.parse(sent.toString()) as { ticket: Sent }).ticket;
  const keyOf = ({ request }: Asked) => request.headers['idempotency-key'] as string | undefined;
  return {
    'POST /oauth/tokens': ({ sent }) => account.grant(sent),
    'GET /api/v2/users/me': () => ({ status: 200, body: { user: account.me } }),
    'GET /api/v2/account/settings': () => account.settings(),
    'GET /api/v2/custom_statuses': () => ({ status: 200, body: { custom_statuses: customStatuses } }),
    'GET /api/v2/ticket_fields': ({ query }) => {
      const { shown, meta } = pageByCursor(fieldsShown(store), query);
      const more = store.faults.endlessFields ? { has_more: true, after_cursor: '0' } : {};
      return { status: 200, body: { ticket_fields: shown, meta: { ...meta, ...more } } };
    },
    'GET /api/v2/ticket_fields/{id}': known('ticket_field', 31, { type: 'text', title: 'Version', active: true }),
    'GET /api/v2/groups/{id}': known('group', 21, { name: 'Network' }),
    'GET /api/v2/ticket_forms/{id}': known('ticket_form', 22, { name: 'Incident', ticket_field_ids: [31, 32] }),
    'GET /api/v2/tickets': (asked) => listed(store, asked),
    'GET /api/v2/organizations/{id}/tickets': ({ id, query }) => page(id === 77 ? store.tickets : [], query),
    'GET /api/v2/users/{id}/tickets/requested': ({ id, query }) => page(id === 7 ? store.tickets : [], query),
    'GET /api/v2/search': ({ query }) => searched(store, query),
    'POST /api/v2/tickets': (asked) => store.create(ticketIn(asked), keyOf(asked), asked.sent.toString()),
    'GET /api/v2/tickets/{id}': ({ id }) => {
      const found = store.tickets.find((each) => each.id === id);
      return found === undefined ? notFound : { status: 200, body: { ticket: ticketShown(found) } };
    },
    'PUT /api/v2/tickets/{id}': (asked) => store.update(asked.id, ticketIn(asked)),
    'GET /api/v2/tickets/{id}/comments': (asked) => comments(store, account, asked),
    'POST /api/v2/uploads': ({ query, sent }) => store.uploads.upload(query.get('filename') ?? '', sent),
    'DELETE /api/v2/uploads/{id}': ({ last }) => store.uploads.discard(last),
  };
}

function fieldsShown({ faults }: ZendeskStore): object[] {
  const text = { type: 'text', active: true, required: false, required_in_portal: false };
  return [
    { id: 1, title: 'Subject', ...text, type: 'subject', required: true },
    { id: 31, title: 'Version', ...text },
    ...faults.required.map(({ id, title, options, inPortal }) => ({
      ...{ id, title, ...text, required: !inPortal, required_in_portal: true, type: options ? 'tagger' : 'text' },
      ...(options ? { custom_field_options: options.map((value) => ({ name: value.toUpperCase(), value })) } : {}),
    })),
  ];
}

function known(name: string, only: number, facts: object): (asked: Asked) => Answer {
  return ({ id }) => (id === only ? { status: 200, body: { [name]: { id, ...facts } } } : notFound);
}

/** By the newest change first where that is asked for, a hundred at once. */
function page(found: ZendeskStore['tickets'], query: URLSearchParams): Answer {
  const [size, number] = [Number(query.get('per_page') ?? 100), Number(query.get('page') ?? 1)];
  const sorted = query.get('sort_by') === null ? found : found.toSorted((a, b) => b.updatedAt - a.updatedAt);
  const tickets = sorted.slice((number - 1) * size, number * size).map(ticketShown);
  const next_page = number * size < found.length ? `https://example.zendesk.com/?page=${number + 1}` : null;
  return { status: 200, body: { tickets, next_page, previous_page: null, count: found.length } };
}

function listed({ tickets, faults }: ZendeskStore, { query }: Asked): Answer {
  const reference = query.get('external_id');
  if (reference === null || faults.externalId === 'ignored') return page(tickets, query);
  const folded = (text: string | null) => (faults.externalId === 'exact' ? text : text?.toLowerCase());
  return page(
    tickets.filter(({ externalId }) => folded(externalId) === folded(reference)),
    query,
  );
}

/** The index has a ticket some minutes later. */
function searched({ tickets, faults, now }: ZendeskStore, query: URLSearchParams): Answer {
  const words = query.get('query') ?? '';
  const isIndexed = ({ createdAt }: { createdAt: number }) => createdAt + faults.searchLagMs <= now;
  const found = tickets.filter((each) => isIndexed(each) && words.includes(`external_id:${each.externalId}`));
  return { status: 200, body: { results: found.map(ticketShown), next_page: null, count: found.length } };
}

function comments(store: ZendeskStore, { me }: ZendeskAccount, { id, query }: Asked): Answer {
  const all = store.tickets.find((each) => each.id === id)?.comments;
  if (all === undefined) return notFound;
  const page = pageByCursor(all, query);
  const shown = page.shown.map(({ id: number, html, plain, public: isPublic, at, files }) => ({
    ...{ id: number, type: 'Comment', author_id: me.id, body: plain, html_body: html, plain_body: plain },
    ...{
      public: isPublic,
      created_at: instant(at),
      attachments: files.map((file) => store.uploads.attachmentOf(file)),
    },
  }));
  return { status: 200, body: { comments: shown, users: [me], meta: page.meta } };
}

function pageByCursor<T>(all: readonly T[], query: URLSearchParams): { shown: T[]; meta: object } {
  const [size, from] = [Number(query.get('page[size]') ?? 100), Number(query.get('page[after]') ?? 0)];
  const has_more = from + size < all.length;
  const after_cursor = has_more ? String(from + size) : null;
  return { shown: all.slice(from, from + size), meta: { has_more, after_cursor, before_cursor: null } };
}
