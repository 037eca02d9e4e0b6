import type { Bundle } from '../../domain/bundle-layout.js';
import {
  type CreatedTicket,
  isAttached,
  referencePattern,
  type Ticket,
  type TicketComment,
  type TicketDraft,
  type TicketState,
} from '../../domain/ticket.js';
import { afterWriting } from '../after-writing.js';
import { type Account, type ApiHelpDesk, type Comment, HelpDeskError, type TicketFilter } from '../help-desk.js';
import { anotherTicket } from '../http/answer.js';
import { refusedFor } from '../lacking.js';
import { type Attachment, isLocked, recordSchema, type ServiceNowRecord, ticketFields, ticketOf } from './answers.js';
import { checkInstance } from './check.js';
import { fieldsLabelled, lackingAt } from './fields.js';
import { mayNotSee } from './http.js';
import { importTicket } from './import-set.js';
import { commentIn, entriesOf, hasEntry } from './journal.js';
import { numberKeys } from './keys.js';
import { type Asked, ServiceNowTables } from './tables.js';
import { checkHours, writeWithHours } from './time-worked.js';
import { changeTo, referenceFields, refused, refusedBy, type ServiceNowConfig, valuesOf } from './values.js';

const isSysId = (id: string) => /^[0-9a-f]{32}$/.test(id);
const record: Asked<ServiceNowRecord> = { schema: recordSchema, fields: ticketFields, display: 'all' };
const maxFound = 10;
const maxListed = 100;

/** ServiceNow through its Table API. `correlation_id`, made for systems that file tickets, is the reference. */
export class ServiceNowDesk implements ApiHelpDesk {
  readonly kind = 'api';
  readonly keys = numberKeys;
  readonly origin: string;
  readonly caps: ApiHelpDesk['caps'];
  private readonly config: ServiceNowConfig;
  private readonly tables: ServiceNowTables;

  /** @throws UserError `insecure-url`, `insecure-tls` */
  constructor(config: ServiceNowConfig) {
    this.config = config;
    this.tables = new ServiceNowTables(config);
    this.origin = config.base.href.replace(/\/$/, '');
    this.caps = {
      idempotencyKey: false,
      settleMs: config.settleMs, // requests are ended after about a minute there, with what they have done by then
      conditionalUpdate: false,
      searchLagMs: 0,
      ...{ reopenFrom: ['fixed'], hours: 'field' },
    };
  }

  check(signal: AbortSignal, assignees: readonly string[] = []): Promise<Account> {
    return checkInstance(this.tables, this.config, assignees, signal);
  }

  /** A field that may not be read is ignored in a query: all tickets come back, or none. */
  async findByReference(reference: string, signal: AbortSignal): Promise<Ticket[]> {
    if (!referencePattern.test(reference)) throw new HelpDeskError('invalid', `"${reference}" cannot be searched for`);
    const query = `correlation_id=${reference}^ORDERBYsys_created_on`;
    const { rows, hidden } = await this.records({ query, limit: maxFound }, signal);
    if (hidden > 0) throw mayNotSee(`${hidden} of the tickets with the reference ${reference}`);
    const isMeant = ({ correlation_id: found }: ServiceNowRecord) =>
      found?.value.toLowerCase() === reference.toLowerCase();
    if (!rows.every(isMeant)) throw mayNotSee('the field correlation_id', filterIgnored);
    if (rows.length === 0) await this.proveReadable(signal);
    return this.tickets(
      rows.filter(({ correlation_id: found }) => found?.value === reference),
      signal,
    );
  }

  async create(draft: TicketDraft, signal: AbortSignal): Promise<CreatedTicket> {
    const { table, importTable } = this.config;
    const values = valuesOf(draft, this.config);
    const inserting =
      importTable === undefined
        ? this.tables.insert(table, record, values, signal).then((made) => this.ticket(made, []))
        : importTicket(this.tables, { table, importTable }, values, signal);
    const { id, key, url, reference } = await inserting.catch(async (error: unknown) => {
      if (!(error instanceof HelpDeskError) || error.required.length === 0) throw error;
      const labels = error.required.map(({ label }) => label);
      throw refusedFor(error, await fieldsLabelled(labels, this.tables, this.config, signal));
    });
    return { id, key, url, ...(reference === undefined ? {} : { reference }) };
  }

