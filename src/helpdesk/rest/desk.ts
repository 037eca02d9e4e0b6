import type { z } from 'zod';
import type { Bundle } from '../../domain/bundle-layout.js';
import { defined } from '../../domain/defined.js';
import { unfilled } from '../../domain/required-field.js';
import type { Ticket, TicketComment, TicketDraft, TicketState } from '../../domain/ticket.js';
import { type CustomFields, fieldsOf } from '../custom-fields.js';
import { type Account, type ApiHelpDesk, type Comment, HelpDeskError, type TicketFilter } from '../help-desk.js';
import { agreed, clockProblem } from '../http/answer.js';
import { addressOf, type HttpCall, type HttpEnvironment, reading } from '../http/call.js';
import { tokenCredential } from '../http/credential.js';
import type { Meaning } from '../http/failure.js';
import { type Http, openHttp } from '../http/http.js';
import { fileUpload } from '../http/upload.js';
import { usualKeys } from '../ticket-key.js';
import {
  accountSchema,
  commentOf,
  commentsSchema,
  refusalSchema,
  ticketOf,
  ticketSchema,
  ticketsSchema,
} from './answers.js';

export type RestConfig = {
  url: string;
  token: string;
  env: HttpEnvironment;
  idempotencyKeys?: boolean;
  settleMs?: number;
  fields?: CustomFields;
  /** How long one answer may take; a file has its own time besides. */
  timeoutMs?: number;
};

/** icepack's own small contract, `templates/helpdesk-rest.openapi.yaml`: for gateways in front of a desk, and the mock. */
export class RestDesk implements ApiHelpDesk {
  readonly kind = 'api';
  readonly keys = usualKeys;
  readonly origin: string;
  readonly caps: ApiHelpDesk['caps'];
  private readonly base: URL;
  private readonly http: Http;
  private readonly fields: CustomFields;

  /** @throws UserError `insecure-url`, `insecure-tls` */
  constructor({ url, token, env, idempotencyKeys = true, settleMs = 60_000, fields = {}, timeoutMs }: RestConfig) {
    this.fields = fields;
    this.base = new URL(url.endsWith('/') ? url : `${url}/`);
    const credential = tokenCredential(token);
    this.http = openHttp({ base: this.base, credential, env, meaning, ...defined({ timeoutMs }) });
    this.origin = `${this.base.origin}${this.base.pathname.replace(/\/$/, '')}`;
    this.caps = {
      idempotencyKey: idempotencyKeys,
      settleMs,
      conditionalUpdate: true,
      searchLagMs: 0,
      reopenFrom: ['fixed', 'closed'],
      knowsRepeats: true,
    };
  }

  async check(signal: AbortSignal): Promise<Account> {
    const call = reading(this.at('account'));
    const answer = await this.http.send(call, signal);
    const { account, maxFileBytes, problems, required } = agreed(accountSchema, call, answer);
    const missing = required && unfilled(required, Object.keys(this.fields));
    const told = defined({ maxFileBytes, required: missing });
    return { account, ...told, problems: [...problems, ...clockProblem(answer)] };
  }

  async findByReference(reference: string, signal: AbortSignal): Promise<Ticket[]> {
    const found = await this.tickets({ reference }, signal);
    return found.filter((ticket) => ticket.reference === reference);
  }

  async create(draft: TicketDraft, signal: AbortSignal): Promise<Ticket> {
    const headers = { 'idempotency-key': draft.reference };
    const fields = fieldsOf(this.fields, draft);
    const body = JSON.stringify(Object.keys(fields).length === 0 ? draft : { ...draft, fields });
    const call: HttpCall = { method: 'POST', url: this.at('tickets'), headers, body };
    return ticketOf(await this.ask(ticketSchema, call, signal));
  }

  async list({ state: states, updatedSince, scope, limit }: TicketFilter, signal: AbortSignal): Promise<Ticket[]> {
    const query = {
      ...(states ? { state: states.join(',') } : {}),
      ...(updatedSince ? { updatedSince: updatedSince.toISOString() } : {}),
      ...defined({ scope, limit: limit === undefined ? undefined : String(limit) }),
    };
    return this.tickets(query, signal);
  }

