import type { Bundle } from '../../domain/bundle-layout.js';
import { defined } from '../../domain/defined.js';
import {
  type CreatedTicket,
  isAttached,
  type Ticket,
  type TicketComment,
  type TicketDraft,
  type TicketState,
} from '../../domain/ticket.js';
import { afterWriting } from '../after-writing.js';
import { type Account, type ApiHelpDesk, type Comment, HelpDeskError, type TicketFilter } from '../help-desk.js';
import { anotherTicket } from '../http/answer.js';
import { type GivenStates, type NativeStates, statesWith } from '../native-states.js';
import { numberedKeys, type TicketKeys } from '../ticket-key.js';
import {
  commentsOf,
  filesOf,
  isHeld,
  isMarked,
  type Named,
  ticketOf,
  ticketSchema,
  ticketsSchema,
  type ZendeskComments,
} from './answers.js';
import { type ZendeskAccess, ZendeskApi } from './api.js';
import { checkZendesk } from './check.js';
import { registrationOf, type ZendeskForm } from './draft.js';
import { changedMeanwhile, closedForGood, heldForMalware, leftSolved, notKept, refusedState } from './failure.js';
import { byIds, lackingAt } from './fields.js';
import { listZendesk } from './list.js';
import { htmlOf } from './text.js';

export type ZendeskConfig = ZendeskAccess & ZendeskForm & { prefix: string; states: GivenStates };

const usualStates: NativeStates = {
  open: ['open', 'new', 'hold'],
  'awaiting-information': ['pending'],
  fixed: ['solved'],
  closed: ['closed'],
};

/** A ticket with all that was written to it. */
type Whole = { ticket: Ticket; comments: ZendeskComments };

/** Zendesk Support: one request makes a comment, its file and a state; tickets are known by their `external_id`. */
export class ZendeskDesk implements ApiHelpDesk {
  readonly kind = 'api';
  readonly keys: TicketKeys;
  readonly origin: string;
  readonly caps: ApiHelpDesk['caps'] = {
    idempotencyKey: true,
    idempotencyMs: 2 * 60 * 60_000,
    settleMs: 60_000,
    conditionalUpdate: true,
    searchLagMs: 0,
    reopenFrom: ['fixed'],
  };
  private readonly api: ZendeskApi;
  private readonly named: Named;
  private readonly config: ZendeskConfig;

  /** @throws UserError `insecure-url`, `insecure-tls` */
  constructor(config: ZendeskConfig) {
    this.config = config;
    this.api = new ZendeskApi(config);
    this.origin = this.api.origin;
    this.keys = numberedKeys(config.prefix);
    this.named = {
      key: (id) => `${config.prefix}-${id}`,
      url: (id) => `${this.origin}/agent/tickets/${id}`,
      states: statesWith(usualStates, config.states),
    };
  }

  async check(signal: AbortSignal): Promise<Account> {
    const { group, form, fields, proof } = this.config;
    const { states } = this.named;
    const target = { states, group, form, fields: Object.keys(fields), isTokenUsed: 'token' in proof };
    const account = await checkZendesk(this.api, target, signal);
    await this.findByReference('icepack-check', signal); // has no ticket; whether it may be looked for is what counts
    return account;
  }

  /** The list shows a ticket at once; `/search` shows it minutes later. */
  async findByReference(reference: string, signal: AbortSignal): Promise<Ticket[]> {
    const { tickets } = await this.api.ask(
      ticketsSchema,
      this.api.reading('tickets', { external_id: reference }),
      signal,
    );
    const isAsked = (found: string | null | undefined) => found?.toLowerCase() === reference.toLowerCase();
    if (!tickets.every((each) => isAsked(each.external_id)))
      throw new HelpDeskError(
        'invalid',
        `${this.origin} lists tickets of other references than ${reference}: it may hide ours`,
      );
    const ours = tickets.filter((each) => each.external_id === reference);
    const oldestFirst = ours.toSorted((a, b) => a.id - b.id);
    const whole = oldestFirst.map(async (each) =>
      ticketOf(each, this.named, filesOf(await this.api.comments(String(each.id), signal))),
    );
    return Promise.all(whole);
  }

  async create(draft: TicketDraft, signal: AbortSignal): Promise<CreatedTicket> {
    const headers = { 'idempotency-key': draft.reference };
    const registration = registrationOf(await byIds(draft, this.api, signal), this.config);
    const call = this.api.writing('POST', 'tickets', { ticket: registration }, headers);
    const { ticket } = await this.api.ask(ticketSchema, call, signal);
    const { id, key, url, reference } = ticketOf(ticket, this.named, []);
    return { id, key, url, ...(reference ? { reference } : {}) };
  }

  async setReference(id: string, reference: string, signal: AbortSignal): Promise<void> {
    await this.write(id, { external_id: reference }, undefined, signal);
  }

