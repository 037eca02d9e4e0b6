import type { Bundle } from '../../domain/bundle-layout.js';
import {
  type CreatedTicket,
  isAttached,
  type Ticket,
  type TicketComment,
  type TicketDraft,
  type TicketState,
} from '../../domain/ticket.js';
import { afterWriting } from '../after-writing.js';
import { type CustomFields, fieldsOf } from '../custom-fields.js';
import { type Account, type ApiHelpDesk, type Comment, HelpDeskError, type TicketFilter } from '../help-desk.js';
import { multipartUpload } from '../http/upload.js';
import { type GivenStates, type NativeStates, stateNamed, statesWith } from '../native-states.js';
import { numberedKeys, type TicketKeys } from '../ticket-key.js';
import { createdSchema, filesOf, quoted, type RtTicket } from './answers.js';
import { RequestTrackerApi, type RtAccess } from './api.js';
import { checkQueue } from './check.js';
import { checkHours, marked, said } from './comments.js';
import { lackingIn, peopleOf, type RtPeople } from './given.js';

export type RequestTrackerConfig = Omit<RtAccess, 'home'> &
  RtPeople & {
    url: string;
    queue: string;
    /** The custom field that bears the reference. */
    referenceField?: string;
    prefix?: string;
    states?: GivenStates;
    fields?: CustomFields;
    /** How long RT may be at work on a request whose answer was lost. */
    settleMs?: number;
  };

/** Those of RT's own lifecycle are read, too. */
const usualStates: NativeStates = {
  open: ['open', 'new', 'working'],
  'awaiting-information': ['awaiting information', 'stalled'],
  fixed: ['fixed'],
  closed: ['closed', 'resolved', 'rejected'],
};

/** Request Tracker 5, REST 2. It answers 2xx to what it did not do: everything is read back. */
export class RequestTrackerDesk implements ApiHelpDesk {
  readonly kind = 'api';
  readonly origin: string;
  readonly keys: TicketKeys;
  readonly caps: ApiHelpDesk['caps'];
  private readonly api: RequestTrackerApi;
  private readonly queue: string;
  private readonly field: string;
  private readonly prefix: string;
  private readonly states: NativeStates;
  private readonly fields: CustomFields;
  private readonly people: RtPeople;

  /** @throws UserError `insecure-url`, `insecure-tls` */
  constructor(config: RequestTrackerConfig) {
    const { url, queue, referenceField = 'External Reference', prefix = 'RT', states = {}, fields = {} } = config;
    const { settleMs = 60_000 } = config;
    this.caps = {
      ...{ idempotencyKey: false, settleMs, conditionalUpdate: true, searchLagMs: 0 },
      ...{ reopenFrom: ['fixed', 'closed'], hours: 'field' },
    };
    const home = new URL(url.endsWith('/') ? url : `${url}/`);
    this.api = new RequestTrackerApi({ ...config, home });
    this.origin = home.href.replace(/\/$/, '');
    this.queue = queue;
    this.field = referenceField;
    this.prefix = prefix;
    this.keys = numberedKeys(prefix);
    this.states = statesWith(usualStates, states);
    this.fields = fields;
    this.people = { owner: config.owner, adminCc: config.adminCc };
  }

  check(signal: AbortSignal, assignees: readonly string[] = []): Promise<Account> {
    const { queue, field, fields, people } = this;
    return checkQueue(this.api, { queue, field, people, assignees, fields: Object.keys(fields) }, signal);
  }

  async findByReference(reference: string, signal: AbortSignal): Promise<Ticket[]> {
    const query = `Queue = ${quoted(this.queue)} AND CF.{${this.field}} = ${quoted(reference)}`;
    const found = await this.api.search({ query, orderby: 'id', fields: 'Subject,Status,CustomFields' }, signal);
    const exact = found.filter((ticket) => this.referenceOf(ticket) === reference);
    const tickets: Ticket[] = [];
    for (const { id } of exact) tickets.push(await this.get(id, signal));
    // Merged tickets answer as one.
    return tickets.filter(({ id }, index) => tickets.findIndex((other) => other.id === id) === index);
  }

  async create(draft: TicketDraft, signal: AbortSignal): Promise<CreatedTicket> {
    const body = JSON.stringify({
      Queue: this.queue,
      Subject: draft.subject,
      ...peopleOf(this.people, draft),
      Content: draft.body,
      ContentType: 'text/plain',
      CustomFields: { ...fieldsOf(this.fields, draft), [this.field]: draft.reference },
    });
    const { id } = await this.api.ask(createdSchema, { method: 'POST', url: this.api.at('ticket'), body }, signal);
    return { id, key: `${this.prefix}-${id}`, url: this.pageOf(id) };
  }

  async setReference(id: string, reference: string, signal: AbortSignal): Promise<void> {
    const body = JSON.stringify({ CustomFields: { [this.field]: reference } });
    await this.api.send({ method: 'PUT', url: this.api.at(`ticket/${this.numberOf(id)}`), body, safe: true }, signal);
  }

  async notTaken(id: string, draft: TicketDraft, signal: AbortSignal): Promise<string[]> {
    const fields = Object.keys(fieldsOf(this.fields, draft));
    if (fields.length === 0 && Object.keys(peopleOf(this.people, draft)).length === 0) return [];
    const [ticket] = await this.api.ticket(this.numberOf(id), signal);
    return lackingIn(ticket, this.people, draft, fields);
  }

