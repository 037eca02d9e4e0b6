import { type FakeFile, ZendeskUploads } from './zendesk-uploads.ts';

export type Answer = { status: number; body: unknown; headers?: Record<string, string> };

type Status = 'new' | 'open' | 'pending' | 'hold' | 'solved' | 'closed';
export type FakeComment = { id: number; html: string; plain: string; public: boolean; at: number; files: FakeFile[] };
export type FakeTicket = {
  id: number;
  externalId: string | null;
  subject: string;
  status: Status;
  customStatus: number | undefined;
  sent: Sent;
  comments: FakeComment[];
  createdAt: number;
  updatedAt: number;
};
export type Sent = {
  subject?: string;
  external_id?: string;
  status?: Status;
  custom_status_id?: number;
  comment?: { body?: string; html_body?: string; public?: boolean; uploads?: string[] };
  safe_update?: boolean;
  updated_stamp?: string;
  [other: string]: unknown;
};

/** What goes wrong there, each as it is documented or feared. */
export type ZendeskFaults = {
  /** `/search` shows a ticket that much later; the list shows it at once. */
  searchLagMs: number;
  /** How the list understands `external_id`. */
  externalId: 'exact' | 'in any case' | 'ignored';
  /** Attributes that are dropped with 200. */
  ignored: string[];
  /** Changes a ticket within the request that changes it. */
  trigger: ((ticket: FakeTicket) => void) | undefined;
  /** Is at work on a ticket just before a change comes. */
  before: ((ticket: FakeTicket) => void) | undefined;
  /** What becomes of a file without a word. */
  files: 'kept' | 'dropped' | 'cut';
  /** What a token does that was used before or is too old. */
  spentToken: 'is refused' | 'is ignored';
  refusedTypes: string[];
  maxFileBytes: number;
  /** Ticket fields that must be filled; how they are listed, and whether a ticket without is refused. */
  required: { id: number; title: string; options?: string[]; inPortal?: true }[];
  refusesBlank: boolean;
  /** Behind each page of the ticket fields it tells of another one. */
  endlessFields: boolean;
  malware: 'none' | 'at once' | 'later';
  /** Where files are; another server. */
  filesAt: string;
};

export const customStatuses = [
  { id: 11, status_category: 'open' as const, agent_label: 'Open', active: true },
  { id: 12, status_category: 'solved' as const, agent_label: 'Solved', active: true },
  { id: 13, status_category: 'solved' as const, agent_label: 'Fixed in the next release', active: true },
  { id: 14, status_category: 'pending' as const, agent_label: 'Not used any more', active: false },
];

export const minute = 60_000;
export const instant = (ms: number) => new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
export const refused = (status: number, error: unknown, rest: object = {}): Answer => ({
  status,
  body: { error, ...rest },
});
export const invalid = (field: string, description: string) =>
  refused(422, 'RecordInvalid', {
    description: 'Record validation errors',
    details: { [field]: [{ description }] },
  });
export const notFound = refused(404, 'RecordNotFound', { description: 'Not found' });

/** What a Zendesk holds, and its own time: a second for each change. */
export class ZendeskStore {
  readonly tickets: FakeTicket[] = [];
  readonly faults: ZendeskFaults = {
    searchLagMs: 3 * minute,
    externalId: 'exact',
    ignored: [],
    trigger: undefined,
    before: undefined,
    files: 'kept',
    spentToken: 'is refused',
    refusedTypes: [],
    maxFileBytes: 50_000_000,
    required: [],
    refusesBlank: false,
    endlessFields: false,
    malware: 'none',
    filesAt: 'https://files.example.com',
  };
  now = Math.floor(Date.now() / 1000) * 1000;
  private readonly keys = new Map<string, { text: string; id: number; until: number }>();
  private lastId = 1000;
  readonly uploads = new ZendeskUploads(this);

  create(sent: Sent, key: string | undefined, text: string): Answer {
    const kept = key === undefined ? undefined : this.keys.get(key);
    if (kept !== undefined && kept.until > this.now) {
      if (kept.text !== text)
        return refused(400, 'IdempotentRequestError', {
          description: 'The request body does not match that of the first request with this key',
        });
      return { ...this.shown(201, kept.id), headers: { 'x-idempotency-lookup': 'hit' } };
    }
    const at = this.tick();
    const ticket: FakeTicket = {
      ...{ id: this.nextId(), externalId: null, subject: '', status: 'new', customStatus: undefined },
      ...{ sent: this.heeded(sent), comments: [], createdAt: at, updatedAt: at },
    };
    const problem = this.blank(sent) ?? this.change(ticket, sent);
    if (problem !== undefined) return problem;
    this.tickets.push(ticket);
    if (key !== undefined) this.keys.set(key, { text, id: ticket.id, until: this.now + 120 * minute });
    return { ...this.shown(201, ticket.id), headers: { 'x-idempotency-lookup': 'miss' } };
  }

