import type { z } from 'zod';
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
import { fieldsOf } from '../custom-fields.js';
import { type Account, type ApiHelpDesk, type Comment, HelpDeskError, type TicketFilter } from '../help-desk.js';
import { multipartUpload } from '../http/upload.js';
import { refusedFor } from '../lacking.js';
import { type GivenStates, isNamed, type NativeStates, statesWith } from '../native-states.js';
import type { TicketKeys } from '../ticket-key.js';
import {
  createdSchema,
  filesSchema,
  type Issue,
  issueFields,
  issueSchema,
  ticketOf,
  ticketUrl,
  transitionsSchema,
  valuesSchema,
} from './answers.js';
import { issuePath, type JiraAccess, JiraApi } from './api.js';
import { checkJira } from './check.js';
import { commentOnce, commentsOf } from './comments.js';
import { jiraKeys } from './keys.js';
import { isAsked, listIssues } from './list.js';
import { JiraReferences } from './references.js';
import { type CreateScreen, type IssueSettings, issueOf, lackingOf, missingOf, readScreen } from './screen.js';
import { labelOf } from './text.js';
import { stays, transitionTo } from './transition.js';
import { logWork } from './worklog.js';

export type JiraConfig = JiraAccess &
  Pick<IssueSettings, 'project'> &
  Partial<IssueSettings> & { states?: GivenStates; resolution?: string };

/** Workflows differ by project; what is open or done beside these is told by its category. */
const usualStates: NativeStates = {
  open: ['Open', 'To Do', 'Reopened', 'Waiting for support', 'In Progress'],
  'awaiting-information': ['Waiting for customer', 'Awaiting information', 'Pending'],
  fixed: ['Resolved', 'Done'],
  closed: ['Closed', 'Done'],
};

/** Jira Cloud and Data Center, platform REST API; version 2 for what is written, as that takes plain text. */
export class JiraDesk implements ApiHelpDesk {
  readonly kind = 'api';
  readonly origin: string;
  readonly keys: TicketKeys;
  /** Its search shows a ticket after seconds to minutes, and repeated requests make two: the end is a person who looks. */
  readonly caps: ApiHelpDesk['caps'] = {
    idempotencyKey: false,
    settleMs: 0,
    conditionalUpdate: false,
    searchLagMs: 150_000,
    reopenFrom: ['fixed', 'closed'],
    hours: 'field',
  };
  private readonly api: JiraApi;
  private readonly references: JiraReferences;
  private readonly settings: IssueSettings & { states: NativeStates; resolution: string };

  /** @throws UserError `insecure-url`, `insecure-tls` */
  constructor({ states = {}, resolution = 'Done', issueType = 'Task', ...config }: JiraConfig) {
    const { project, priority = {}, labels = [], components = [], fields = {}, assignee, requester } = config;
    this.api = new JiraApi(config);
    this.origin = this.api.origin;
    this.keys = jiraKeys(project);
    this.references = new JiraReferences(this.api, project);
    const { isCloud } = this.api;
    const issue = { project, issueType, priority, labels, components, fields, assignee, requester, isCloud };
    this.settings = { ...issue, states: statesWith(usualStates, states), resolution };
  }

  check(signal: AbortSignal): Promise<Account> {
    return checkJira(this.api, this.settings, signal);
  }

  async findByReference(reference: string, signal: AbortSignal): Promise<Ticket[]> {
    return (await this.references.find(reference, signal)).map((issue) => this.ticket(issue));
  }

  async create(draft: TicketDraft, signal: AbortSignal): Promise<CreatedTicket> {
    const screen = await readScreen(this.api, this.settings, signal);
    await this.references.noteNewest(draft.reference, signal);
    const { id, key } = await this.register(issueOf(draft, this.settings, screen), screen, signal);
    return { id, key, url: ticketUrl(this.origin, key) };
  }

  /** Who cannot be assigned issues makes it refuse the whole: then it is made without them. */
  private register(
    fields: Record<string, unknown>,
    screen: CreateScreen,
    signal: AbortSignal,
  ): Promise<z.output<typeof createdSchema>> {
    const call = this.api.write('POST', '2/issue', { fields });
    return this.api.ask(createdSchema, call, signal).catch((error: unknown) => {
      if (!(error instanceof HelpDeskError) || error.status !== 400) throw error;
      const { assignee, ...others } = fields;
      const isAssignee = assignee !== undefined && error.required.some(({ field }) => field === 'assignee');
      if (isAssignee) return this.register(others, screen, signal);
      throw refusedFor(error, missingOf(error.required, fields, screen));
    });
  }

