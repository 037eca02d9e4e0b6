import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import type { Ledger } from '../../helpdesk/contract.ts';
import { FakeIssues } from './jira-issues.ts';
import { type FakeIssue, type FakeProject, fieldBean, serviceProject, statusBean } from './jira-project.ts';
import { type Answer, type Asked, error, type JiraTraps, noTraps, ok } from './jira-traps.ts';
import { answerFaults, requestFaults } from './jira-wire.ts';

export const email = 'icepack@example.com';
const cloudId = '11223344-a1b2-3b33-c444-def123456789';

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
  ledger(): Ledger;
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
  readonly issues: FakeIssue[];
  readonly traps: JiraTraps;
  readonly requests: string[] = [];
  private readonly tickets: FakeIssues;

  constructor(token: string, traps: Partial<JiraTraps>) {
    this.token = token;
    this.traps = { ...noTraps(), ...traps };
    this.tickets = new FakeIssues(this.projects, this.traps);
    this.issues = this.tickets.all;
  }

  catchUp(): void {
    this.tickets.catchUp();
  }

  ledger(): Ledger {
    return this.tickets.ledger();
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
    if (first === 'search') return this.tickets.search(asked);
    if (path === '/issue/bulkfetch') return this.tickets.bulkFetch(asked.body as { issueIdsOrKeys: string[] });
    if (second === 'createmeta') return this.screen(third, path.split('/')[5]);
    if (method === 'POST' && path === '/issue')
      return this.tickets.create(asked.body as { fields: Record<string, unknown> });
    return this.tickets.ofIssue(second, third || fourth, asked);
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
