import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import {
  attachmentBean,
  digest,
  type FakeIssue,
  type FakeProject,
  fieldBean,
  jiraTime,
  serviceProject,
  statusBean,
} from './jira-project.ts';
import { type Indexed, searched } from './jira-search.ts';
import { answerFaults, requestFaults } from './jira-wire.ts';

export const email = 'icepack@example.com';
const cloudId = '11223344-a1b2-3b33-c444-def123456789';

/** What this Jira does besides answering; each is a documented or reported trap. */
export type JiraTraps = {
  /** Data Center: a personal token, `/search`, no `bulkfetch`. */
  dataCenter: boolean;
  /** Search does not learn of anything new. */
  searchLags: boolean;
  /** The token: good, expired (everything is answered as to anybody), with scopes (gateway only), or locked out. */
  token: 'good' | 'expired' | 'scoped' | 'locked';
  tenantInfo: boolean;
  /** Every request for more is 429 with this reason. */
  limited: string | undefined;
  attachments: { enabled: boolean; uploadLimit: number };
  /** The next file is answered as taken: not kept, or only its half. */
  nextFile: 'kept' | 'dropped' | 'halved';
  /** The next transition: done, refused with 400 or 409, or answered as done. */
  nextTransition: 'done' | 'forbidden' | 'concurrent' | 'ignored';
  /** Labels of new issues are dropped; for good where they are dropped at each change. */
  labels: 'kept' | 'dropped at creation' | 'never kept';
  /** Issues that this account must not see. */
  hidden: Set<string>;
  /** Rights that the account does not have. */
  denied: Set<string>;
  bulkFetch: boolean;
  /** The next comment is answered as taken, and is not kept. */
  dropComment: boolean;
};

export type FakeJira = {
  url: string;
  /** Atlassian's gateway, for tokens with scopes. */
  gateway: string;
  token: string;
  cloudId: string;
  projects: [FakeProject, ...FakeProject[]];
  issues: FakeIssue[];
  traps: JiraTraps;
  /** `site POST /rest/api/2/issue` of each request that was answered. */
  requests: string[];
  /** Search learns of everything. */
  catchUp(): void;
  ledger(): { reference: string; state: string; files: object[]; markers: string[] }[];
};

type Asked = {
  method: string;
  url: URL;
  path: string;
  headers: IncomingMessage['headers'];
  raw: Buffer;
  body: unknown;
};
type Answer = { status: number; body?: unknown; headers?: Record<string, string> };

const states: Record<string, string> = {
  'Waiting for support': 'open',
  'Waiting for customer': 'awaiting-information',
  Resolved: 'fixed',
  Closed: 'closed',
};

/** A Jira as its documentation and its users describe it, in memory. Requests it would not understand are 500. */
export async function startFakeJira(token: string, traps: Partial<JiraTraps> = {}): Promise<FakeJira> {
  const fake = new Fake(token, traps);
  fake.url = await listen((request, response) => fake.handle('site', request, response));
  fake.gateway = await listen((request, response) => fake.handle('gateway', request, response));
  return fake;
}