  async setReference(id: string, reference: string, signal: AbortSignal): Promise<void> {
    this.references.known.add(reference);
    const update = { labels: [{ add: labelOf(reference) }] };
    await this.api.send(this.api.write('PUT', issuePath(id), { update }), signal);
  }

  async notTaken(id: string, draft: TicketDraft, signal: AbortSignal): Promise<string[]> {
    const { fields, components, assignee = draft.assignee, requester } = this.settings;
    if (Object.keys(fieldsOf(fields, draft)).length + components.length === 0 && !assignee && !requester) return [];
    const screen = await readScreen(this.api, this.settings, signal);
    const found = await this.api.ask(valuesSchema, this.api.read(issuePath(id)), signal);
    return lackingOf(found.fields, draft, this.settings, screen);
  }

  async list(filter: TicketFilter, signal: AbortSignal): Promise<Ticket[]> {
    const issues = await listIssues(this.api, this.settings, filter, signal);
    return issues.map((issue) => this.ticket(issue)).filter((ticket) => isAsked(ticket, filter));
  }

  async get(id: string, signal: AbortSignal): Promise<Ticket> {
    const call = this.api.read(issuePath(id), { fields: issueFields.join(',') });
    return this.ticket(await this.api.ask(issueSchema, call, signal));
  }

  comments(id: string, signal: AbortSignal): Promise<TicketComment[]> {
    return commentsOf(this.api, id, signal);
  }

  async comment(id: string, comment: Comment, signal: AbortSignal): Promise<void> {
    await commentOnce(this.api, id, comment, signal);
    await afterWriting(logWork(this.api, id, comment, signal));
  }

  /** The file first, then its comment: Jira has no request for both. */
  async attach(
    id: string,
    bundle: Bundle,
    comment: Comment,
    signal: AbortSignal,
    onProgress?: (bytes: number) => void,
  ): Promise<void> {
    const { files } = await this.get(id, signal);
    if (!isAttached(files, bundle)) await this.upload(id, bundle, signal, onProgress);
    await this.comment(id, comment, signal);
  }

  private async upload(
    id: string,
    bundle: Bundle,
    signal: AbortSignal,
    onProgress?: (bytes: number) => void,
  ): Promise<void> {
    const body = multipartUpload({}, { part: 'file', bundle }, onProgress);
    // Without that header Jira takes it for a form that was sent from another site.
    const headers = { 'x-atlassian-token': 'no-check' };
    const url = this.api.at(issuePath(id, '/attachments'));
    await this.api.ask(filesSchema, { method: 'POST', url, headers, body }, signal);
    const { key, files } = await this.get(id, signal);
    if (isAttached(files, bundle)) return;
    const bytes = files.find(({ name }) => name === bundle.name)?.sizeBytes;
    const instead = bytes === undefined ? 'does not show it' : `shows ${bytes} bytes instead of ${bundle.bytes}`;
    throw new HelpDeskError('outcome-unknown', `${key} took ${bundle.name} and ${instead}`, { maybeApplied: true });
  }

  async setState(id: string, to: TicketState, _change: { ifRevision?: string }, signal: AbortSignal): Promise<Ticket> {
    const current = await this.get(id, signal);
    if (this.isIn(current, to)) return { ...current, state: to };
    const path = issuePath(current.id, '/transitions');
    const asked = this.api.read(path, { expand: 'transitions.fields' });
    const { transitions } = await this.api.ask(transitionsSchema, asked, signal);
    await this.transition(path, transitionTo(to, current, transitions, this.settings), current, signal);
    const after = await this.get(current.id, signal);
    if (this.isIn(after, to)) return { ...after, state: to };
    const why = 'although Jira answered that it changed; a rule of the project may have set it back';
    throw new HelpDeskError('refused-transition', `${stays(after)}, ${why}`);
  }

  /** A step that the workflow forbids is 400, with its reason. */
  private async transition(path: string, step: unknown, current: Ticket, signal: AbortSignal): Promise<void> {
    try {
      await this.api.send(this.api.write('POST', path, step), signal);
    } catch (error) {
      if (!(error instanceof HelpDeskError && error.status === 400)) throw error;
      const message = `${stays(current)}: ${error.message}`;
      throw new HelpDeskError('refused-transition', message, { status: 400, cause: error });
    }
  }

  /** Where a workflow has one status for two states, it is both. */
  private isIn({ state, nativeState }: Ticket, to: TicketState): boolean {
    return state === to || isNamed(nativeState, to, this.settings.states);
  }

  private ticket(issue: Issue): Ticket {
    const { known } = this.references;
    return ticketOf(issue, { origin: this.origin, states: this.settings.states, known });
  }
}