  update(id: number, sent: Sent): Answer {
    const ticket = this.tickets.find((each) => each.id === id);
    if (ticket === undefined) return notFound;
    this.faults.before?.(ticket);
    if (ticket.status === 'closed') return invalid('status', 'Status: closed prevents ticket update');
    if (sent.safe_update && sent.updated_stamp !== instant(ticket.updatedAt))
      return refused(409, 'UpdateConflict', { description: 'Safe Update prevented the update: outdated ticket data' });
    const problem = this.change(ticket, sent);
    if (problem !== undefined) return problem;
    this.touch(ticket);
    const warned = this.faults.ignored.length > 0 ? { 'x-zendesk-api-warn': 'Removed restricted keys' } : {};
    return { ...this.shown(200, id), headers: warned };
  }

  /** Somebody or something changes a ticket there. */
  touch(ticket: FakeTicket): void {
    ticket.updatedAt = this.tick();
  }

  pass(ms: number): void {
    this.now += ms;
  }

  private change(ticket: FakeTicket, sent: Sent): Answer | undefined {
    const { subject, external_id, status, custom_status_id: custom, comment } = this.heeded(sent);
    const known = customStatuses.find(({ id }) => id === custom);
    if (custom !== undefined && known === undefined) return invalid('custom_status_id', 'Custom status: is invalid');
    const taken = comment === undefined ? [] : this.uploads.taken(comment.uploads ?? []);
    if (taken === undefined) return invalid('attachment', 'Upload token: is invalid or expired');
    if (subject !== undefined) ticket.subject = filledIn(subject);
    if (external_id !== undefined) ticket.externalId = external_id;
    if (known !== undefined) Object.assign(ticket, { status: known.status_category, customStatus: known.id });
    else if (status !== undefined) Object.assign(ticket, { status, customStatus: undefined });
    if (comment !== undefined) ticket.comments.push(this.commentOf(comment, taken));
    this.faults.trigger?.(ticket);
    return undefined;
  }

  private blank(sent: Sent): Answer | undefined {
    const given = (sent['custom_fields'] ?? []) as { id: number }[];
    const blank = this.faults.required.filter(({ id }) => !given.some((each) => each.id === id));
    if (!this.faults.refusesBlank || blank.length === 0) return undefined;
    const base = blank.map(({ id, title }) => ({
      ...{ description: `${title}: cannot be blank`, error: 'BlankValue', ticket_field_id: id },
    }));
    return refused(422, 'RecordInvalid', { description: 'Record validation errors', details: { base } });
  }

  private heeded(sent: Sent): Sent {
    return Object.fromEntries(Object.entries(sent).filter(([name]) => !this.faults.ignored.includes(name)));
  }

  private commentOf({ body, html_body, public: isPublic = true }: NonNullable<Sent['comment']>, files: FakeFile[]) {
    const html = filledIn(html_body ?? `<p>${(body ?? '').replace(/\*(\S+)\*/g, '<em>$1</em>')}</p>`);
    return { id: this.nextId(), html, plain: plainOf(html), public: isPublic, at: this.now, files };
  }

  private shown(status: number, id: number): Answer {
    const ticket = this.tickets.find((each) => each.id === id);
    return ticket === undefined ? notFound : { status, body: { ticket: ticketShown(ticket) } };
  }

  private tick(): number {
    this.now += 1000;
    return this.now;
  }

  nextId(): number {
    this.lastId += 1;
    return this.lastId;
  }
}

/** Placeholders are filled in. */
function filledIn(text: string): string {
  return text.replace(/\{\{.*?\}\}|\{%.*?%\}/g, 'FILLED IN');
}

const entities: Record<string, string> = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&#123;': '{' };

function plainOf(html: string): string {
  return html.replace(/<[^>]*>/g, '').replace(/&[#\w]+;/g, (entity) => entities[entity] ?? entity);
}

export function ticketShown(ticket: FakeTicket): object {
  const { id, externalId, subject, status, customStatus, createdAt, updatedAt, sent } = ticket;
  return {
    ...{ id, url: `https://example.zendesk.com/api/v2/tickets/${id}.json`, external_id: externalId, subject, status },
    ...(customStatus === undefined ? {} : { custom_status_id: customStatus }),
    ...{ priority: sent['priority'] ?? null, group_id: sent['group_id'] ?? null },
    ...{
      assignee_id: sent['assignee_id'] ?? (sent['assignee_email'] === undefined ? null : 77),
      tags: sent['tags'] ?? [],
      custom_fields: sent['custom_fields'] ?? [],
    },
    ...{ created_at: instant(createdAt), updated_at: instant(updatedAt) },
  };
}
