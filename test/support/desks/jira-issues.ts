import type { Ledger } from '../../helpdesk/contract.ts';
import { attachmentBean, digest, type FakeIssue, type FakeProject, jiraTime, statusBean } from './jira-project.ts';
import { type Indexed, searched } from './jira-search.ts';
import { type Answer, type Asked, error, fieldError, type JiraTraps, ok } from './jira-traps.ts';

const states: Record<string, string> = {
  'Waiting for support': 'open',
  'Waiting for customer': 'awaiting-information',
  Resolved: 'fixed',
  Closed: 'closed',
};

/** The issues of a Jira, what search knows of them, and what can be done with them. */
export class FakeIssues {
  readonly all: FakeIssue[] = [];
  private readonly base = 'https://example.atlassian.net';
  private readonly projects: readonly [FakeProject, ...FakeProject[]];
  private readonly traps: JiraTraps;
  private readonly index = new Map<string, Indexed>();

  constructor(projects: readonly [FakeProject, ...FakeProject[]], traps: JiraTraps) {
    this.projects = projects;
    this.traps = traps;
  }

  catchUp(): void {
    for (const issue of this.all) this.indexed(issue);
  }

  ledger(): Ledger {
    return this.all.map(({ labels, status, attachments, comments }) => ({
      reference: (labels.find((label) => label.startsWith('ref-')) ?? '').slice('ref-'.length),
      state: states[status] ?? 'other',
      files: attachments.map(({ filename, content }) => ({
        ...{ name: filename, bytes: content.length, sha256: digest(content) },
      })),
      markers: comments.flatMap(({ body }) => /\[\w+ \w+\]/.exec(body) ?? []),
    }));
  }

  create({ fields }: { fields: Record<string, unknown> }): Answer {
    const project = this.projects.find(({ key }) => key === (fields['project'] as { key: string }).key);
    if (project === undefined) return fieldError('project', 'valid project is required');
    const wrong = wrongField(project, fields) ?? this.unassignable(fields['assignee']);
    if (wrong !== undefined) return wrong;
    const number = this.all.filter(({ key }) => key.startsWith(`${project.key}-`)).length + 1;
    const now = new Date();
    const issue: FakeIssue = {
      ...{ id: String(10_001 + this.all.length), key: `${project.key}-${number}` },
      fields: Object.fromEntries(Object.entries(fields).filter(([id]) => !this.traps.emptied.has(id))),
      labels: this.traps.labels === 'kept' ? ((fields['labels'] as string[] | undefined) ?? []).toSorted() : [],
      status: project.statuses[0]?.name ?? '',
      ...{ created: now, updated: now, attachments: [], comments: [], worklogs: [] },
    };
    this.all.push(issue);
    this.changed(issue);
    return { status: 201, body: { id: issue.id, key: issue.key, self: `${this.base}/rest/api/2/issue/${issue.id}` } };
  }

  private unassignable(assignee: unknown): Answer | undefined {
    const { id, name } = (assignee ?? {}) as { id?: string; name?: string };
    const account = id ?? name ?? '';
    if (!this.traps.unassignable.has(account)) return undefined;
    return fieldError('assignee', `User '${account}' cannot be assigned issues.`);
  }

  search({ method, url, body }: Asked): Answer {
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

  bulkFetch({ issueIdsOrKeys }: { issueIdsOrKeys: string[] }): Answer {
    const found = this.all.filter(({ key }) => issueIdsOrKeys.includes(key) && !this.traps.hidden.has(key));
    return ok({ issues: found.map((issue) => this.bean(issue)), issueErrors: [] });
  }

  /** What is asked of one issue, by its id or key. */
  async ofIssue(name: string, part: string, asked: Asked): Promise<Answer> {
    const issue = this.all.find(({ id, key }) => id === name || key === name);
    if (issue === undefined || this.traps.hidden.has(issue.key))
      return error(404, 'Issue does not exist or you do not have permission to see it.');
    const isPost = asked.method === 'POST';
    if (part === 'comment') return isPost ? this.comment(issue, asked.body) : this.comments(issue, asked.url);
    if (part === 'worklog') return isPost ? this.logWork(issue, asked.body) : this.worklogs(issue, asked.url);
    if (part === 'transitions') return isPost ? this.transition(issue, asked.body) : this.transitions(issue);
    if (part === 'attachments') return this.attach(issue, asked);
    return asked.method === 'PUT' ? this.edit(issue, asked.body) : ok(this.bean(issue));
  }

  private edit(issue: FakeIssue, body: unknown): Answer {
    const { update } = body as { update: { labels: { add: string }[] } };
    const labels = [...issue.labels, ...update.labels.map(({ add }) => add)];
    if (this.traps.labels !== 'never kept') issue.labels = [...new Set(labels)].toSorted();
    this.changed(issue);
    return { status: 204 };
  }

  /** As the index knows it; ids only, where no fields are asked for. */
  private hit({ key, labels, status }: Indexed, fields: readonly string[] | undefined) {
    const issue = this.all.find((each) => each.key === key);
    if (issue === undefined) throw new Error(`${key} is not there`);
    return fields === undefined ? { id: issue.id } : this.bean({ ...issue, labels, status });
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

  private worklogs({ worklogs }: FakeIssue, { searchParams }: URL): Answer {
    if (!this.traps.timeTracking) return error(404, 'Time tracking is disabled.');
    const startAt = Number(searchParams.get('startAt') ?? 0);
    return ok({ startAt, maxResults: 2, total: worklogs.length, worklogs: worklogs.slice(startAt, startAt + 2) });
  }

  /** What comes twice is counted twice. */
  private logWork(issue: FakeIssue, given: unknown): Answer {
    if (this.traps.denied.has('WORK_ON_ISSUES')) return error(400, 'You do not have the permission to log work.');
    const { comment, timeSpentSeconds } = given as { comment: string; timeSpentSeconds: number };
    const made = { id: String(900 + issue.worklogs.length), comment, timeSpentSeconds };
    issue.worklogs.push(made);
    this.changed(issue);
    return { status: 201, body: made };
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
    return ok([attachmentBean(this.base, { ...made, content })]);
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
      ...{ id, key, self: `${this.base}/rest/api/2/issue/${id}` },
      fields: {
        ...Object.fromEntries(Object.entries(issue.fields).filter(([id]) => /^(customfield_|components)/.test(id))),
        ...{ assignee: userBean(issue.fields['assignee']), reporter: userBean(issue.fields['reporter']) },
        ...{ summary: String(issue.fields['summary']), labels, created: jiraTime(created), updated: jiraTime(updated) },
        status: statusBean(this.projectOf(issue), issue.status),
        attachment: attachments.map((each) => attachmentBean(this.base, each)),
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

function userBean(given: unknown) {
  const { id, name } = (given ?? {}) as { id?: string; name?: string };
  return given === undefined ? null : { ...(id ? { accountId: id } : {}), ...(name ? { name } : {}) };
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
