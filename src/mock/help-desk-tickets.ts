import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type Answer, type Call, problem, readJson } from './help-desk-wire.js';

export type MockTicket = {
  id: string;
  key: string;
  url: string;
  reference: string;
  subject: string;
  body: string;
  severity: string;
  product?: string;
  state: string;
  revision: string;
  files: { id: string; name: string; bytes: number; sha256: string }[];
  comments: { body: string; public: boolean; marker: string }[];
  updatedAt: string;
};

/** How a help desk may be as a whole; set at will. */
export type MockSwitches = {
  /** So long a new ticket is not found by its reference. */
  searchLagMs: number;
  /** So long a ticket takes to be registered after its request has come. */
  preCommitMs: number;
  /** What becomes of the answer to a ticket that was registered. */
  afterCommit: 'answer' | 'reset' | '502';
  /** Whether repeated requests are known by their key. */
  idempotency: boolean;
  /** Whether tickets are found by their reference at all. */
  search: boolean;
};

/** The tickets, and what requests do with them. */
export function openMockTickets(options: { folder: string; maxFileBytes: number | undefined }) {
  const tickets: MockTicket[] = [];
  const switches: MockSwitches = {
    searchLagMs: 0,
    preCommitMs: 0,
    afterCommit: 'answer',
    idempotency: true,
    search: true,
  };
  const registeredAt = new Map<MockTicket, number>();
  const keys = new Map<string, MockTicket>();
  return { tickets, switches, handle };

  async function handle(call: Call): Promise<Answer> {
    const ticket = tickets.find((each) => each.id === call.id || each.key === call.id);
    switch (call.route) {
      case 'GET /account':
        return {
          status: 200,
          body: {
            account: 'icepack-mock',
            problems: [],
            ...(options.maxFileBytes === undefined ? {} : { maxFileBytes: options.maxFileBytes }),
          },
        };
      case 'GET /tickets':
        return {
          status: 200,
          body: {
            tickets: tickets.filter((each) => isFound(each) && isWanted(each, call.url.searchParams)).map(shown),
          },
        };
      case 'POST /tickets':
        return create(call);
    }
    if (ticket === undefined) return problem(404, `there is no ticket ${call.id}`);
    switch (call.route) {
      case 'GET /tickets/{id}':
        return { status: 200, body: shown(ticket) };
      case 'PATCH /tickets/{id}':
        return patch(ticket, call);
      case 'POST /tickets/{id}/comments':
        return comment(ticket, call);
      case 'PUT /tickets/{id}/files/{name}':
        return upload(ticket, call);
      default:
        return problem(404, `${call.route} is not here`);
    }
  }

  async function create({ request, url }: Call): Promise<Answer> {
    const key = String(request.headers['idempotency-key'] ?? '');
    const draft = (await readJson(request)) as Partial<MockTicket>;
    const before = switches.idempotency ? keys.get(key) : undefined;
    if (before !== undefined) return { status: 200, body: shown(before) };
    if (!draft.subject || !draft.reference || !draft.severity)
      return problem(422, 'subject, reference and severity are required');
    if (switches.preCommitMs > 0) await new Promise((resolve) => setTimeout(resolve, switches.preCommitMs));
    const number = 1001 + tickets.length;
    const ticket: MockTicket = {
      id: String(number),
      key: `TIC-${number}`,
      url: `${url.origin}/tickets/TIC-${number}`,
      reference: draft.reference,
      subject: draft.subject,
      body: draft.body ?? '',
      severity: draft.severity,
      ...(draft.product === undefined ? {} : { product: draft.product }),
      state: 'open',
      revision: '1',
      files: [],
      comments: [],
      updatedAt: new Date().toISOString(),
    };
    tickets.push(ticket);
    registeredAt.set(ticket, Date.now());
    if (key !== '') keys.set(key, ticket);
    if (switches.afterCommit === 'reset') request.socket.resetAndDestroy();
    return switches.afterCommit === '502' ? problem(502, 'told to fail') : { status: 201, body: shown(ticket) };
  }

  function isFound(ticket: MockTicket): boolean {
    return switches.search && Date.now() - (registeredAt.get(ticket) ?? 0) >= switches.searchLagMs;
  }

  async function patch(ticket: MockTicket, { request }: Call): Promise<Answer> {
    const match = request.headers['if-match'];
    const { state } = (await readJson(request)) as { state?: string };
    if (match !== undefined && match !== `"${ticket.revision}"`)
      return problem(412, 'the ticket was changed meanwhile');
    if (state === undefined || !['open', 'awaiting-information', 'fixed', 'closed'].includes(state))
      return problem(422, 'state is one of open, awaiting-information, fixed, closed');
    ticket.state = state;
    touch(ticket);
    return { status: 200, body: shown(ticket) };
  }

  async function comment(ticket: MockTicket, { request }: Call): Promise<Answer> {
    const { body, marker, public: isPublic } = (await readJson(request)) as Partial<MockTicket['comments'][number]>;
    if (!body || !marker) return problem(422, 'body and marker are required');
    if (!ticket.comments.some((each) => each.marker === marker)) {
      ticket.comments.push({ body, marker, public: isPublic ?? true });
      touch(ticket);
    }
    return { status: 201, body: {} };
  }

  async function upload(ticket: MockTicket, { request, name }: Call): Promise<Answer> {
    if (options.maxFileBytes !== undefined && Number(request.headers['content-length'] ?? 0) > options.maxFileBytes) {
      request.resume();
      return problem(413, `files may have at most ${options.maxFileBytes} bytes`);
    }
    const folder = join(options.folder, ticket.key);
    await mkdir(folder, { recursive: true });
    const partial = join(folder, `.${ticket.files.length}.partial`);
    const hash = createHash('sha256');
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      hash.update(chunk);
      bytes += chunk.length;
    });
    await pipeline(request, createWriteStream(partial));
    const digest = hash.digest();
    const sha256 = digest.toString('hex');
    const expected = request.headers['content-digest'];
    const existing = ticket.files.find((file) => file.name === name);
    if (
      (expected !== undefined && expected !== `sha-256=:${digest.toString('base64')}:`) ||
      (existing !== undefined && existing.sha256 !== sha256)
    ) {
      await rm(partial);
      return existing === undefined
        ? problem(400, 'the bytes do not match their digest')
        : problem(409, `${name} is there with other content`);
    }
    await rename(partial, join(folder, name));
    if (existing === undefined) {
      ticket.files.push({ id: `${ticket.id}-${ticket.files.length + 1}`, name, bytes, sha256 });
      touch(ticket);
    }
    return { status: existing === undefined ? 201 : 200, body: shown(ticket) };
  }
}

function isWanted(ticket: MockTicket, query: URLSearchParams): boolean {
  const reference = query.get('reference');
  const states = query.get('state')?.split(',');
  const since = query.get('updatedSince');
  return (
    (reference === null || ticket.reference === reference) &&
    (states === undefined || states.includes(ticket.state)) &&
    (since === null || ticket.updatedAt >= since)
  );
}

function shown({
  comments: _comments,
  body: _body,
  severity: _severity,
  product: _product,
  updatedAt: _updatedAt,
  ...ticket
}: MockTicket): unknown {
  return { ...ticket, nativeState: ticket.state };
}

function touch(ticket: MockTicket): void {
  ticket.revision = String(Number(ticket.revision) + 1);
  ticket.updatedAt = new Date().toISOString();
}