  notTaken(id: string, draft: TicketDraft, signal: AbortSignal): Promise<string[]> {
    return lackingAt(this.api, this.numberOf(id), draft, this.config, signal);
  }

  list(filter: TicketFilter, signal: AbortSignal): Promise<Ticket[]> {
    return listZendesk(this.api, filter, (found) => ticketOf(found, this.named, []), signal);
  }

  async get(id: string, signal: AbortSignal): Promise<Ticket> {
    return (await this.whole(id, signal)).ticket;
  }

  async comments(id: string, signal: AbortSignal): Promise<TicketComment[]> {
    return commentsOf(await this.api.comments(this.numberOf(id), signal));
  }

  async comment(id: string, comment: Comment, signal: AbortSignal): Promise<void> {
    const before = await this.whole(id, signal);
    if (isMarked(before.comments, comment.marker)) return;
    await this.add(before, comment, {}, signal);
    const after = await afterWriting(this.whole(id, signal));
    if (!isMarked(after.comments, comment.marker)) throw notKept(`the comment to ${after.ticket.key}`);
  }

  async attach(
    id: string,
    bundle: Bundle,
    comment: Comment,
    signal: AbortSignal,
    onProgress?: (bytes: number) => void,
  ): Promise<void> {
    const before = await this.whole(id, signal);
    if (isAttached(before.ticket.files, bundle)) return;
    if (isHeld(before.comments, bundle)) throw heldForMalware(bundle.name);
    const token = await this.api.upload(bundle, signal, onProgress);
    try {
      await this.add(before, comment, { uploads: [token] }, signal);
    } catch (error) {
      if (error instanceof HelpDeskError && !error.maybeApplied) await this.api.discard(token, signal);
      throw error;
    }
    const after = await this.whole(id, signal);
    if (isHeld(after.comments, bundle)) throw heldForMalware(bundle.name);
    if (!isAttached(after.ticket.files, bundle)) throw notKept(`${bundle.name} at ${after.ticket.key}`);
  }

  async setState(
    id: string,
    to: TicketState,
    { ifRevision }: { ifRevision?: string },
    signal: AbortSignal,
  ): Promise<Ticket> {
    const current = await this.get(id, signal);
    if (current.state === to) return current;
    if (current.state === 'closed') throw closedForGood(current);
    const closesItself = to === 'closed' && this.config.states.closed === undefined;
    if (closesItself) throw leftSolved(await this.setState(current.id, 'fixed', defined({ ifRevision }), signal));
    const native = this.named.states[to][0];
    const change = /^\d+$/.test(native) ? { custom_status_id: Number(native) } : { status: native };
    await this.write(current.id, change, ifRevision, signal).catch(refusedState);
    const after = await this.get(current.id, signal);
    if (after.state === to) return after;
    const why = 'a trigger there may have decided so';
    throw new HelpDeskError('refused-transition', `${after.key} is ${after.nativeState} and not ${native}: ${why}`);
  }

  private async whole(id: string, signal: AbortSignal): Promise<Whole> {
    const number = this.numberOf(id);
    const { ticket } = await this.api.ask(ticketSchema, this.api.reading(`tickets/${number}`), signal);
    if (String(ticket.id) !== String(number)) throw anotherTicket(this.origin, number, ticket.id);
    const comments = await this.api.comments(number, signal);
    return { ticket: ticketOf(ticket, this.named, filesOf(comments)), comments };
  }

  /**
   * Writes a comment to the ticket as it was read: one that is under way since an earlier attempt cannot arrive in
   * between, and be there twice.
   */
  private async add({ ticket }: Whole, comment: Comment, more: { uploads?: string[] }, signal: AbortSignal) {
    const { body, marker, public: isPublic, ifRevision } = comment;
    const text = body.includes(marker) ? body : `${body}\n${marker}`;
    const written = { html_body: htmlOf(text), public: isPublic, ...more };
    const stamp = ifRevision ?? ticket.revision;
    await this.write(ticket.id, { comment: written }, stamp, signal).catch((error: unknown) => {
      throw ifRevision === undefined ? changedMeanwhile(ticket, error) : error;
    });
  }

  private async write(id: string, change: object, stamp: string | undefined, signal: AbortSignal): Promise<void> {
    const ifSame = stamp === undefined ? {} : { safe_update: true, updated_stamp: stamp };
    await this.api.send(this.api.writing('PUT', `tickets/${id}`, { ticket: { ...change, ...ifSame } }), signal);
  }

  /** @throws HelpDeskError `not-found` for the key of another help desk */
  private numberOf(idOrKey: string): string {
    const number = this.keys.parse(idOrKey)?.split('-');
    if (number?.[0] === this.config.prefix && number[1] !== undefined) return String(Number(number[1]));
    throw new HelpDeskError('not-found', `${this.origin} has no ticket ${idOrKey}`);
  }
}