  async get(id: string, signal: AbortSignal): Promise<Ticket> {
    return ticketOf(await this.ask(ticketSchema, reading(this.ticketAt(id)), signal));
  }

  async comment(id: string, { body, public: isPublic, marker }: Comment, signal: AbortSignal): Promise<void> {
    const json = JSON.stringify({ body, public: isPublic, marker });
    const headers = { 'idempotency-key': marker };
    await this.http.send({ method: 'POST', url: this.ticketAt(id, '/comments'), body: json, headers }, signal);
  }

  async comments(id: string, signal: AbortSignal): Promise<TicketComment[] | undefined> {
    try {
      const call = { ...reading(this.ticketAt(id, '/comments')), maxAnswerBytes: mostCommentBytes };
      return (await this.ask(commentsSchema, call, signal)).comments.map(commentOf);
    } catch (error) {
      if (error instanceof HelpDeskError && notGiven.has(error.status)) return undefined;
      throw error;
    }
  }

  async attach(
    id: string,
    bundle: Bundle,
    comment: Comment,
    signal: AbortSignal,
    onProgress?: (bytes: number) => void,
  ): Promise<void> {
    const url = this.ticketAt(id, `/files/${encodeURIComponent(bundle.name)}`);
    await this.http.send(uploadCall(url, bundle, onProgress), signal);
    await this.comment(id, comment, signal);
  }

  async setState(
    id: string,
    to: TicketState,
    { ifRevision }: { ifRevision?: string },
    signal: AbortSignal,
  ): Promise<Ticket> {
    const current = await this.get(id, signal);
    if (current.state === to) return current;
    const headers = ifRevision === undefined ? {} : { 'if-match': `"${ifRevision}"` };
    const body = JSON.stringify({ state: to });
    const call: HttpCall = { method: 'PATCH', url: this.ticketAt(id), body, headers };
    await this.http.send(call, signal).catch((error: unknown) => {
      if (!(error instanceof HelpDeskError) || error.status !== 409) throw error;
      throw new HelpDeskError('refused-transition', error.message, { status: 409, cause: error });
    });
    const after = await this.get(id, signal);
    if (after.state !== to) throw new HelpDeskError('refused-transition', `${after.key} stays ${after.nativeState}`);
    return after;
  }

  private async tickets(query: Record<string, string>, signal: AbortSignal): Promise<Ticket[]> {
    const { tickets } = await this.ask(ticketsSchema, reading(this.at('tickets', query)), signal);
    return tickets.map(ticketOf);
  }

  private async ask<T extends z.ZodType>(schema: T, call: HttpCall, signal: AbortSignal): Promise<z.output<T>> {
    return agreed(schema, call, await this.http.send(call, signal));
  }

  private ticketAt(id: string, rest = ''): URL {
    return this.at(`tickets/${encodeURIComponent(id)}${rest}`);
  }

  private at(path: string, query: Record<string, string> = {}): URL {
    return addressOf(this.base, path, query);
  }
}

/** A refusal that names what is missing. */
const meaning: Meaning = ({ status, body }) => {
  const { data } = status === 422 ? refusalSchema.safeParse(body) : {};
  return data && { kind: 'invalid', required: data.required };
};

/** A gateway need not give comments. */
const notGiven: ReadonlySet<number | undefined> = new Set([404, 405, 501]);
const mostCommentBytes = 8 * 1024 * 1024;

/** A PUT under the file's own name: repeating it replaces nothing and doubles nothing. */
function uploadCall(url: URL, bundle: Bundle, onProgress?: (bytes: number) => void): HttpCall {
  const digest = `sha-256=:${Buffer.from(bundle.sha256, 'hex').toString('base64')}:`;
  return { method: 'PUT', url, headers: { 'content-digest': digest }, body: fileUpload(bundle, onProgress) };
}