  async setReference(id: string, reference: string, signal: AbortSignal): Promise<void> {
    await this.tables.update(this.config.table, id, referenceFields(reference), signal);
  }

  notTaken(id: string, draft: TicketDraft, signal: AbortSignal): Promise<string[]> {
    return lackingAt(id, draft, this.tables, this.config, signal);
  }

  async list(
    { state: asked, updatedSince, scope, limit = maxListed }: TicketFilter,
    signal: AbortSignal,
  ): Promise<Ticket[]> {
    const { states } = this.config;
    const raw = asked?.flatMap((state) => states[state]).map((name) => name.split('/')[0]);
    const conditions = [
      ...(raw ? [`stateIN${[...new Set(raw)].join(',')}`] : []),
      ...(updatedSince ? [`sys_updated_on>=${dayBefore(updatedSince)}`] : []),
      ...(scope === 'mine' ? ['opened_by=javascript:gs.getUserID()'] : []),
      'ORDERBYDESCsys_updated_on',
    ];
    const { rows, hidden } = await this.records({ query: conditions.join('^'), limit }, signal);
    if (rows.length === 0 && hidden > 0) throw mayNotSee('the tickets that were found');
    if (scope === 'mine' && rows.some(({ opened_by: by }) => by === undefined))
      throw mayNotSee('the field opened_by', filterIgnored);
    const found = await this.tickets(rows, signal);
    return found.filter(
      ({ state, updatedAt = '' }) =>
        (asked === undefined || (state !== 'other' && asked.includes(state))) &&
        (updatedSince === undefined || Date.parse(updatedAt) >= updatedSince.getTime()),
    );
  }

  async get(id: string, signal: AbortSignal): Promise<Ticket> {
    const found = await this.record(id, signal);
    const [ticket] = await this.tickets([found], signal);
    return ticket ?? this.ticket(found, []);
  }

  async comment(id: string, comment: Comment, signal: AbortSignal): Promise<void> {
    const { table } = this.config;
    const value = await this.sysIdOf(id, signal);
    const place = { tables: this.tables, table, id: value, signal };
    if (await hasEntry(this.tables, table, value, comment, signal)) return checkHours(place, comment);
    await writeWithHours(place, comment, async (hours) => {
      await this.tables.update(table, value, { ...commentIn(comment), ...hours }, signal);
      if (await afterWriting(hasEntry(this.tables, table, value, comment, signal))) return;
      const notKept = `${this.origin} took a comment and did not keep it; may the account write it?`;
      throw new HelpDeskError('forbidden', notKept);
    });
  }

  async comments(id: string, signal: AbortSignal): Promise<TicketComment[]> {
    return entriesOf(this.tables, this.config.table, await this.sysIdOf(id, signal), signal);
  }

  async attach(
    id: string,
    bundle: Bundle,
    comment: Comment,
    signal: AbortSignal,
    onProgress?: (bytes: number) => void,
  ): Promise<void> {
    const { table } = this.config;
    const found = await this.record(id, signal);
    if (!(await this.isThere(found, bundle, signal))) {
      const taken = await this.tables.upload(table, found.sys_id.value, bundle, signal, onProgress);
      refuseCut(taken, bundle, this.origin);
      if (!(await this.isThere(found, bundle, signal)))
        throw new HelpDeskError('outcome-unknown', `${this.origin} took ${bundle.name} and does not show it`, {
          maybeApplied: true,
        });
    }
    await this.comment(found.sys_id.value, comment, signal);
  }

  async setState(id: string, to: TicketState, _change: { ifRevision?: string }, signal: AbortSignal): Promise<Ticket> {
    const current = await this.get(id, signal);
    if (current.state === to) return current;
    await this.tables
      .update(this.config.table, current.id, changeTo(to, this.config), signal)
      .catch((error: unknown) => Promise.reject(refusedBy(error, current, to)));
    const after = await this.get(current.id, signal);
    if (after.state !== to) throw refused(`${after.key} stays ${after.nativeState}`, to);
    return after;
  }

