import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { defined } from '../domain/defined.js';
import { type Answer, type Call, problem, readJson } from './help-desk-wire.js';
import { receive, refusalOf } from './received-file.js';

export type MockTicket = {
  id: string;
  key: string;
  url: string;
  reference: string;
  subject: string;
  body: string;
  severity: string;
  product?: string;
  fields?: Record<string, string>;
  /** Who is to work on it. */
  assignee?: string;
  state: string;
  revision: string;
  files: { id: string; name: string; bytes: number; sha256: string }[];
  comments: { body: string; public: boolean; marker: string; at?: string; author?: string }[];
  /** Who registered it, where that is another account of the organisation. */
  account?: string;
  updatedAt: string;
};

/** Settings of the help desk as a whole; they can be changed at any time. */
export type MockSwitches = {
  /** How long a new ticket is not found by its reference. */
  searchLagMs: number;
  /** How long it takes to register a ticket after its request has come. */
  preCommitMs: number;
  /** What happens to the answer when the ticket is registered. */
  afterCommit: 'answer' | 'reset' | '502';
  /** Whether repeated requests are recognised by their key. */
  idempotency: boolean;
  /** Whether tickets are found by their reference at all. */
  search: boolean;
  /** Whether tickets lose their reference, as where the field for it is missing. */
  dropReference: boolean;
  /** Fields without which no ticket is registered. */
  required: { field: string; label: string; choices?: string[] }[];
  /** Whether that is said before. */
  saysRequired: boolean;
  /** Whether comments can be read. */
  comments: boolean;
  /** The states that a ticket may go to from another one; all of them where nothing is said. */
  transitions: Record<string, readonly string[]>;
};

/** The tickets, and what requests do to them. */
export class MockTickets {
  readonly tickets: MockTicket[] = [];
  readonly switches: MockSwitches = {
    searchLagMs: 0,
    preCommitMs: 0,
    afterCommit: 'answer',
    idempotency: true,
    search: true,
    dropReference: false,
    required: [],
    saysRequired: true,
    comments: true,
    transitions: {},
  };
  private readonly folder: string;
  private readonly maxFileBytes: number | undefined;
  private readonly registeredAt = new Map<MockTicket, number>();
  private readonly byKey = new Map<string, MockTicket>();

  constructor({ folder, maxFileBytes }: { folder: string; maxFileBytes: number | undefined }) {
    this.folder = folder;
    this.maxFileBytes = maxFileBytes;
  }

  async handle(call: Call): Promise<Answer> {
    switch (call.route) {
      case 'GET /account':
        return this.account();
      case 'GET /tickets':
        return this.find(call);
      case 'POST /tickets':
        return this.create(call);
    }
    const ticket = this.tickets.find((each) => each.id === call.id || each.key === call.id);
    if (ticket === undefined) return problem(404, `there is no ticket ${call.id}`);
    switch (call.route) {
      case 'GET /tickets/{id}':
        return { status: 200, body: shown(ticket) };
      case 'PATCH /tickets/{id}':
        return patch(ticket, call, this.switches.transitions[ticket.state] ?? states);
      case 'GET /tickets/{id}/comments':
        return this.switches.comments ? commentsOf(ticket) : problem(501, 'comments are not given');
      case 'POST /tickets/{id}/comments':
        return comment(ticket, call);
      case 'PUT /tickets/{id}/files/{name}':
        return this.upload(ticket, call);
      default:
        return problem(404, `${call.route} is not here`);
    }
  }

  private account(): Answer {
    const { required, saysRequired } = this.switches;
    const told = defined({ maxFileBytes: this.maxFileBytes, required: saysRequired ? required : undefined });
    return { status: 200, body: { account: 'icepack-mock', problems: [], ...told } };
  }

  private find({ url }: Call): Answer {
    const found = this.tickets.filter((each) => this.isFound(each) && isWanted(each, url.searchParams));
    const limit = url.searchParams.get('limit');
    const first = limit === null ? found : found.toSorted(newestChangeFirst).slice(0, Number(limit));
    return { status: 200, body: { tickets: first.map(shown) } };
  }

  private isFound(ticket: MockTicket): boolean {
    const { search, searchLagMs } = this.switches;
    return search && Date.now() - (this.registeredAt.get(ticket) ?? 0) >= searchLagMs;
  }

  private async create({ request, url }: Call): Promise<Answer> {
    const key = String(request.headers['idempotency-key'] ?? '');
    const draft = (await readJson(request)) as Partial<MockTicket>;
    const before = this.switches.idempotency ? this.byKey.get(key) : undefined;
    if (before !== undefined) return { status: 200, body: shown(before) };
    if (!isWhole(draft)) return problem(422, 'subject, reference and severity are required');
    const missing = this.switches.required.filter(({ field }) => !draft.fields?.[field]);
    if (missing.length > 0) return lacking(missing);
    const { preCommitMs } = this.switches;
    if (preCommitMs > 0) await new Promise((resolve) => setTimeout(resolve, preCommitMs));
    const ticket = newTicket(draft, 1001 + this.tickets.length, url.origin);
    if (this.switches.dropReference) ticket.reference = '';
    this.tickets.push(ticket);
    this.registeredAt.set(ticket, Date.now());
    if (key !== '') this.byKey.set(key, ticket);
    const { afterCommit } = this.switches;
    if (afterCommit === 'reset') request.socket.resetAndDestroy();
    return afterCommit === '502' ? problem(502, 'told to fail') : { status: 201, body: shown(ticket) };
  }