  async list({ state: states, updatedSince, scope, limit }: TicketFilter, signal: AbortSignal): Promise<Ticket[]> {
    const names = states?.flatMap((state) => this.states[state]) ?? [];
    const query = [
      `Queue = ${quoted(this.queue)}`,
      ...(names.length === 0 ? [] : [`(${names.map((name) => `Status = ${quoted(name)}`).join(' OR ')})`]),
      ...(updatedSince === undefined ? [] : [`LastUpdated > ${quoted(sqlTime(updatedSince))}`]),
      ...(scope === 'mine' ? ["Creator = '__CurrentUser__'"] : []),
    ].join(' AND ');
    const fields = 'Subject,Status,LastUpdated,CustomFields';
    const found = await this.api.search({ query, orderby: 'LastUpdated', order: 'DESC', fields }, signal, limit);
    return found.map((ticket) => this.ticketOf(ticket));
  }

  async get(id: string, signal: AbortSignal): Promise<Ticket> {
    const number = this.numberOf(id);
    const [ticket, revision] = await this.api.ticket(number, signal);
    const attachments = await this.api.attachments(ticket.id, signal);
    const hasFiles = attachments.some(({ Filename }) => Filename);
    const files = hasFiles ? filesOf(attachments, await this.api.history(ticket.id, signal)) : [];
    return { ...this.ticketOf(ticket), files, ...(revision === undefined ? {} : { revision }) };
  }

  async comment(id: string, comment: Comment, signal: AbortSignal): Promise<void> {
    const number = this.numberOf(id);
    const before = await marked(this.api, number, comment.marker, signal);
    if (before !== undefined) return checkHours(comment, before);
    const isActive = this.stateOf((await this.api.ticket(number, signal))[0]) !== 'closed';
    // A reply mails the requestor, and would open a closed ticket again.
    const way = comment.public && isActive ? 'correspond' : 'comment';
    await this.api.send({ method: 'POST', url: this.api.at(`ticket/${number}/${way}`), body: said(comment) }, signal);
    if (comment.minutes === undefined) return;
    checkHours(comment, await afterWriting(marked(this.api, number, comment.marker, signal)));
  }

  comments(id: string, signal: AbortSignal): Promise<TicketComment[]> {
    return this.api.comments(this.numberOf(id), signal);
  }

  async attach(
    id: string,
    bundle: Bundle,
    comment: Comment,
    signal: AbortSignal,
    onProgress?: (bytes: number) => void,
  ): Promise<void> {
    const number = this.numberOf(id);
    if (isAttached((await this.get(number, signal)).files, bundle)) return;
    const body = multipartUpload({ JSON: said(comment) }, { part: 'Attachments', bundle }, onProgress);
    await this.api.send({ method: 'POST', url: this.api.at(`ticket/${number}/comment`), body }, signal);
    const { files } = await this.get(number, signal);
    const cut = `${bundle.name}.txt`; // what RT calls a file that it dropped
    const kept = files.filter(({ name }) => name === bundle.name || name === cut);
    if (kept.length > 0 && !isAttached(kept, bundle))
      throw new HelpDeskError(
        'too-large',
        `${this.origin} took the file and did not keep it whole: $MaxAttachmentSize is smaller, its administrator can raise it`,
      );
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
    const body = JSON.stringify({ Status: this.states[to][0] });
    const url = this.api.at(`ticket/${current.id}`);
    const { body: answer } = await this.api.send({ method: 'PUT', url, body, headers }, signal);
    const after = await this.get(current.id, signal);
    if (after.state === to) return after;
    throw new HelpDeskError('refused-transition', await this.whyNot(after, answer, signal));
  }

  private async whyNot({ id, key, nativeState }: Ticket, answer: unknown, signal: AbortSignal): Promise<string> {
    const words = Array.isArray(answer) ? answer.filter((each) => typeof each === 'string').join('; ') : '';
    const [{ _hyperlinks }] = await this.api.ticket(id, signal);
    const allowed = _hyperlinks.flatMap(({ ref, to }) => (ref === 'lifecycle' && to ? [to] : []));
    const offered = allowed.length === 0 ? '' : `; it offers: ${[...new Set(allowed)].join(', ')}`;
    return `${key} stays ${nativeState}${words === '' ? '' : ` (${words})`}${offered}`;
  }

  private ticketOf(ticket: RtTicket): Ticket {
    const { id, Subject, Status, LastUpdated } = ticket;
    const reference = this.referenceOf(ticket);
    return {
      ...{ id, key: `${this.prefix}-${id}`, url: this.pageOf(id), subject: Subject },
      ...{ state: this.stateOf(ticket), nativeState: Status, files: [] },
      ...(reference === undefined ? {} : { reference }),
      ...(LastUpdated === undefined ? {} : { updatedAt: LastUpdated }),
    };
  }

  private stateOf({ Status }: RtTicket): Ticket['state'] {
    return stateNamed(Status, this.states);
  }

  private referenceOf({ CustomFields }: RtTicket): string | undefined {
    return CustomFields.find(({ name }) => name === this.field)?.values[0] || undefined;
  }

  /** @throws HelpDeskError `not-found` where it is no number of a ticket here */
  private numberOf(id: string): string {
    const key = this.keys.parse(id);
    const number = key?.startsWith(`${this.prefix}-`) ? key.slice(this.prefix.length + 1) : undefined;
    if (number === undefined) throw new HelpDeskError('not-found', `${this.origin} has no ticket ${id}`);
    return number;
  }

  private pageOf(id: string): string {
    return `${this.origin}/Ticket/Display.html?id=${id}`;
  }
}

/** UTC, as RT compares it for accounts without a zone of their own. */
function sqlTime(date: Date): string {
  return date.toISOString().slice(0, 19).replace('T', ' ');
}