  /** @throws HelpDeskError `forbidden` when what should be read back cannot be read */
  private async proveReadable(signal: AbortSignal): Promise<void> {
    const { rows } = await this.records({ query: 'ORDERBYDESCsys_created_on', limit: 1 }, signal);
    if (rows.some(({ correlation_id: found }) => found === undefined))
      throw mayNotSee('the field correlation_id', filterIgnored);
  }

  /** @param id what the API calls it, or its number, which two may have */
  private async record(id: string, signal: AbortSignal): Promise<ServiceNowRecord> {
    const { table } = this.config;
    if (isSysId(id)) return this.recordOf(id, signal);
    if (!/^\w{1,40}$/.test(id)) throw new HelpDeskError('not-found', `${this.origin} has no number "${id}"`);
    const { rows, hidden } = await this.records({ query: `number=${id}`, limit: maxFound }, signal);
    if (hidden > 0) throw mayNotSee(id);
    const same = rows.filter(({ number }) => number.value.toLowerCase() === id.toLowerCase());
    const [first, ...others] = same;
    if (first === undefined) throw new HelpDeskError('not-found', `${this.origin} has no ${id} in ${table}`);
    if (others.length === 0) return first;
    const ids = same.map(({ sys_id }) => sys_id.value).join(', ');
    throw new HelpDeskError('invalid', `${same.length} tickets have the number ${id} (sys_id ${ids}); none is chosen`);
  }

  private async recordOf(id: string, signal: AbortSignal): Promise<ServiceNowRecord> {
    const found = await this.tables.row(this.config.table, id, record, signal);
    if (found.sys_id.value !== id) throw anotherTicket(this.origin, id, found.sys_id.value);
    return found;
  }

  private async sysIdOf(id: string, signal: AbortSignal): Promise<string> {
    return isSysId(id) ? id : (await this.record(id, signal)).sys_id.value;
  }

  private records(asked: { query: string; limit: number }, signal: AbortSignal) {
    const fields = asked.query.includes('opened_by') ? [...ticketFields, 'opened_by'] : ticketFields;
    return this.tables.rows(this.config.table, { ...record, fields }, asked, signal);
  }

  private async tickets(rows: readonly ServiceNowRecord[], signal: AbortSignal): Promise<Ticket[]> {
    if (rows.length === 0) return [];
    const files = await this.filesOf(rows, signal);
    return rows.map((row) => this.ticket(row, files));
  }

  private async filesOf(rows: readonly ServiceNowRecord[], signal: AbortSignal): Promise<Attachment[]> {
    const ids = rows.map(({ sys_id }) => sys_id.value);
    const { rows: files, hidden } = await this.tables.files(this.config.table, ids, signal);
    if (files.length === 0 && hidden > 0) throw mayNotSee('what is attached');
    return files;
  }

  private ticket(row: ServiceNowRecord, files: readonly Attachment[]): Ticket {
    const { table, states } = this.config;
    return ticketOf(row, { site: this.tables.site, table, states, files });
  }

  /** @throws HelpDeskError `invalid` when the file is there, and locked away */
  private async isThere(row: ServiceNowRecord, bundle: Bundle, signal: AbortSignal): Promise<boolean> {
    const files = await this.filesOf([row], signal);
    if (isAttached(this.ticket(row, files).files, bundle)) return true;
    if (!files.some((file) => isLocked(file, bundle))) return false;
    const what = `the virus scanner of ${this.origin} has locked ${bundle.name} away`;
    throw new HelpDeskError('invalid', `${what}; ask its administrator`);
  }
}

const filterIgnored = 'a search for it finds everything or nothing. Ask its administrator for the right to read it';

/** In which zone a time in a query is read, no page says. */
function dayBefore(at: Date): string {
  return new Date(at.getTime() - 86_400_000).toISOString().slice(0, 19).replace('T', ' ');
}

function refuseCut({ size_bytes: size }: Attachment, { name, bytes }: Bundle, origin: string): void {
  if (Number(size) === bytes) return;
  throw new HelpDeskError('invalid', `${origin} kept ${size} bytes of ${name} instead of ${bytes}`);
}
