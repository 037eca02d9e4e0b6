import type { Bundle } from '../../domain/bundle-layout.js';
import { defined } from '../../domain/defined.js';
import { printableLine } from '../../domain/text.js';
import type { CreatedTicket, Severity, Ticket, TicketComment, TicketDraft, TicketState } from '../../domain/ticket.js';
import { afterWriting } from '../after-writing.js';
import { type CustomFields, fieldsOf } from '../custom-fields.js';
import { type Account, type ApiHelpDesk, type Comment, HelpDeskError, type TicketFilter } from '../help-desk.js';
import { lackingFields, refusedFor } from '../lacking.js';
import { type GivenStates, type NativeStates, statesWith } from '../native-states.js';
import { numberedKeys, type TicketKeys } from '../ticket-key.js';
import { commentsOf, fieldValue, type Issue, type IssueStatus, isFilled, isNamed, ticketOf } from './answers.js';
import { pageLimit, type RedmineAddress, RedmineApi } from './api.js';
import { checkRedmine } from './check.js';
import { fieldId, otherFields } from './fields.js';
import { addTo } from './notes.js';
import { fieldsNamedIn, notPlaced, type Placing, placingIds, withAssignee } from './placing.js';
import { changeState, stateOf, usualStates } from './states.js';
import { type RedmineFormatting, verbatim } from './text.js';
import { enterTime } from './time.js';

export type RedmineConfig = RedmineAddress &
  Placing & {
    /** By name or number, as all that follow; else the first of the project. */
    tracker?: string;
    /** The custom field that holds our reference. */
    referenceField: string;
    states?: GivenStates;
    priorities: Record<Severity, string>;
    fields?: CustomFields;
    formatting?: RedmineFormatting;
    prefix?: string;
    /** What hours are entered as; else what is usual there. */
    timeActivity?: string;
    settleMs?: number;
  };

type Sent = Record<string, unknown> & { custom_fields: { id: number }[] };

/**
 * Redmine 5. What it does not understand it ignores, with a 2xx: a filter, a custom field, a change of state, even a
 * wrong key. So whatever is written is read back, and whatever is found is looked at.
 */
export class RedmineDesk implements ApiHelpDesk {
  readonly kind = 'api';
  readonly keys: TicketKeys;
  readonly origin: string;
  readonly caps: ApiHelpDesk['caps'];
  private readonly api: RedmineApi;
  private readonly config: RedmineConfig;
  private readonly states: NativeStates;
  private readonly prefix: string;
  private readonly formatting: RedmineFormatting;

  /** @throws UserError `insecure-url`, `insecure-tls` */
  constructor(config: RedmineConfig) {
    this.config = config;
    this.api = new RedmineApi(config);
    this.origin = this.api.origin;
    this.states = statesWith(usualStates, config.states ?? {});
    this.prefix = config.prefix ?? 'RM';
    this.keys = numberedKeys(this.prefix);
    this.formatting = config.formatting ?? 'textile';
    this.caps = {
      idempotencyKey: false,
      settleMs: config.settleMs ?? 60_000,
      conditionalUpdate: false,
      searchLagMs: 0,
      ...{ reopenFrom: ['fixed', 'closed'], hours: 'field' },
    };
  }

  check(signal: AbortSignal, assignees: readonly string[] = []): Promise<Account> {
    return checkRedmine(this.api, { ...this.config, states: this.states }, assignees, signal);
  }

  /** In all projects: support may have moved the ticket. */
  async findByReference(reference: string, signal: AbortSignal): Promise<Ticket[]> {
    const field = await fieldId(this.api, this.config.referenceField, signal);
    const { issues } = await this.api.issues({ [`cf_${field}`]: reference, sort: 'id' }, signal);
    const values = issues.map((issue) => fieldValue(issue, this.config.referenceField));
    // A database may compare without case; an ignored filter lets everything through.
    if (values.some((value) => value?.trim().toLowerCase() !== reference.toLowerCase()))
      throw await this.ignoredFilter(field, signal);
    return issues.filter((_issue, index) => values[index] === reference).map((issue) => this.ticket(issue));
  }

  async create(draft: TicketDraft, signal: AbortSignal): Promise<CreatedTicket> {
    const { priorities, referenceField, fields: others = {} } = this.config;
    const priority = (await this.api.priorities(signal)).find(isNamed(priorities[draft.severity]));
    const reference = { id: await fieldId(this.api, referenceField, signal), value: draft.reference };
    const fields = {
      ...defined({ tracker_id: await this.trackerId(signal), priority_id: priority?.id }),
      subject: printableLine(draft.subject, 255), // longer ones are refused
      description: verbatim(draft.body, this.formatting),
      custom_fields: [...(await otherFields(this.api, others, draft, signal)), reference], // the last one counts
    };
    const placed = await placingIds(this.api, withAssignee(this.config, draft), signal);
    return this.ticket(await this.register(fields, placed, signal));
  }

