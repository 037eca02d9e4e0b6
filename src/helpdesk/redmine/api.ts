import type { z } from 'zod';
import type { Bundle } from '../../domain/bundle-layout.js';
import { defined } from '../../domain/defined.js';
import { printableLine } from '../../domain/text.js';
import { HelpDeskError } from '../help-desk.js';
import { agreed, clockProblem } from '../http/answer.js';
import { addressOf, type HttpCall, type HttpEnvironment } from '../http/call.js';
import { fixedCredential } from '../http/credential.js';
import type { Meaning } from '../http/failure.js';
import { type Http, openHttp } from '../http/http.js';
import { fileUpload } from '../http/upload.js';
import {
  errorsSchema,
  fieldsSchema,
  type Issue,
  issueSchema,
  issuesSchema,
  membersSchema,
  type Named,
  prioritiesSchema,
  projectSchema,
  type RedmineUser,
  roleSchema,
  statusesSchema,
  type TimeEntry,
  timeEntriesSchema,
  uploadSchema,
  userSchema,
  versionsSchema,
} from './answers.js';

const maxAnswerBytes = 32 * 1024 * 1024; // a hundred issues with their descriptions
export const pageLimit = 100;

export type RedmineAddress = { url: string; token: string; project: string; env: HttpEnvironment; timeoutMs?: number };

/** The requests to Redmine. To somebody it does not know it shows less, and does not say so. */
export class RedmineApi {
  readonly origin: string;
  readonly project: string;
  readonly aboutProject = once((signal) => this.askProject(signal));
  readonly statuses = once(
    async (signal) => (await this.ask(statusesSchema, this.reading('issue_statuses'), signal)).issue_statuses,
  );
  readonly priorities = once((signal) => this.askPriorities(signal));
  /** Every custom field that the project or its newest issues show: the list of all is for administrators. */
  readonly fields = once(async (signal) => [
    ...(await this.aboutProject(signal)).issue_custom_fields,
    ...(await this.issues({ project_id: this.project, sort: 'id:desc' }, signal)).issues.flatMap(
      ({ custom_fields: fields }) => fields,
    ),
  ]);
  /** Users and groups that may work on issues of the project. */
  readonly members = once((signal) => this.askMembers(signal));
  readonly versions = once(
    async (signal) => (await this.ask(versionsSchema, this.reading(`${this.projectPath}/versions`), signal)).versions,
  );
  private readonly base: URL;
  private readonly http: Http;

  /** @throws UserError `insecure-url`, `insecure-tls` */
  constructor({ url, token, project, env, timeoutMs }: RedmineAddress) {
    this.base = new URL(url.endsWith('/') ? url : `${url}/`);
    this.project = project;
    this.origin = `${this.base.origin}${this.base.pathname.replace(/\/$/, '')}`;
    const credential = fixedCredential({ 'x-redmine-api-key': token }, token);
    this.http = openHttp({ base: this.base, credential, env, meaning, ...defined({ timeoutMs }) });
  }

  /** Proves that Redmine knows us. @throws HelpDeskError `auth`, or `forbidden` where its API is switched off */
  async user(signal: AbortSignal): Promise<{ user: RedmineUser; clock: string[] }> {
    const call = this.reading('users/current', { include: 'memberships' });
    const answer = await this.http.send(call, signal);
    return { user: agreed(userSchema, call, answer).user, clock: clockProblem(answer) };
  }

  /** @param include what is shown besides */
  async issue(id: number, include: string, signal: AbortSignal): Promise<Issue> {
    try {
      return (await this.ask(issueSchema, this.reading(`issues/${id}`, { include }), signal)).issue;
    } catch (error) {
      if (error instanceof HelpDeskError && error.kind === 'not-found') await this.user(signal);
      throw error;
    }
  }

  /** Issues in any state. That there is none is believed only when Redmine knows us. */
  async issues(query: Record<string, string>, signal: AbortSignal): Promise<z.output<typeof issuesSchema>> {
    const all = { status_id: '*', include: 'attachments', limit: String(pageLimit), ...query };
    const found = await this.ask(issuesSchema, this.reading('issues', all), signal);
    if (found.issues.length === 0) await this.user(signal);
    return found;
  }

  async create(fields: Record<string, unknown>, signal: AbortSignal): Promise<Issue> {
    const body = JSON.stringify({ issue: { project_id: this.project, ...fields } });
    return (await this.ask(issueSchema, { method: 'POST', url: this.at('issues'), body, maxAnswerBytes }, signal))
      .issue;
  }

  /** The answer is empty, and says nothing of what became of it. */
  async change(id: number, fields: Record<string, unknown>, signal: AbortSignal): Promise<void> {
    const body = JSON.stringify({ issue: fields });
    await this.http.send({ method: 'PUT', url: this.at(`issues/${id}`), body }, signal);
  }

