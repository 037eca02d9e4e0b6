import type { z } from 'zod';
import { defined } from '../../domain/defined.js';
import { HelpDeskError } from '../help-desk.js';
import { agreed } from '../http/answer.js';
import { addressOf, type HttpAnswer, type HttpCall, type HttpEnvironment } from '../http/call.js';
import { basicCredential, tokenCredential } from '../http/credential.js';
import type { Meaning } from '../http/failure.js';
import { type Http, openHttp } from '../http/http.js';
import { fieldErrorsSchema, foundSchema, tenantSchema } from './answers.js';

export type JiraAccess = {
  url: string;
  /** Whose token it is, on Cloud; Data Center has none. */
  email?: string | undefined;
  token: string;
  /** Of a site whose token has scopes: such tokens work at the gateway only. */
  cloudId?: string | undefined;
  env: HttpEnvironment;
  timeoutMs?: number;
  /** Where Atlassian's gateway is. */
  gateway?: string;
};

/** Issues with many files, and screens with many values, are long. */
const maxAnswerBytes = 8 * 1024 * 1024;
const pageSize = 50;

/** The requests of Jira: at the site or at the gateway, of Cloud or of Data Center. */
export class JiraApi {
  /** The site: people's links lead there, wherever requests go. */
  readonly origin: string;
  readonly isCloud: boolean;
  private base: URL;
  private readonly gateway: string;
  private readonly http: Http;

  /** @throws UserError `insecure-url`, `insecure-tls` */
  constructor({ url, email, token, cloudId, env, timeoutMs, gateway = 'https://api.atlassian.com' }: JiraAccess) {
    const site = new URL(url.endsWith('/') ? url : `${url}/`);
    this.isCloud = email !== undefined;
    this.gateway = gateway;
    this.origin = `${site.origin}${site.pathname.replace(/\/$/, '')}`;
    this.base = this.isCloud && cloudId !== undefined ? this.gatewayOf(cloudId) : site;
    const alsoAt = this.isCloud ? new URL(gateway) : undefined;
    const credential = email === undefined ? tokenCredential(token) : basicCredential(email, token);
    this.http = openHttp({
      base: site,
      credential,
      env,
      meaning: meaningAt(this.isCloud),
      ...defined({ timeoutMs, alsoAt }),
    });
  }

  send(call: HttpCall, signal: AbortSignal): Promise<HttpAnswer> {
    return this.http.send(call, signal);
  }

  async ask<T extends z.ZodType>(schema: T, call: HttpCall, signal: AbortSignal): Promise<z.output<T>> {
    return agreed(schema, call, await this.send(call, signal));
  }

  /** @param path below `rest/api/` */
  read(path: string, query: Record<string, string> = {}): HttpCall {
    return { method: 'GET', url: this.at(path, query), safe: true, maxAnswerBytes };
  }

  write(method: 'POST' | 'PUT', path: string, body: unknown): HttpCall {
    return { method, url: this.at(path), body: JSON.stringify(body), maxAnswerBytes };
  }

  /** A question that is too long for an address. */
  question(path: string, body: unknown): HttpCall {
    return { ...this.write('POST', path, body), safe: true };
  }

  at(path: string, query: Record<string, string> = {}): URL {
    return addressOf(this.base, `rest/api/${path}`, query);
  }

  /** The issues of a search, page by page. */
  async search<T extends z.ZodType>(
    issue: T,
    { jql, fields, limit }: { jql: string; fields: readonly string[]; limit: number },
    signal: AbortSignal,
  ): Promise<z.output<T>[]> {
    const found: z.output<T>[] = [];
    let token: string | undefined;
    do {
      const maxResults = Math.min(pageSize, limit - found.length);
      const call = this.page({ jql, fields, maxResults }, { token, startAt: found.length });
      const page = await this.ask(foundSchema(issue), call, signal);
      found.push(...page.issues);
      if (page.issues.length === 0) break;
      token = this.isCloud ? (page.nextPageToken ?? undefined) : found.length < (page.total ?? 0) ? 'more' : undefined;
    } while (token !== undefined && found.length < limit);
    return found;
  }