  /** Who may not work on it, and what is filed nowhere, makes it refuse the whole: then it is made without them. */
  private async register(fields: Sent, placed: object, signal: AbortSignal): Promise<Issue> {
    try {
      return await this.api.create({ ...fields, ...placed }, signal);
    } catch (error) {
      if (!(error instanceof HelpDeskError) || error.status !== 422) throw error;
      if (Object.keys(placed).length > 0) return this.register(fields, {}, signal);
      const sent = new Set(fields.custom_fields.map(({ id }) => id));
      const sentences = error.required.map(({ label }) => label);
      throw refusedFor(error, fieldsNamedIn(sentences, await this.api.fields(signal), sent));
    }
  }

  async notTaken(id: string, draft: TicketDraft, signal: AbortSignal): Promise<string[]> {
    const { assignee, category, targetVersion } = withAssignee(this.config, draft);
    const { fields = {} } = this.config;
    const sent = Object.keys(fieldsOf(fields, draft));
    if (sent.length === 0 && !assignee && !category && !targetVersion) return [];
    const issue = await this.api.issue(this.named(id).id, '', signal);
    return [...notPlaced(issue, this.config, draft), ...lackingFields(sent, (name) => isFilled(issue, name))];
  }

  async setReference(id: string, reference: string, signal: AbortSignal): Promise<void> {
    const field = { id: await fieldId(this.api, this.config.referenceField, signal), value: reference };
    await this.api.change(this.named(id).id, { custom_fields: [field] }, signal);
  }

  async list({ state, updatedSince, scope, limit }: TicketFilter, signal: AbortSignal): Promise<Ticket[]> {
    const query: Record<string, string> = { project_id: this.api.project, sort: 'updated_on:desc' };
    if (state !== undefined) {
      const isAsked = (status: IssueStatus) => state.some((each) => each === stateOf(status, this.states));
      const asked = (await this.api.statuses(signal)).filter(isAsked);
      if (asked.length === 0) return [];
      query['status_id'] = asked.map(({ id }) => id).join('|');
    }
    if (updatedSince !== undefined) query['updated_on'] = `>=${updatedSince.toISOString().slice(0, 19)}Z`;
    if (scope === 'mine') query['author_id'] = 'me';
    const issues = await this.pages(query, limit, signal);
    return issues.map((issue) => this.ticket(issue));
  }

  async get(id: string, signal: AbortSignal): Promise<Ticket> {
    return this.ticket(await this.api.issue(this.named(id).id, 'attachments', signal));
  }

  async comment(id: string, comment: Comment, signal: AbortSignal): Promise<void> {
    const issue = this.named(id);
    await addTo(this.api, issue, { comment, formatting: this.formatting }, signal);
    await afterWriting(enterTime(this.api, issue.id, { comment, activity: this.config.timeActivity }, signal));
  }

  async comments(id: string, signal: AbortSignal): Promise<TicketComment[]> {
    return commentsOf(await this.api.issue(this.named(id).id, 'journals', signal), this.formatting);
  }

  async attach(
    id: string,
    bundle: Bundle,
    comment: Comment,
    signal: AbortSignal,
    onProgress?: (bytes: number) => void,
  ): Promise<void> {
    const file = { bundle, ...defined({ onProgress }) };
    await addTo(this.api, this.named(id), { comment, formatting: this.formatting, file }, signal);
  }

  async setState(id: string, to: TicketState, _change: object, signal: AbortSignal): Promise<Ticket> {
    return this.ticket(await changeState(this.api, this.named(id), { to, states: this.states }, signal));
  }

  private async pages(query: Record<string, string>, limit = Infinity, signal: AbortSignal): Promise<Issue[]> {
    const issues: Issue[] = [];
    for (;;) {
      const wanted = String(Math.min(pageLimit, limit - issues.length));
      const page = await this.api.issues({ ...query, offset: String(issues.length), limit: wanted }, signal);
      issues.push(...page.issues);
      if (page.issues.length === 0 || issues.length >= Math.min(limit, page.total_count)) return issues;
    }
  }

  private async ignoredFilter(field: number, signal: AbortSignal): Promise<HelpDeskError> {
    await this.api.user(signal); // to strangers the field is not shown
    return new HelpDeskError(
      'invalid',
      `${this.origin} does not search by custom field ${field}; its administrator has to mark it "used as a filter"`,
    );
  }

  /** Another tracker than one of the project's would be ignored. */
  private async trackerId(signal: AbortSignal): Promise<number | undefined> {
    const { tracker } = this.config;
    if (tracker === undefined) return undefined;
    const found = (await this.api.aboutProject(signal)).trackers.find(isNamed(tracker));
    if (found !== undefined) return found.id;
    throw new HelpDeskError('invalid', `the project ${this.api.project} has no tracker ${tracker}`);
  }

  private ticket(issue: Issue): Ticket {
    return ticketOf(issue, {
      key: `${this.prefix}-${issue.id}`,
      url: `${this.origin}/issues/${issue.id}`,
      state: stateOf(issue.status, this.states),
      field: this.config.referenceField,
    });
  }

  /** @throws HelpDeskError `not-found` for keys of other help desks */
  private named(text: string): { id: number; key: string } {
    const key = this.keys.parse(text);
    const [prefix, number] = key?.split('-') ?? [];
    if (key !== undefined && prefix === this.prefix && number !== undefined) return { id: Number(number), key };
    throw new HelpDeskError('not-found', `${printableLine(text)} is no ticket of ${this.origin}`);
  }
}