  /** Brings a file there; nobody sees it until it is used. @returns the token that uses it, once */
  async upload(bundle: Bundle, signal: AbortSignal, onProgress?: (bytes: number) => void): Promise<string> {
    const call: HttpCall = {
      method: 'POST',
      url: this.at('uploads', { filename: bundle.name }),
      headers: { 'content-type': 'application/octet-stream' }, // no other is taken
      body: fileUpload(bundle, onProgress),
      safe: true,
    };
    return (await this.ask(uploadSchema, call, signal)).upload.token;
  }

  /** The spent time of an issue. Asked of its project, as who may not see it there gets an empty list elsewhere. */
  async timeEntries(issue: number, signal: AbortSignal): Promise<TimeEntry[]> {
    const { project } = await this.issue(issue, '', signal);
    const all: TimeEntry[] = [];
    for (;;) {
      const asked = { issue_id: String(issue), offset: String(all.length), limit: String(pageLimit) };
      const page = await this.ask(
        timeEntriesSchema,
        this.reading(`projects/${project.id}/time_entries`, asked),
        signal,
      );
      all.push(...page.time_entries);
      if (page.time_entries.length === 0 || all.length >= page.total_count) return all;
    }
  }

  /** Redmine adds what it is sent twice. */
  async enterTime(fields: Record<string, unknown>, signal: AbortSignal): Promise<void> {
    const body = JSON.stringify({ time_entry: fields });
    await this.http.send({ method: 'POST', url: this.at('time_entries'), body }, signal);
  }

  async permissions(role: number, signal: AbortSignal): Promise<string[]> {
    return (await this.ask(roleSchema, this.reading(`roles/${role}`), signal)).role.permissions;
  }

  private async askProject(signal: AbortSignal): Promise<z.output<typeof projectSchema>['project']> {
    const include = 'trackers,issue_categories,issue_custom_fields,time_entry_activities';
    return (await this.ask(projectSchema, this.reading(this.projectPath, { include }), signal)).project;
  }

  private get projectPath(): string {
    return `projects/${encodeURIComponent(this.project)}`;
  }

  private async askMembers(signal: AbortSignal) {
    const all: Named[] = [];
    for (let offset = 0; ; offset += pageLimit) {
      const call = this.reading(`${this.projectPath}/memberships`, {
        limit: String(pageLimit),
        offset: String(offset),
      });
      const { memberships, total_count: count } = await this.ask(membersSchema, call, signal);
      all.push(...memberships.flatMap(({ user, group }) => user ?? group ?? []));
      if (memberships.length === 0 || offset + memberships.length >= count) return all;
    }
  }

  /** Every custom field that an issue must have; only administrators are told. */
  async requiredFields(signal: AbortSignal): Promise<z.output<typeof fieldsSchema>['custom_fields']> {
    const { custom_fields: all } = await this.ask(fieldsSchema, this.reading('custom_fields'), signal);
    return all.filter(({ is_required }) => is_required);
  }

  private async askPriorities(signal: AbortSignal) {
    const call = this.reading('enumerations/issue_priorities');
    return (await this.ask(prioritiesSchema, call, signal)).issue_priorities.filter(({ active }) => active);
  }

  private async ask<T extends z.ZodType>(schema: T, call: HttpCall, signal: AbortSignal): Promise<z.output<T>> {
    return agreed(schema, call, await this.http.send(call, signal));
  }

  private reading(path: string, query: Record<string, string> = {}): HttpCall {
    return { method: 'GET', url: this.at(path, query), safe: true, maxAnswerBytes };
  }

  private at(path: string, query: Record<string, string> = {}): URL {
    return addressOf(this.base, `${path}.json`, query);
  }
}

/** What some answers mean that do not say it themselves, or only in the language of the account. */
const meaning: Meaning = ({ status, body }, { url }) => {
  if (status === 403 && url.pathname.endsWith('/users/current.json'))
    return { kind: 'forbidden', because: 'its REST API is switched off (Administration → Settings → API)' };
  if (status !== 422) return undefined;
  const told = errorsSchema.safeParse(body).data?.errors;
  // Which of these are fields, and missing, is for whoever knows the fields.
  if (/\/issues\.json$/.test(url.pathname))
    return told && { kind: 'invalid', required: told.map((text) => ({ field: text, label: text })) };
  if (!url.pathname.endsWith('/uploads.json')) return undefined;
  const errors = told ?? ['it does not take the file'];
  const said = printableLine(errors.join('; '), 300);
  if (/\bzip\b/i.test(said))
    return { kind: 'invalid', because: `${said} (allowed in Administration → Settings → Files)` };
  return { kind: 'too-large', because: `${said} (raised in Administration → Settings → Files, 5 MB at first)` };
};

/** Asked once; after a failure, again. */
function once<T>(ask: (signal: AbortSignal) => Promise<T>): (signal: AbortSignal) => Promise<T> {
  let answer: Promise<T> | undefined;
  return (signal) => {
    answer ??= ask(signal).catch((error: unknown) => {
      answer = undefined;
      throw error;
    });
    return answer;
  };
}
