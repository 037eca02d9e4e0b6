import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { expect, onTestFinished } from 'vitest';
import { answerFaults, requestFaults, type ServiceNowCall } from './schemas/servicenow.ts';
import {
  freshTables,
  hasColumn,
  newId,
  type Row,
  select,
  sha256Of,
  stamp,
  stateLabels,
  type Tables,
} from './servicenow-data.ts';

/** What an instance does that icepack must not fall for; each is off unless a test turns it on. */
export type ServiceNowFaults = {
  /** Fields that the account may not read, also as `table.field`: absent from answers, ignored in queries. */
  unreadable: Set<string>;
  /** Fields that the account may not write: dropped, with 200 or 201. */
  unwritable: Set<string>;
  /** `glide.invalid_query.returns_no_rows` */
  noneWhenInvalid: boolean;
  /** Rows that the account may not see; asked after the limit was applied. */
  hidden: (row: Row) => boolean;
  /** Tables without any right: 200 and no rows, or 403. */
  closedTables: Map<string, 'empty' | 'forbidden'>;
  closedApi: 'table' | 'attachment' | undefined;
  /** Changes a row before it is kept; what it returns is the rule that refuses it. */
  rule: (change: Row, before: Row | undefined) => string | undefined;
  mayClose: boolean;
  uniqueReference: boolean;
  asleep: 'page' | 'redirect' | undefined;
  /** Answers nobody is logged in for. */
  guest: boolean;
  secondFactor: boolean;
  busy: 'rule' | 'queue' | undefined;
  refuseFile: { status: number; detail: string } | undefined;
  scan: 'pending' | 'available' | 'not_available' | undefined;
  /** No `hash` in what is said of a file. */
  withoutHash: boolean;
  keptBytes: number | undefined;
  dropFile: boolean;
  keepState: boolean;
  /** How an import ends; `unnamed` tells no number. */
  imports: 'inserted' | 'error' | 'ignored' | 'unnamed';
};

export type ServiceNowFake = {
  url: string;
  faults: ServiceNowFaults;
  tables: Tables;
  contents: Map<string, Buffer>;
  /** `METHOD /path?query` of everything that came. */
  requests: string[];
  /** The bodies that were sent, and how. */
  sent: { line: string; body: unknown; headers: IncomingMessage['headers'] }[];
  /** Makes the tokens that were handed out worthless. */
  expireTokens(): void;
};

type Answer = { status: number; body: unknown; headers?: Record<string, string> };
type Exchange = {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingMessage['headers'];
  body: Buffer;
};

/** The account that the fake knows, in each of the three ways. */
export const servicenowLogin = {
  user: 'icepack',
  password: 'tok-canary-0123456789',
  clientId: 'c11e27',
  clientSecret: 'secret-canary-0123',
  apiKey: 'key-canary-0123',
};

const harmless = (): ServiceNowFaults => ({
  unreadable: new Set(),
  unwritable: new Set(),
  noneWhenInvalid: false,
  hidden: () => false,
  closedTables: new Map(),
  closedApi: undefined,
  rule: () => undefined,
  mayClose: true,
  uniqueReference: false,
  asleep: undefined,
  guest: false,
  secondFactor: false,
  busy: undefined,
  refuseFile: undefined,
  scan: 'available',
  withoutHash: false,
  keptBytes: undefined,
  dropFile: false,
  keepState: false,
  imports: 'inserted',
});

