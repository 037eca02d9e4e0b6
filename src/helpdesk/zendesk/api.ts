import type { z } from 'zod';
import type { Bundle } from '../../domain/bundle-layout.js';
import { defined } from '../../domain/defined.js';
import { HelpDeskError } from '../help-desk.js';
import { agreed } from '../http/answer.js';
import { addressOf, type HttpAnswer, type HttpCall, type HttpEnvironment } from '../http/call.js';
import { type Http, openHttp } from '../http/http.js';
import { fileUpload } from '../http/upload.js';
import { commentsSchema, type Page, uploadSchema, type ZendeskComments } from './answers.js';
import { type ZendeskProof, zendeskCredential } from './credential.js';
import { heldForMalware, zendeskMeaning } from './failure.js';

/** Where it is, and who asks. */
export type ZendeskAccess = { url: string; proof: ZendeskProof; env: HttpEnvironment; timeoutMs?: number | undefined };

type Query = Record<string, string | number>;

/** A list that comes in pages, and how many of them it may have at most. */
type List<P> = {
  what: string;
  path: string;
  query: Query;
  schema: z.ZodType<P>;
  mostPages: number;
  pageBytes?: number;
};

/** Comments are long, and come in three versions each. */
const commentsAtOnce = 25;
const commentsBytes = 16 * 1024 * 1024;
/** A ticket has at most 5000. */
const mostPages = 5000 / commentsAtOnce;

/** The calls of Zendesk's API (v2) that more than one question takes. */
export class ZendeskApi {
  readonly origin: string;
  private readonly base: URL;
  private readonly http: Http;

  /** @throws UserError `insecure-url`, `insecure-tls` */
  constructor({ url, proof, env, timeoutMs }: ZendeskAccess) {
    const way = { env, ...defined({ timeoutMs }) };
    this.origin = new URL(url).origin;
    this.base = new URL('/api/v2/', this.origin);
    const credential = zendeskCredential(this.base, proof, way);
    this.http = openHttp({ base: this.base, credential, meaning: zendeskMeaning, ...way });
  }

  /** The path has no `.json` yet. */
  reading(path: string, query: Query = {}): HttpCall {
    return { method: 'GET', url: this.at(path, query), safe: true };
  }

  writing(method: 'POST' | 'PUT', path: string, body: object, headers: Record<string, string> = {}): HttpCall {
    return { method, url: this.at(path), headers, body: JSON.stringify(body) };
  }

  send(call: HttpCall, signal: AbortSignal): Promise<HttpAnswer> {
    return this.http.send(call, signal);
  }

  async ask<T extends z.ZodType>(schema: T, call: HttpCall, signal: AbortSignal): Promise<z.output<T>> {
    return agreed(schema, call, await this.http.send(call, signal));
  }

  /** Every comment of a ticket, oldest first: the first is its description. */
  async comments(id: string, signal: AbortSignal): Promise<ZendeskComments> {
    const list = {
      ...{ what: `comments of ticket ${id}`, path: `tickets/${id}/comments`, schema: commentsSchema },
      ...{ query: { 'page[size]': commentsAtOnce, include: 'users' }, mostPages, pageBytes: commentsBytes },
    };
    const pages = await this.pages(list, signal);
    return { comments: pages.flatMap(({ comments }) => comments), users: pages.flatMap(({ users }) => users) };
  }

  /** All pages of a list, by its cursor. @throws HelpDeskError `invalid` where they do not end */
  async pages<P extends Page>(list: List<P>, signal: AbortSignal): Promise<P[]> {
    const pages: P[] = [];
    let after = {};
    while (pages.length < list.mostPages) {
      const call = this.reading(list.path, { ...list.query, ...after });
      const page = await this.ask(list.schema, { ...call, ...defined({ maxAnswerBytes: list.pageBytes }) }, signal);
      pages.push(page);
      if (!page.meta?.has_more) return pages;
      if (!page.meta.after_cursor) break;
      after = { 'page[after]': page.meta.after_cursor };
    }
    throw new HelpDeskError('invalid', `${this.origin} does not show all ${list.what}`);
  }

  /**
   * Nothing of a ticket changes by it, so that it may be repeated; what is not attached within an hour is gone.
   * @returns the token that attaches it, once
   */
  async upload(bundle: Bundle, signal: AbortSignal, onProgress?: (bytes: number) => void): Promise<string> {
    const url = this.at('uploads', { filename: bundle.name });
    const call: HttpCall = { method: 'POST', url, body: fileUpload(bundle, onProgress), safe: true };
    const { token, attachment } = (await this.ask(uploadSchema, call, signal)).upload;
    const problem =
      attachment.malware_scan_result === 'malware_found'
        ? heldForMalware(bundle.name)
        : attachment.size === bundle.bytes
          ? undefined
          : new HelpDeskError('unavailable', `${this.origin} got ${attachment.size} of ${bundle.bytes} bytes`);
    if (problem === undefined) return token;
    await this.discard(token, signal);
    throw problem;
  }

  /** Until it is attached everybody who is logged in there can read it. It goes by itself where this fails. */
  async discard(token: string, signal: AbortSignal): Promise<void> {
    const call: HttpCall = { method: 'DELETE', url: this.at(`uploads/${encodeURIComponent(token)}`), safe: true };
    await this.http.send(call, signal).catch(() => undefined);
  }

  private at(path: string, query: Query = {}): URL {
    return addressOf(this.base, `${path}.json`, query);
  }
}
