import { printableLine } from '../../domain/text.js';
import type { Severity, Ticket, TicketDraft, TicketState } from '../../domain/ticket.js';
import { type CustomFields, fieldsOf } from '../custom-fields.js';
import { HelpDeskError } from '../help-desk.js';
import type { NativeStates } from '../native-states.js';
import type { ServiceNowAccess } from './http.js';

export type ServiceNowConfig = ServiceNowAccess & {
  table: string;
  /** A staging table, where tickets are made by an import. */
  importTable?: string;
  states: NativeStates;
  /** Impact and urgency, `1/2`; the help desk makes the priority of them. */
  severities: Readonly<Record<Severity, string>>;
  /** Without them no incident can be resolved. */
  closing: { code: string; notes: string };
  callerId?: string;
  assignmentGroup?: string;
  assignedTo?: string;
  fields: CustomFields;
  settleMs: number;
};

/** `short_description` holds no more. */
const maxSubject = 160;

/** What a new ticket is made of. */
export function valuesOf(draft: TicketDraft, config: ServiceNowConfig): Record<string, string> {
  const { severities, fields } = config;
  const [impact = '', urgency = ''] = severities[draft.severity].split('/');
  return {
    short_description: printableLine(draft.subject, maxSubject),
    description: draft.body,
    ...{ impact, urgency },
    ...people(config, draft),
    ...fieldsOf(fields, draft),
    ...referenceFields(draft.reference),
  };
}

/** Whom a ticket is from, and who works on it, by their fields. */
export function people(config: ServiceNowConfig, { assignee }: Partial<TicketDraft> = {}): Record<string, string> {
  const { callerId, assignmentGroup } = config;
  const assignedTo = assignee ?? config.assignedTo;
  return {
    ...(callerId === undefined ? {} : { caller_id: callerId }),
    ...(assignmentGroup === undefined ? {} : { assignment_group: assignmentGroup }),
    ...(assignedTo === undefined ? {} : { assigned_to: assignedTo }),
  };
}

export function referenceFields(reference: string): Record<string, string> {
  return { correlation_id: reference, correlation_display: 'icepack' };
}

/** What a ticket gets with a state: policies refuse one without its reason or its codes. */
export function changeTo(to: TicketState, { states, closing }: ServiceNowConfig): Record<string, string> {
  const [state = '', hold] = states[to][0].split('/');
  return {
    state,
    ...(hold === undefined ? {} : { hold_reason: hold, comments: 'More information is needed to go on.' }),
    ...(to === 'fixed' || to === 'closed' ? { close_code: closing.code, close_notes: closing.notes } : {}),
  };
}

/** A rule or a policy that refuses a state is no refusal of the account; closing is one that most accounts get. */
export function refusedBy(error: unknown, { key, nativeState }: Ticket, to: TicketState): unknown {
  if (!(error instanceof HelpDeskError) || error.status !== 403) return error;
  if (error.kind === 'invalid' || to === 'closed') return refused(`${key} stays ${nativeState}: ${error.message}`, to);
  return error;
}

export function refused(what: string, to: TicketState): HelpDeskError {
  const toClose = '. Closing needs the role itil_admin; a resolved ticket (fixed) is closed by the help desk itself';
  return new HelpDeskError('refused-transition', `${what}${to === 'closed' ? toClose : ''}`);
}