/** An instance of ServiceNow with one account. What it is sent and what it answers is held against the vendor's pages. */
export async function startServiceNow(): Promise<ServiceNowFake> {
  const instance = new Instance();
  const violations: string[] = [];
  const server = createServer((request, response) => {
    void (async () => {
      const { pathname, searchParams: query } = new URL(request.url ?? '/', 'http://fake');
      const exchange = {
        method: request.method ?? '',
        path: pathname,
        query,
        headers: request.headers,
        body: await buffer(request),
      };
      const { status, body, headers } = instance.answer(exchange, violations);
      const text = typeof body === 'string' ? body : JSON.stringify(body);
      response.writeHead(status, { 'content-type': 'application/json;charset=UTF-8', ...headers });
      response.end(text);
    })().catch((error: unknown) => {
      violations.push(String(error));
      response.destroy();
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(async () => {
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
    expect(violations).toEqual([]);
  });
  const { faults, tables, contents, requests, sent } = instance;
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, faults, tables, contents, requests, sent, expireTokens: () => instance.tokens.clear() };
}

const failed = (status: number, message: string, detail: string, headers: Record<string, string> = {}): Answer => ({
  ...{ status, headers },
  body: { error: { message, detail }, status: 'failure' },
});
const hibernating = '<!DOCTYPE html><html><head><title>Instance Hibernating page</title></head><body></body></html>';

class Instance {
  readonly faults = harmless();
  readonly me = newId();
  readonly tables = freshTables(this.me);
  readonly contents = new Map<string, Buffer>();
  readonly requests: string[] = [];
  readonly sent: ServiceNowFake['sent'] = [];
  readonly tokens = new Set<string>();
  private numbers = 10_000;

  answer(exchange: Exchange, violations: string[]): Answer {
    const { method, path, query, headers } = exchange;
    const line = `${method} ${path}${query.size > 0 ? `?${query}` : ''}`;
    this.requests.push(line);
    const { asleep } = this.faults;
    if (asleep === 'page') return { status: 200, body: hibernating, headers: { 'content-type': 'text/html' } };
    if (asleep === 'redirect')
      return { status: 302, body: '', headers: { location: 'https://developer.servicenow.com/dev.do#!/wake' } };
    const call = callOf(exchange);
    const sent = bodyOf(exchange);
    this.sent.push({ line, body: sent, headers });
    violations.push(...requestFaults(call, { query: Object.fromEntries(query), body: sent }));
    const given = this.admit(exchange) ?? this.route(call, exchange, sent as Row);
    violations.push(...answerFaults(call, given));
    const isLoggedIn = given.status !== 401 && !this.faults.guest;
    return { ...given, headers: { 'x-is-logged-in': String(isLoggedIn), ...given.headers } };
  }

  /** What happens before anything is done. */
  private admit({ method, path, headers }: Exchange): Answer | undefined {
    const { faults } = this;
    const isRead = method === 'GET';
    if (headers.accept !== 'application/json' || (!isRead && headers['content-type'] === undefined))
      return failed(400, 'Bad Request', 'Accept and Content-Type are mandatory');
    if (path === '/oauth_token.do') return undefined;
    if (headers.cookie !== undefined) return failed(401, 'User Not Authenticated', 'a session of somebody else');
    if (faults.secondFactor) return failed(401, 'User Not Authenticated', 'MFA', { 'x-mfa_token': 'invalid' });
    if (!this.isOurs(headers)) return failed(401, 'User Not Authenticated', 'Required to provide Auth information');
    if (faults.busy === 'queue') return failed(429, 'Too many requests', 'The semaphore queue is full');
    if (faults.busy === 'rule')
      return failed(429, 'Rate limit exceeded', 'per hour', {
        ...{ 'retry-after': '90', 'x-ratelimit-limit': '100', 'x-ratelimit-rule': 'icepack' },
      });
    if (faults.closedApi !== undefined && path.startsWith(`/api/now/${faults.closedApi}`))
      return failed(403, 'User Not Authorized', 'Failed API level ACL Validation');
    return undefined;
  }

  private isOurs({ authorization, 'x-sn-apikey': key }: Exchange['headers']): boolean {
    const { user, password, apiKey } = servicenowLogin;
    if (key !== undefined) return key === apiKey && authorization === undefined;
    const [scheme, proof = ''] = (authorization ?? '').split(' ');
    if (scheme === 'Bearer') return this.tokens.has(proof);
    return scheme === 'Basic' && Buffer.from(proof, 'base64').toString() === `${user}:${password}`;
  }

  private route(call: ServiceNowCall, { path, query, body }: Exchange, sent: Row): Answer {
    const [, , , , table = '', id = ''] = path.split('/');
    const shape = {
      table,
      fields: query.get('sysparm_fields') ?? '',
      display: query.get('sysparm_display_value') ?? 'false',
    };
    if (call === 'fetch token') return this.token(sent);
    if (call === 'list files') return this.listFiles(query);
    if (call === 'upload file') return this.upload(query, body);
    if (call === 'import row') return this.import(table, sent);
    if (this.tables[table] === undefined) return failed(400, `Invalid table ${table}`, '');
    if (call === 'list rows') return this.list(shape, query);
    if (call === 'read row') return this.read(shape, id);
    return call === 'insert row' ? this.insert(shape, sent) : this.update(shape, id, sent);
  }

  private token({ client_id, client_secret }: Row): Answer {
    const { clientId, clientSecret } = servicenowLogin;
    if (client_id !== clientId || client_secret !== clientSecret)
      return { status: 401, body: { error: 'access_denied', error_description: 'client_credentials are wrong' } };
    const token = `access-canary-${newId()}`;
    this.tokens.add(token);
    return { status: 200, body: { access_token: token, token_type: 'Bearer', expires_in: 1799, scope: 'useraccount' } };
  }

  private select(table: string, query: URLSearchParams): { rows: Row[]; headers: Record<string, string> } {
    const { faults, me } = this;
    const isKnown = (field: string) => this.isReadable(table, field);
    const options = { isKnown, me, noneWhenInvalid: faults.noneWhenInvalid };
    const found = select(this.tables[table] ?? [], query.get('sysparm_query') ?? '', options);
    const isOpen = faults.closedTables.get(table) !== 'empty';
    const rows = found
      .slice(0, Number(query.get('sysparm_limit') ?? 10_000))
      .filter((row) => isOpen && !faults.hidden(row));
    const counted = table === 'sys_journal_field' && !isOpen ? 0 : found.length; // a rule of its own counts nothing
    return { rows, headers: { 'x-total-count': String(counted) } };
  }

  private list(shape: Shape, query: URLSearchParams): Answer {
    if (this.faults.closedTables.get(shape.table) === 'forbidden')
      return failed(403, 'User Not Authorized', 'Failed API level ACL Validation');
    const { rows, headers } = this.select(shape.table, query);
    return { status: 200, headers, body: { result: rows.map((row) => this.shown(row, shape)) } };
  }

  private read(shape: Shape, id: string): Answer {
    const row = this.find(shape.table, id);
    return row === undefined ? notFound : { status: 200, body: { result: this.shown(row, shape) } };
  }

  private find(table: string, id: string): Row | undefined {
    return this.tables[table]?.find((row) => row['sys_id'] === id && !this.faults.hidden(row));
  }

  private insert(shape: Shape, values: Row): Answer {
    const now = stamp();
    const { faults } = this;
    const made: Row = {
      ...{ sys_id: newId(), number: `INC${String(++this.numbers).padStart(7, '0')}`, state: '1', hold_reason: '' },
      ...{
        sys_created_on: now,
        sys_updated_on: now,
        sys_mod_count: '0',
        opened_by: this.me,
        sys_created_by: 'icepack',
      },
      ...{ correlation_id: '', short_description: '', close_code: '', close_notes: '' },
    };
    const change = this.writable(shape.table, values);
    const refused = faults.rule(change, undefined);
    if (refused !== undefined) return failed(403, 'Operation Failed', refused);
    const isTaken = this.tables['incident']?.some((row) => row['correlation_id'] === change['correlation_id']);
    if (faults.uniqueReference && isTaken)
      return failed(
        403,
        'Operation Failed',
        "Unique Key violation detected by database (Duplicate entry for key 'correlation_id')",
      );
    const row = { ...made, ...change, priority: priorityOf(change) };
    this.tables[shape.table]?.push(row);
    return { status: 201, body: { result: this.shown(row, shape) } };
  }

  /** The transform map of the staging table makes a row of the table, or says why not. */
  private import(staging: string, values: Row): Answer {
    const { imports: status } = this.faults;
    const told = (result: Row): Answer => ({
      status: 201,
      body: { import_set: 'ISET0010001', staging_table: staging, result: [{ transform_map: 'icepack', ...result }] },
    });
    if (status === 'error' || status === 'ignored')
      return told({ status, table: 'incident', error_message: `the row was ${status}` });
    this.insert({ table: 'incident', fields: 'sys_id', display: 'false' }, values);
    const { sys_id: id = '', number = '' } = this.tables['incident']?.at(-1) ?? {};
    const name: Row = status === 'unnamed' ? {} : { display_name: 'number', display_value: number };
    return told({ status: 'inserted', table: 'incident', sys_id: id, ...name });
  }

  private update(shape: Shape, id: string, values: Row): Answer {
    const row = this.find(shape.table, id);
    if (row === undefined) return notFound;
    const change = this.writable(shape.table, values);
    const refused = this.faults.rule(change, row) ?? this.baseRules(change, row);
    if (refused !== undefined) return failed(403, 'Operation Failed', refused);
    if (change['state'] !== undefined && this.faults.keepState) {
      this.faults.keepState = false;
      return { status: 200, body: { result: this.shown(row, shape) } };
    }
    for (const element of ['comments', 'work_notes']) this.note(id, element, change[element]);
    const { comments: _comments, work_notes: _notes, ...kept } = change;
    Object.assign(row, kept, { sys_updated_on: stamp(), sys_mod_count: String(Number(row['sys_mod_count']) + 1) });
    if (row['state'] !== '3') row['hold_reason'] = '';
    return { status: 200, body: { result: this.shown(row, shape) } };
  }

  private note(id: string, element: string, value: string | undefined): void {
    if (!value) return;
    const entry = { sys_id: newId(), element_id: id, element, value, name: 'incident' };
    this.tables['sys_journal_field']?.push({ ...entry, sys_created_on: stamp(), sys_created_by: 'icepack' });
  }

  /** Rules and policies of the base system. */
  private baseRules(change: Row, before: Row): string | undefined {
    const to = change['state'];
    const aborted = (rule: string) =>
      `Operation against file 'incident' was aborted by Business Rule '${rule}^0e5b9945'. Business Rule Stack:${rule}`;
    if (to !== undefined && before['state'] === '7') return aborted('Restrict Closed');
    if (to === '3' && change['hold_reason'] === '1' && !change['comments'])
      return 'Data Policy Exception: The following fields are mandatory: Additional comments';
    if ((to === '6' || to === '7') && !(change['close_code'] && change['close_notes']))
      return 'Data Policy Exception: The following fields are mandatory: Resolution code, Resolution notes';
    return to === '7' && !this.faults.mayClose ? aborted('Only itil_admin closes') : undefined;
  }

  private writable(table: string, values: Row): Row {
    const isKept = ([field]: [string, string]) => hasColumn(table, field) && !this.faults.unwritable.has(field);
    return Object.fromEntries(Object.entries(values).filter(isKept));
  }

  /** The fields that were asked for, that there are, and that may be read. */
  private shown(row: Row, { table, fields, display }: Shape): Record<string, unknown> {
    const asked = fields.split(',').filter((field) => this.isReadable(table, field));
    return Object.fromEntries(
      asked.map((field) => {
        const value = row[field] ?? '';
        const seen = this.displayOf(row, field);
        return [field, display === 'all' ? { value, display_value: seen } : display === 'true' ? seen : value];
      }),
    );
  }

  private isReadable(table: string, field: string): boolean {
    const { unreadable } = this.faults;
    return hasColumn(table, field) && !unreadable.has(field) && !unreadable.has(`${table}.${field}`);
  }

  private displayOf(row: Row, field: string): string {
    const { sys_id: id, [field]: value = '' } = row;
    if (field === 'state') return stateLabels[value] ?? value;
    if (field !== 'comments' && field !== 'work_notes') return value;
    const title = field === 'comments' ? 'Additional comments' : 'Work notes';
    return (this.tables['sys_journal_field'] ?? [])
      .filter((entry) => entry['element_id'] === id && entry['element'] === field)
      .map((entry) => `${entry['sys_created_on']} - icepack (${title})\n${entry['value']}\n\n`)
      .toReversed()
      .join('');
  }

  private listFiles(query: URLSearchParams): Answer {
    const { rows, headers } = this.select('sys_attachment', query);
    return { status: 200, headers, body: { result: rows.map((row) => this.fileOf(row)) } };
  }

  private upload(query: URLSearchParams, received: Buffer): Answer {
    const { faults } = this;
    const id = query.get('table_sys_id') ?? '';
    if (this.find(query.get('table_name') ?? '', id) === undefined) return notFound;
    if (faults.refuseFile)
      return failed(faults.refuseFile.status, 'Failed to create the attachment', faults.refuseFile.detail);
    const content = received.subarray(0, faults.keptBytes ?? received.length);
    const row: Row = {
      ...{ sys_id: newId(), table_name: 'incident', table_sys_id: id, file_name: query.get('file_name') ?? '' },
      ...{ size_bytes: String(content.length), content_type: 'application/zip', compressed: 'true', download_link: '' },
      ...{ hash: sha256Of(content), sys_created_on: stamp(), state: 'pending' },
    };
    if (!faults.dropFile) {
      this.tables['sys_attachment']?.push(row);
      this.contents.set(row['sys_id'] ?? '', content);
    }
    faults.dropFile = false;
    return { status: 201, body: { result: this.fileOf(row, 'pending') } };
  }

  private fileOf({ hash = '', ...row }: Row, state = this.faults.scan): Row {
    return { ...row, ...(this.faults.withoutHash ? {} : { hash }), ...(state ? { state } : {}) };
  }
}

type Shape = { table: string; fields: string; display: string };

const notFound = failed(404, 'No Record found', "Record doesn't exist or ACL restricts the record retrieval");

/** Whatever was sent, the priority is made of these two. */
function priorityOf({ impact = '3', urgency = '3' }: Row): string {
  return String(Math.max(1, Number(impact) + Number(urgency) - 1));
}

function callOf({ method, path }: Exchange): ServiceNowCall {
  if (path === '/oauth_token.do') return 'fetch token';
  if (path === '/api/now/attachment' && method === 'GET') return 'list files';
  if (path === '/api/now/attachment/file' && method === 'POST') return 'upload file';
  const [, id] = /^\/api\/now\/table\/[a-z_]+(?:\/([^/]+))?$/.exec(path) ?? [];
  if (method === 'POST' && path.startsWith('/api/now/import/')) return 'import row';
  if (method === 'GET') return id === undefined ? 'list rows' : 'read row';
  if (method === 'POST' && id === undefined) return 'insert row';
  if (method === 'PATCH' && id !== undefined) return 'update row';
  throw new Error(`there is no ${method} ${path}`);
}

function bodyOf({ headers, body }: Exchange): unknown {
  const type = headers['content-type'] ?? '';
  if (type === 'application/json') return JSON.parse(body.toString());
  if (type === 'application/x-www-form-urlencoded') return Object.fromEntries(new URLSearchParams(body.toString()));
  return undefined;
}