  private async upload(ticket: MockTicket, { request, name }: Call): Promise<Answer> {
    const { maxFileBytes } = this;
    if (maxFileBytes !== undefined && Number(request.headers['content-length'] ?? 0) > maxFileBytes) {
      request.resume();
      return problem(413, `files may have at most ${maxFileBytes} bytes`);
    }
    const folder = join(this.folder, ticket.key);
    await mkdir(folder, { recursive: true });
    const partial = join(folder, `.${ticket.files.length}.partial`);
    const received = await receive(request, partial);
    const existing = ticket.files.find((file) => file.name === name);
    const refused = refusalOf(received, request.headers['content-digest'], existing);
    if (refused !== undefined) {
      await rm(partial);
      return refused;
    }
    await rename(partial, join(folder, name));
    if (existing !== undefined) return { status: 200, body: shown(ticket) };
    const { bytes, sha256 } = received;
    ticket.files.push({ id: `${ticket.id}-${ticket.files.length + 1}`, name, bytes, sha256 });
    touch(ticket);
    return { status: 201, body: shown(ticket) };
  }
}

type Draft = Partial<MockTicket> & Pick<MockTicket, 'subject' | 'reference' | 'severity'>;

function isWhole(draft: Partial<MockTicket>): draft is Draft {
  return Boolean(draft.subject && draft.reference && draft.severity);
}

function lacking(required: MockSwitches['required']): Answer {
  const detail = `it needs ${required.map(({ label }) => label).join(', ')}`;
  return { status: 422, body: { status: 422, detail, required } };
}

function newTicket(
  { reference, subject, body, severity, product, fields, assignee }: Draft,
  number: number,
  origin: string,
): MockTicket {
  return {
    id: String(number),
    key: `TIC-${number}`,
    url: `${origin}/tickets/TIC-${number}`,
    reference,
    subject,
    body: body ?? '',
    severity,
    ...defined({ product, fields, assignee }),
    state: 'open',
    revision: '1',
    files: [],
    comments: [],
    updatedAt: new Date().toISOString(),
  };
}

const states: readonly string[] = ['open', 'awaiting-information', 'fixed', 'closed'];

async function patch(ticket: MockTicket, { request }: Call, allowed: readonly string[]): Promise<Answer> {
  const match = request.headers['if-match'];
  const { state } = (await readJson(request)) as { state?: string };
  if (match !== undefined && match !== `"${ticket.revision}"`) return problem(412, 'the ticket was changed meanwhile');
  if (state === undefined || !states.includes(state)) return problem(422, `state is one of ${states.join(', ')}`);
  if (!allowed.includes(state))
    return problem(409, `${ticket.state} may become: ${allowed.join(', ') || 'nothing else'}`);
  ticket.state = state;
  touch(ticket);
  return { status: 200, body: shown(ticket) };
}

async function comment(ticket: MockTicket, { request }: Call): Promise<Answer> {
  const { body, marker, public: isPublic } = (await readJson(request)) as Partial<MockTicket['comments'][number]>;
  if (!body || !marker) return problem(422, 'body and marker are required');
  if (!ticket.comments.some((each) => each.marker === marker)) {
    touch(ticket);
    ticket.comments.push({ body, marker, public: isPublic ?? true, at: ticket.updatedAt, author: 'icepack-mock' });
  }
  return { status: 201, body: {} };
}

function commentsOf({ comments }: MockTicket): Answer {
  return { status: 200, body: { comments: comments.map(({ marker: _marker, ...comment }) => comment) } };
}

function newestChangeFirst(one: MockTicket, other: MockTicket): number {
  return other.updatedAt.localeCompare(one.updatedAt);
}

function isWanted(ticket: MockTicket, query: URLSearchParams): boolean {
  const reference = query.get('reference');
  const states = query.get('state')?.split(',');
  const since = query.get('updatedSince');
  return (
    (reference === null || ticket.reference === reference) &&
    (states === undefined || states.includes(ticket.state)) &&
    (since === null || ticket.updatedAt >= since) &&
    (query.get('scope') !== 'mine' || ticket.account === undefined)
  );
}

function shown({
  comments: _comments,
  body: _body,
  severity: _severity,
  product: _product,
  fields: _fields,
  account: _account,
  ...ticket
}: MockTicket): unknown {
  return { ...ticket, nativeState: ticket.state };
}

function touch(ticket: MockTicket): void {
  ticket.revision = String(Number(ticket.revision) + 1);
  ticket.updatedAt = new Date().toISOString();
}