async function listen(handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>): Promise<string> {
  const server = createServer((request, response) => void handle(request, response).catch(() => response.destroy()));
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

class Fake implements FakeJira {
  url = '';
  gateway = '';
  readonly token: string;
  readonly cloudId = cloudId;
  readonly projects: [FakeProject, ...FakeProject[]] = [serviceProject('SUP', 11), serviceProject('OPS_2', 711)];
  readonly issues: FakeIssue[] = [];
  readonly traps: JiraTraps;
  readonly requests: string[] = [];
  private readonly index = new Map<string, Indexed>();

  constructor(token: string, traps: Partial<JiraTraps>) {
    this.token = token;
    this.traps = {
      ...{ dataCenter: false, searchLags: false, token: 'good', tenantInfo: true, limited: undefined },
      ...{ attachments: { enabled: true, uploadLimit: 1_000_000_000 }, nextFile: 'kept', nextTransition: 'done' },
      ...{ labels: 'kept', hidden: new Set(), denied: new Set(), bulkFetch: true, dropComment: false },
      ...traps,
    };
  }

  catchUp(): void {
    for (const issue of this.issues) this.indexed(issue);
  }

  ledger(): ReturnType<FakeJira['ledger']> {
    return this.issues.map(({ labels, status, attachments, comments }) => ({
      reference: (labels.find((label) => label.startsWith('ref-')) ?? '').slice('ref-'.length),
      state: states[status] ?? 'other',
      files: attachments.map(({ filename, content }) => ({
        ...{ name: filename, bytes: content.length, sha256: digest(content) },
      })),
      markers: comments.flatMap(({ body }) => /\[\w+ \w+\]/.exec(body) ?? []),
    }));
  }

  async handle(at: 'site' | 'gateway', request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://jira');
    const { method = 'GET', headers } = request;
    this.requests.push(`${at} ${method} ${url.pathname}`);
    const raw = await buffer(request);
    const isJson = headers['content-type'] === 'application/json';
    const body: unknown = isJson ? JSON.parse(raw.toString()) : undefined;
    const path = this.pathOf(at, url);
    const asked: Asked = { method, url, path: path ?? '', headers, raw, body };
    const answer = path === undefined ? this.beside(at, url) : await this.guarded(at, asked);
    const given = { 'content-type': 'application/json;charset=UTF-8', ...answer.headers };
    response.writeHead(answer.status, given).end(answer.body === undefined ? '' : JSON.stringify(answer.body));
  }

  /** What the API calls it; undefined of what is no part of the API. */
  private pathOf(at: 'site' | 'gateway', { pathname }: URL): string | undefined {
    const prefix = at === 'site' ? '' : `/ex/jira/${cloudId}`;
    const isHere = pathname.startsWith(`${prefix}/rest/api/`);
    return isHere ? pathname.slice(`${prefix}/rest/api/2`.length) : undefined;
  }

  private beside(at: 'site' | 'gateway', { pathname }: URL): Answer {
    if (at === 'site' && pathname === '/_edge/tenant_info' && this.traps.tenantInfo)
      return { status: 200, body: { cloudId } };
    return { status: 404, body: { errorMessages: ['not found'], errors: {} } };
  }

  private async guarded(at: 'site' | 'gateway', asked: Asked): Promise<Answer> {
    const { method, url, path, headers, body } = asked;
    const refused = this.refusal(at, asked);
    if (refused !== undefined) return refused;
    const wrong = requestFaults(method, url, path, body);
    if (wrong.length > 0) return { status: 500, body: { errorMessages: wrong } };
    const answer = await this.answer(asked);
    const odd = answer.status === 303 ? [] : answerFaults(method, path, answer.status, answer.body);
    if (odd.length > 0) return { status: 500, body: { errorMessages: [`the fake is wrong: ${odd.join('; ')}`] } };
    const login = headers.authorization === undefined ? {} : { 'x-seraph-loginreason': 'OK' };
    return { ...answer, headers: { ...login, ...answer.headers } };
  }

  /** What comes before the request is read: who asks, from what, how often. */
  private refusal(at: 'site' | 'gateway', { method, path, headers, body }: Asked): Answer | undefined {
    const { token, limited } = this.traps;
    if (token === 'locked') return { ...error(403, 'CAPTCHA'), headers: login('AUTHENTICATION_DENIED') };
    if (token === 'expired') return { ...asAnybody(method, path), headers: login('AUTHENTICATED_FAILED') };
    const isTaken = this.isOurs(headers.authorization) && (token === 'scoped') === (at === 'gateway');
    if (!isTaken) return error(401, 'Client must be authenticated to access this resource.');
    const isWrite = method !== 'GET';
    if (isWrite && /Mozilla|Chrome|Safari/.test(headers['user-agent'] ?? '')) return error(403, 'XSRF check failed');
    if (limited !== undefined && isWrite && path === '/issue')
      return { ...error(429, 'Rate limit exceeded.'), headers: { 'retry-after': '9', 'ratelimit-reason': limited } };
    if (/^\/search$/.test(path) && !this.traps.dataCenter) return error(410, 'The requested API has been removed.');
    const isOfCloud = path === '/search/jql' || path === '/issue/bulkfetch';
    if (isOfCloud && (this.traps.dataCenter || !(this.traps.bulkFetch || path !== '/issue/bulkfetch')))
      return error(404, `no resource for ${JSON.stringify(body).slice(0, 20)}`);
    return undefined;
  }

  private isOurs(authorization: string | undefined): boolean {
    const pair = Buffer.from(`${email}:${this.token}`).toString('base64');
    return authorization === (this.traps.dataCenter ? `Bearer ${this.token}` : `Basic ${pair}`);
  }

  private async answer(asked: Asked): Promise<Answer> {
    const { method, path, url } = asked;
    const [, first = '', second = '', third = '', fourth = ''] = path.split('/').map(decodeURIComponent);
    if (first === 'myself') return ok({ displayName: 'Ice Pack', emailAddress: email, accountId: '5b10' });
    if (first === 'mypermissions') return this.permissions(url.searchParams.get('permissions') ?? '');
    if (first === 'attachment' && second === 'meta') return ok(this.traps.attachments);
    if (first === 'attachment')
      return { status: 303, headers: { location: `http://media.invalid/file/${third}?token=x` } };
    if (first === 'project') return this.projectAnswer(second, third);
    if (first === 'search') return this.search(asked);
    if (path === '/issue/bulkfetch') return this.bulkFetch(asked.body as { issueIdsOrKeys: string[] });
    if (second === 'createmeta') return this.screen(third, path.split('/')[5]);
    if (method === 'POST' && path === '/issue') return this.create(asked.body as { fields: Record<string, unknown> });
    const issue = this.issues.find(({ id, key }) => id === second || key === second);
    if (issue === undefined || this.traps.hidden.has(issue.key))
      return error(404, 'Issue does not exist or you do not have permission to see it.');
    return this.ofIssue(issue, third || fourth, asked);
  }

  private async ofIssue(issue: FakeIssue, part: string, asked: Asked): Promise<Answer> {
    const isPost = asked.method === 'POST';
    if (part === 'comment') return isPost ? this.comment(issue, asked.body) : this.comments(issue, asked.url);
    if (part === 'transitions') return isPost ? this.transition(issue, asked.body) : this.transitions(issue);
    if (part === 'attachments') return this.attach(issue, asked);
    return asked.method === 'PUT' ? this.edit(issue, asked.body) : ok(this.bean(issue));
  }

  private permissions(asked: string): Answer {
    const each = asked.split(',').map((key) => {
      return [key, { id: '1', key, name: key.toLowerCase(), havePermission: !this.traps.denied.has(key) }];
    });
    return ok({ permissions: Object.fromEntries(each) });
  }

  private projectAnswer(key: string, part: string): Answer {
    const project = this.projects.find((each) => each.key === key);
    if (project === undefined) return error(404, `No project could be found with key '${key}'.`);
    const type = { id: '10001', name: 'Task', subtask: false, self: `${this.url}/rest/api/2/issuetype/10001` };
    if (part === '') return ok({ id: '1', key, name: key, issueTypes: [type] });
    return ok([{ ...type, statuses: project.statuses.map(({ name }) => statusBean(project, name)) }]);
  }

  private screen(key: string, type: string | undefined): Answer {
    const project = this.projects.find((each) => each.key === key);
    if (project === undefined) return error(404, 'no project');
    const types = [
      { id: '10000', name: 'Epic' },
      { id: '10001', name: 'Task' },
    ];
    const list = type === undefined ? types : project.screen.map(fieldBean);
    const name = this.traps.dataCenter ? 'values' : type === undefined ? 'issueTypes' : 'fields';
    return { ...ok({ startAt: 0, maxResults: 100, total: list.length, [name]: list }) };
  }

  private create({ fields }: { fields: Record<string, unknown> }): Answer {
    const project = this.projects.find(({ key }) => key === (fields['project'] as { key: string }).key);
    if (project === undefined) return fieldError('project', 'valid project is required');
    const wrong = wrongField(project, fields);
    if (wrong !== undefined) return wrong;
    const number = this.issues.filter(({ key }) => key.startsWith(`${project.key}-`)).length + 1;
    const now = new Date();
    const issue: FakeIssue = {
      ...{ id: String(10_001 + this.issues.length), key: `${project.key}-${number}`, fields },
      labels: this.traps.labels === 'kept' ? ((fields['labels'] as string[] | undefined) ?? []).toSorted() : [],
      status: project.statuses[0]?.name ?? '',
      ...{ created: now, updated: now, attachments: [], comments: [] },
    };
    this.issues.push(issue);
    this.changed(issue);
    return { status: 201, body: { id: issue.id, key: issue.key, self: `${this.url}/rest/api/2/issue/${issue.id}` } };
  }

  private edit(issue: FakeIssue, body: unknown): Answer {
    const { update } = body as { update: { labels: { add: string }[] } };
    const labels = [...issue.labels, ...update.labels.map(({ add }) => add)];
    if (this.traps.labels !== 'never kept') issue.labels = [...new Set(labels)].toSorted();
    this.changed(issue);
    return { status: 204 };
  }

  private search({ method, url, body }: Asked): Answer {
    const query = Object.fromEntries(url.searchParams);
    const get = {
      jql: query['jql'] ?? '',
      fields: query['fields']?.split(','),
      startAt: Number(query['startAt'] ?? 0),
    };
    const post = body as { jql: string; fields?: string[]; nextPageToken?: string; maxResults?: number };
    const { jql, fields } = method === 'GET' ? get : post;
    const found = searched(jql, this.projects, [...this.index.values()]);
    if (typeof found === 'string') return error(400, found);
    const start = method === 'GET' ? get.startAt : Number(post.nextPageToken?.slice('page-'.length) ?? 0);
    const most = Math.min(Number(query['maxResults'] ?? post?.maxResults ?? 50), 2); // pages are the server's business
    const visible = found.filter(({ key }) => !this.traps.hidden.has(key));
    const issues = visible.slice(start, start + most).map((each) => this.hit(each, fields));
    const end = start + issues.length;
    if (method === 'GET') return ok({ startAt: start, maxResults: most, total: visible.length, issues });
    const more = end < visible.length;
    return ok({ issues, isLast: !more, ...(more ? { nextPageToken: `page-${end}` } : {}) });
  }

  /** As the index knows it; ids only, where no fields are asked for. */
  private hit({ key, labels, status }: Indexed, fields: readonly string[] | undefined) {
    const issue = this.issues.find((each) => each.key === key);
    if (issue === undefined) throw new Error(`${key} is not there`);
    return fields === undefined ? { id: issue.id } : this.bean({ ...issue, labels, status });
  }

  private bulkFetch({ issueIdsOrKeys }: { issueIdsOrKeys: string[] }): Answer {
    const found = this.issues.filter(({ key }) => issueIdsOrKeys.includes(key) && !this.traps.hidden.has(key));
    return ok({ issues: found.map((issue) => this.bean(issue)), issueErrors: [] });
  }

  private comments({ comments }: FakeIssue, { searchParams }: URL): Answer {
    const startAt = Number(searchParams.get('startAt') ?? 0);
    const page = comments.slice(startAt, startAt + 2).map(({ id, body, internal, created }) => {
      // Cloud keeps a document and gives its blocks back as code.
      const shown = this.traps.dataCenter ? body : body.replace(/\{noformat\}\n?/g, '{code}');
      return { id, body: shown, jsdPublic: !internal, created: jiraTime(created), author: { displayName: 'Ice Pack' } };
    });
    return ok({ startAt, maxResults: 2, total: comments.length, comments: page });
  }

  private comment(issue: FakeIssue, given: unknown): Answer {
    const { body, properties = [] } = given as { body: string; properties?: { key: string; value: object }[] };
    const internal = properties.some(({ key, value }) => key === 'sd.public.comment' && 'internal' in value);
    const made = { id: String(issue.comments.length + 1), body, internal, created: new Date() };
    if (!this.traps.dropComment) issue.comments.push(made);
    this.traps.dropComment = false;
    this.changed(issue);
    return { status: 201, body: { id: made.id, body, jsdPublic: !internal } };
  }

  private async attach(issue: FakeIssue, { raw, headers }: Asked): Promise<Answer> {
    if (headers['x-atlassian-token'] !== 'no-check') return error(403, 'XSRF check failed');
    if (!this.traps.attachments.enabled) return error(403, 'Attachments are disabled.');
    const form = await new Response(raw, { headers: { 'content-type': String(headers['content-type']) } }).formData();
    const file = form.get('file');
    if (!(file instanceof File)) return error(400, 'no part is called file');
    if (file.size > this.traps.attachments.uploadLimit)
      return error(413, 'The file exceeds its maximum permitted size');
    const content = Buffer.from(await file.arrayBuffer());
    const { nextFile } = this.traps;
    const kept = nextFile === 'halved' ? content.subarray(0, content.length / 2) : content;
    const made = { id: String(500 + issue.attachments.length), filename: file.name, content: kept };
    if (nextFile !== 'dropped') issue.attachments.push(made);
    this.traps.nextFile = 'kept';
    this.changed(issue);
    return ok([attachmentBean(this.url, { ...made, content })]);
  }

  private transitions(issue: FakeIssue): Answer {
    const project = this.projectOf(issue);
    const transitions = project.transitions
      .filter(({ from }) => from === issue.status)
      .map(({ id, to, asks = [] }) => ({
        ...{ id, name: `To ${to}`, to: statusBean(project, to) },
        fields: Object.fromEntries(asks.map((field) => [field, askedField(project, field)])),
      }));
    return ok({ transitions });
  }

  private transition(issue: FakeIssue, body: unknown): Answer {
    const { transition, fields } = body as { transition: { id: string }; fields?: { resolution?: { name: string } } };
    const { nextTransition } = this.traps;
    this.traps.nextTransition = 'done';
    if (nextTransition === 'forbidden') return error(400, "You don't have permission to do that.");
    if (nextTransition === 'concurrent') return error(409, 'The issue is being changed at the moment.');
    const project = this.projectOf(issue);
    const step = project.transitions.find(({ id, from }) => id === transition.id && from === issue.status);
    if (step === undefined)
      return error(400, 'It seems that you have tried to perform a workflow operation that is not valid.');
    const asked = step.asks ?? [];
    const resolution = fields?.resolution?.name;
    if (asked.includes('resolution') && resolution === undefined)
      return fieldError('resolution', 'Resolution is required.');
    if (!asked.includes('resolution') && resolution !== undefined)
      return fieldError('resolution', "Field 'resolution' cannot be set. It is not on the appropriate screen.");
    if (nextTransition === 'ignored') return { status: 204 };
    issue.status = step.to;
    if (resolution !== undefined) issue.resolution = resolution;
    this.changed(issue);
    return { status: 204 };
  }

  private bean(issue: FakeIssue) {
    const { id, key, labels, created, updated, attachments } = issue;
    return {
      ...{ id, key, self: `${this.url}/rest/api/2/issue/${id}` },
      fields: {
        ...{ summary: String(issue.fields['summary']), labels, created: jiraTime(created), updated: jiraTime(updated) },
        status: statusBean(this.projectOf(issue), issue.status),
        attachment: attachments.map((each) => attachmentBean(this.url, each)),
      },
    };
  }

  private projectOf({ key }: FakeIssue): FakeProject {
    return this.projects.find((project) => key.startsWith(`${project.key}-`)) ?? this.projects[0];
  }

  private changed(issue: FakeIssue): void {
    issue.updated = new Date();
    if (!this.traps.searchLags) this.indexed(issue);
  }

  private indexed({ id, key, status, labels, updated }: FakeIssue): void {
    this.index.set(id, { key, status, labels: [...labels], updated, number: Number(key.split('-')[1]) });
  }
}

function login(reason: string): Record<string, string> {
  return { 'x-seraph-loginreason': reason };
}

/** What anybody gets: a list in which there is nothing that anybody may see. */
function asAnybody(method: string, path: string): Answer {
  if (path === '/search/jql') return ok({ issues: [], isLast: true });
  if (path === '/search') return ok({ startAt: 0, maxResults: 50, total: 0, issues: [] });
  if (path.includes('createmeta')) return ok({ startAt: 0, maxResults: 50, total: 0, issueTypes: [] });
  if (method === 'GET' && path.startsWith('/issue/')) return error(404, 'Issue does not exist.');
  return error(401, 'Client must be authenticated to access this resource.');
}

function wrongField({ screen }: FakeProject, fields: Record<string, unknown>): Answer | undefined {
  const strange = Object.keys(fields).find((id) => !screen.some(({ fieldId }) => fieldId === id));
  if (strange !== undefined)
    return fieldError(strange, `Field '${strange}' cannot be set. It is not on the appropriate screen, or unknown.`);
  const missing = screen.find(({ fieldId, required }) => required && fields[fieldId] === undefined);
  if (missing !== undefined) return fieldError(missing.fieldId, `${missing.name} is required.`);
  for (const { fieldId, values, type } of screen) {
    const given = [fields[fieldId] ?? []].flat();
    const isKnown = (each: unknown) => values?.some((value) => JSON.stringify(value) === JSON.stringify(each)) ?? true;
    if (!given.every(isKnown)) return fieldError(fieldId, `${fieldId}: the value is not valid for ${type}`);
  }
  return undefined;
}

function askedField({ resolutions }: FakeProject, id: string) {
  const about = { key: id, name: id, required: true, hasDefaultValue: false, operations: ['set'] };
  if (id !== 'resolution') return { ...about, schema: { type: 'string' } };
  return { ...about, schema: { type: 'resolution' }, allowedValues: resolutions.map((name) => ({ name })) };
}

function ok(body: unknown): Answer {
  return { status: 200, body };
}

function error(status: number, text: string): Answer {
  return { status, body: { errorMessages: [text], errors: {} } };
}

function fieldError(field: string, text: string): Answer {
  return { status: 400, body: { errorMessages: [], errors: { [field]: text } } };
}
