import { createHash, timingSafeEqual } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

export type MockTicket = {
  id: string;
  key: string;
  url: string;
  reference: string;
  subject: string;
  body: string;
  severity: string;
  state: string;
  revision: string;
  files: { id: string; name: string; bytes: number; sha256: string }[];
  comments: { body: string; public: boolean; marker: string }[];
  updatedAt: string;
};

/** What goes wrong with the next request to a route, e.g. `POST /tickets`; used up one by one. */
export type MockFault = {
  route: string;
  fault: 'reset-before' | 'reset-after' | 'status-after' | 'status-before' | 'drop-file';
  status?: number;
  headers?: Record<string, string>;
};

export type MockHelpDeskOptions = {
  port: number;
  token: string;
  /** Where attachments are kept. */
  folder: string;
  maxFileBytes: number | undefined;
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

export type MockHelpDesk = {
  url: string;
  /** What was committed, in order: the ledger. */
  tickets: MockTicket[];
  faults: MockFault[];
  switches: MockSwitches;
  /** Every request, as `METHOD /path`. */
  requests: string[];
  close(): Promise<void>;
};

type Answer = { status: number; body?: unknown };
type Call = { request: IncomingMessage; url: URL; route: string; id: string; name: string };

/** A help desk that speaks `templates/helpdesk-rest.openapi.yaml`, on loopback, in memory; its attachments are files. */
export async function startMockHelpDesk(options: MockHelpDeskOptions): Promise<MockHelpDesk> {
  const tickets: MockTicket[] = [];
  const faults: MockFault[] = [];
  const switches: MockSwitches = {
    searchLagMs: 0,
    preCommitMs: 0,
    afterCommit: 'answer',
    idempotency: true,
    search: true,
  };
  const registeredAt = new Map<MockTicket, number>();
  const requests: string[] = [];
  const keys = new Map<string, MockTicket>();
  const server = createServer((request, response) => {
    serve(request, response).catch((error: unknown) => reply(response, problem(500, String(error))));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, '127.0.0.1', resolve);
  });
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const call = callOf(request, origin);
    requests.push(`${request.method} ${call.url.pathname}`);
    const index = faults.findIndex((fault) => fault.route === call.route);
    const [fault] = index < 0 ? [] : faults.splice(index, 1);
    if (fault?.fault === 'reset-before') return void request.socket.resetAndDestroy();
    if (fault?.fault === 'status-before') {
      request.resume();
      return reply(response, problem(fault.status ?? 503, 'told to fail'), fault.headers);
    }
    const answer = isAuthorized(request, options.token) ? await handle(call) : problem(401, 'the token is not known');
    if (fault?.fault === 'drop-file') for (const ticket of tickets) ticket.files = [];
    if (fault?.fault === 'reset-after') return void request.socket.resetAndDestroy();
    reply(
      response,
      fault?.fault === 'status-after' ? problem(fault.status ?? 502, 'told to fail') : answer,
      fault?.headers,
    );
  }

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

  async function create({ request }: Call): Promise<Answer> {
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
      url: `${origin}/tickets/TIC-${number}`,
      reference: draft.reference,
      subject: draft.subject,
      body: draft.body ?? '',
      severity: draft.severity,
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

  return {
    url: `${origin}/api/v1`,
    tickets,
    faults,
    switches,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function callOf(request: IncomingMessage, origin: string): Call {
  const url = new URL(request.url ?? '/', origin);
  const [id, kind, name] = url.pathname
    .replace(/^\/api\/v1\//, '')
    .split('/')
    .slice(1)
    .map(decodeURIComponent);
  const path = url.pathname
    .replace(/^\/api\/v1/, '')
    .replace(/^\/tickets\/[^/]+/, '/tickets/{id}')
    .replace(/\/files\/[^/]+$/, '/files/{name}');
  return {
    request,
    url,
    route: `${request.method} ${path}`,
    id: id ?? '',
    name: kind === 'files' ? safeFile(name) : '',
  };
}

/** The mock writes files under names that clients choose: only plain ones. */
function safeFile(name: string | undefined): string {
  return /^[A-Za-z0-9][A-Za-z0-9._-]{0,120}$/.test(name ?? '') ? (name ?? '') : 'unnamed.bin';
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
  updatedAt: _updatedAt,
  ...ticket
}: MockTicket): unknown {
  return { ...ticket, nativeState: ticket.state };
}

function touch(ticket: MockTicket): void {
  ticket.revision = String(Number(ticket.revision) + 1);
  ticket.updatedAt = new Date().toISOString();
}

function isAuthorized(request: IncomingMessage, token: string): boolean {
  const [given, expected] = [request.headers.authorization ?? '', `Bearer ${token}`].map((text) =>
    createHash('sha256').update(text).digest(),
  ) as [Buffer, Buffer];
  return timingSafeEqual(given, expected);
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString('utf8'));
}

function problem(status: number, detail: string): Answer {
  return { status, body: { status, detail } };
}

function reply(response: ServerResponse, { status, body }: Answer, headers: Record<string, string> = {}): void {
  const type = status >= 400 ? 'application/problem+json' : 'application/json';
  response.writeHead(status, { 'content-type': type, ...headers }).end(JSON.stringify(body ?? {}));
}