  /** `search` of old answers 410 on Cloud; Data Center has nothing else. */
  private page(
    { jql, fields, maxResults }: { jql: string; fields: readonly string[]; maxResults: number },
    { token, startAt }: { token: string | undefined; startAt: number },
  ): HttpCall {
    if (this.isCloud)
      return this.question('3/search/jql', { jql, fields, maxResults, ...defined({ nextPageToken: token }) });
    const query = { jql, fields: fields.join(','), maxResults: String(maxResults), startAt: String(startAt) };
    return this.read('2/search', query);
  }

  /** All items of a list that comes in pages. */
  async pages<T>(
    schema: z.ZodType<{ total: number | undefined; items: T[] }>,
    path: string,
    signal: AbortSignal,
  ): Promise<T[]> {
    const all: T[] = [];
    for (;;) {
      const call = this.read(path, { startAt: String(all.length), maxResults: '100' });
      const { total = 0, items } = await this.ask(schema, call, signal);
      all.push(...items);
      if (items.length === 0 || all.length >= total) return all;
    }
  }

  /**
   * Does the same at the gateway, where tokens with scopes are taken, and stays there if it went well.
   * @returns the site's id; undefined where it has none
   */
  async movedToGateway(work: () => Promise<unknown>, signal: AbortSignal): Promise<string | undefined> {
    const cloudId = await this.cloudId(signal);
    if (cloudId === undefined) return undefined;
    const site = this.base;
    this.base = this.gatewayOf(cloudId);
    try {
      await work();
      return cloudId;
    } catch (error) {
      this.base = site;
      throw error;
    }
  }

  private async cloudId(signal: AbortSignal): Promise<string | undefined> {
    const isThere = this.isCloud && this.base.origin === new URL(this.origin).origin;
    if (!isThere) return undefined;
    const call: HttpCall = { method: 'GET', url: new URL('_edge/tenant_info', this.base), safe: true };
    try {
      return (await this.ask(tenantSchema, call, signal)).cloudId;
    } catch (error) {
      if (error instanceof HelpDeskError) return undefined; // the refusal that led here says more
      throw error;
    }
  }

  private gatewayOf(cloudId: string): URL {
    return new URL(`/ex/jira/${cloudId}/`, this.gateway);
  }
}

/** What only Jira says, on answers of every status. */
function meaningAt(isCloud: boolean): Meaning {
  return ({ status, headers, body }, { method, url }) => {
    const login = String(headers['x-seraph-loginreason'] ?? '');
    // An expired token is no error to Jira: it answers as to anybody, with what anybody may see.
    if (login.includes('AUTHENTICATED_FAILED') && status !== 401) return { kind: 'auth', because: notAccepted };
    if (login.includes('AUTHENTICATION_DENIED')) return { kind: 'auth', because: locked };
    if (status === 401 && isCloud && !url.pathname.startsWith('/ex/jira/')) return { kind: 'auth', because: scoped };
    const isPage = status >= 200 && status < 300 && String(headers['content-type'] ?? '').startsWith('text/html');
    if (isPage) return { kind: 'auth', because: 'a web page, as of a login' };
    const limit = headers['ratelimit-reason'];
    if (status === 429 && limit !== undefined) return { kind: 'rate-limited', because: String(limit) };
    if (status !== 400 || method !== 'POST' || !/\/issue$/.test(url.pathname)) return undefined;
    // Which of these are missing, and not wrong, is for whoever knows what was sent.
    const { errors = {} } = fieldErrorsSchema.safeParse(body).data ?? {};
    return { kind: 'invalid', required: Object.entries(errors).map(([field, label]) => ({ field, label })) };
  };
}

const notAccepted = 'the token is not accepted: it has expired, or it is of another account';
const locked = 'the account is locked until it logs in with a browser and reads a CAPTCHA';
const scoped = 'the token is not accepted; one with scopes needs helpdesk.cloudId, which the examination names';

/** Where an issue is, by its id or key. */
export function issuePath(id: string, rest = ''): string {
  return `2/issue/${encodeURIComponent(id)}${rest}`;
}
