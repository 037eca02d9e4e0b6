import type { z } from 'zod';
import { defined } from '../../domain/defined.js';
import type { TicketComment } from '../../domain/ticket.js';
import { agreed } from '../http/answer.js';
import { addressOf, type HttpAnswer, type HttpCall, type HttpEnvironment, reading } from '../http/call.js';
import { tokenCredential } from '../http/credential.js';
import type { Meaning } from '../http/failure.js';
import { type Http, openHttp } from '../http/http.js';
import {
  attachmentSchema,
  contentSchema,
  foundSchema,
  pageOf,
  type RtAttachment,
  type RtTicket,
  type RtTransaction,
  ticketSchema,
  transactionSchema,
} from './answers.js';

export type RtAccess = {
  /** Of the whole RT, as people open it. */
  home: URL;
  token: string;
  env: HttpEnvironment;
  timeoutMs?: number;
  /** The most that RT gives at once; it has no more than 100. */
  pageLength?: number;
};

/** A text that is longer is not shown. */
const longestTextBytes = 200_000;
const shownComments = 20;

/** The questions that REST 2 answers. */
export class RequestTrackerApi {
  private readonly base: URL;
  private readonly http: Http;
  private readonly pageLength: number;

  /** @throws UserError `insecure-url`, `insecure-tls` */
  constructor({ home, token, env, timeoutMs = 30_000, pageLength = 100 }: RtAccess) {
    this.base = new URL('REST/2.0/', home);
    this.http = openHttp({ base: this.base, credential: tokenCredential(token, 'token'), env, timeoutMs, meaning });
    this.pageLength = pageLength;
  }

  send(call: HttpCall, signal: AbortSignal): Promise<HttpAnswer> {
    return this.http.send(call, signal);
  }

  async ask<T extends z.ZodType>(schema: T, call: HttpCall, signal: AbortSignal): Promise<z.output<T>> {
    return agreed(schema, call, await this.send(call, signal));
  }

  at(path: string, query: Record<string, string> = {}): URL {
    return addressOf(this.base, path, query);
  }

  /** A ticket and its revision. */
  async ticket(number: string, signal: AbortSignal): Promise<[RtTicket, string | undefined]> {
    const call = reading(this.at(`ticket/${number}`));
    const answer = await this.send(call, signal);
    return [agreed(ticketSchema, call, answer), revisionOf(answer)];
  }

  history(number: string, signal: AbortSignal): Promise<RtTransaction[]> {
    const query = { fields: 'Type,Data,Created,Creator,TimeTaken' };
    return this.pages(transactionSchema, `ticket/${number}/history`, query, signal);
  }

  attachments(number: string, signal: AbortSignal): Promise<RtAttachment[]> {
    const query = { fields: 'Filename,ContentType,ContentLength,TransactionId' };
    return this.pages(attachmentSchema, `ticket/${number}/attachments`, query, signal);
  }

  /** The newest of what was written, oldest first. */
  async comments(number: string, signal: AbortSignal): Promise<TicketComment[]> {
    const [history, attachments] = [await this.history(number, signal), await this.attachments(number, signal)];
    const told = history.filter(({ Type }) => Type === 'Comment' || Type === 'Correspond').slice(-shownComments);
    const comments: TicketComment[] = [];
    for (const { id, Type, Created, Creator } of told) {
      const body = await this.textOf(attachments.find(isTextOf(id)), signal);
      comments.push({ ...defined({ at: Created, author: Creator?.id }), body, public: Type === 'Correspond' });
    }
    return comments;
  }

  private async textOf(text: RtAttachment | undefined, signal: AbortSignal): Promise<string> {
    if (text === undefined || text.ContentLength > longestTextBytes) return '';
    const { Content } = await this.ask(contentSchema, reading(this.at(`attachment/${text.id}`)), signal);
    return Buffer.from(Content, 'base64').toString('utf8');
  }

  /** @param query TicketSQL, and what is wanted of each ticket */
  async search(query: Record<string, string>, signal: AbortSignal, limit = this.pageLength): Promise<RtTicket[]> {
    const perPage = { per_page: String(Math.min(limit, this.pageLength)) };
    const { items } = await this.ask(foundSchema, reading(this.at('tickets', { ...query, ...perPage })), signal);
    return items;
  }

  /** Until a page is not full: how many there are in all is not told to everybody. */
  private async pages<T extends z.ZodType>(
    item: T,
    path: string,
    query: Record<string, string>,
    signal: AbortSignal,
  ): Promise<z.output<T>[]> {
    const all: z.output<T>[] = [];
    for (let page = 1; ; page++) {
      const asked = { ...query, per_page: String(this.pageLength), page: String(page) };
      const { items } = await this.ask(pageOf(item), reading(this.at(path, asked)), signal);
      all.push(...items);
      if (items.length < this.pageLength) return all;
    }
  }
}

/** RT sends whoever is not logged in to its login page. */
const meaning: Meaning = ({ status }) =>
  status === 302 ? { kind: 'auth', because: 'it asks for a login; check helpdesk.url and the token' } : undefined;

function revisionOf({ headers }: HttpAnswer): string | undefined {
  return /^"(.+)"$/.exec(String(headers['etag'] ?? ''))?.[1];
}

function isTextOf(transaction: string): (attachment: RtAttachment) => boolean {
  return ({ TransactionId, Filename, ContentType }) =>
    TransactionId === transaction && !Filename && ContentType === 'text/plain';
}
