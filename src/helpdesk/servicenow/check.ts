import { defined } from '../../domain/defined.js';
import { printableLine } from '../../domain/text.js';
import { type TicketState, ticketStates } from '../../domain/ticket.js';
import { type Account, HelpDeskError } from '../help-desk.js';
import { clockProblem } from '../http/answer.js';
import { assigneeKey } from '../lacking.js';
import { type RawRow, rawSchema, ticketFields } from './answers.js';
import { mandatoryFields } from './fields.js';
import { journalFields } from './journal.js';
import type { ServiceNowTables } from './tables.js';
import type { ServiceNowConfig } from './values.js';

/** Looks at what a ticket will need, and changes nothing. What this account may not look at is not a problem by itself. */
export async function checkInstance(
  tables: ServiceNowTables,
  config: ServiceNowConfig,
  assignees: readonly string[],
  signal: AbortSignal,
): Promise<Account> {
  const look = (table: string, fields: readonly string[], query: string, limit: number) =>
    tables.rows(table, { schema: rawSchema, fields }, { query, limit }, signal);
  const { table } = config;
  // The newest: a limit comes before the rules of access, and what is new is most likely to be seen.
  const newest = await look(table, [...ticketFields, ...journalFields], 'ORDERBYDESCsys_created_on', 1);
  const account = await whoIs(look, config);
  const maxFileBytes = await largestFile(look);
  const problems = [
    ...unreadable(newest.rows[0], newest.hidden, table),
    ...choiceProblems(await choices(look, table), config),
    ...(await filesProblem(tables, config, signal)),
    ...(await missingRow(tables, 'sys_user', 'helpdesk.callerId', config.callerId, signal)),
    ...(await missingRow(tables, 'sys_user_group', 'helpdesk.assignmentGroup', config.assignmentGroup, signal)),
    ...(await missingRow(tables, 'sys_user', 'helpdesk.assignedTo', config.assignedTo, signal)),
    ...(await missingAssignees(tables, assignees, signal)),
    ...clockProblem(newest.answer),
  ];
  const required = await mandatoryFields(tables, config, signal);
  return { account, ...defined({ maxFileBytes, required }), problems };
}

type Look = (
  table: string,
  fields: readonly string[],
  query: string,
  limit: number,
) => Promise<{ rows: RawRow[]; hidden: number }>;

/** Our own row; several mean that the condition was ignored, and the first of them is somebody else. */
async function whoIs(look: Look, { login }: ServiceNowConfig): Promise<string> {
  const query = 'sys_id=javascript:gs.getUserID()';
  const rows = await unlessClosed(look('sys_user', ['sys_id', 'user_name'], query, 2).then(({ rows }) => rows));
  const name = rows?.length === 1 ? rows[0]?.['user_name'] : undefined;
  if (name) return printableLine(name, 100);
  return 'user' in login ? login.user : `the account of ${'apiKey' in login ? 'apiKey' : 'clientId'}`;
}

const sizeProperty = 'com.glide.attachment.max_size';

async function largestFile(look: Look): Promise<number | undefined> {
  const rows = await unlessClosed(
    look('sys_properties', ['name', 'value'], `name=${sizeProperty}`, 1).then(({ rows }) => rows),
  );
  const megabytes = rows?.find(({ name }) => name === sizeProperty)?.['value'] ?? '';
  return /^[1-9]\d{0,5}$/.test(megabytes) ? Number(megabytes) * 1024 * 1024 : undefined;
}

/** Fields that are not in an answer may not be read. */
function unreadable(newest: RawRow | undefined, hidden: number, table: string): string[] {
  if (newest === undefined)
    return hidden > 0
      ? [`the newest row of ${table} may not be seen by this account; will it see its own tickets?`]
      : [];
  const why: Record<string, string> = {
    correlation_id: 'tickets cannot be found again',
    state: 'their state is not known',
    comments: 'no comment can be added safely',
    work_notes: 'no internal comment can be added safely',
  };
  return Object.entries(why)
    .filter(([field]) => newest[field] === undefined)
    .map(
      ([field, so]) =>
        `the account may not read the field ${field} of ${table}: ${so}. Ask for the right to read and write it`,
    );
}

/** The choices of a field; those of the table go before those it has from `task`. */
async function choices(look: Look, table: string): Promise<(field: string) => RawRow[]> {
  const elements = ['state', 'hold_reason', 'close_code', 'impact', 'urgency'];
  const query = `nameIN${table},task^elementIN${elements.join(',')}^inactive=false`;
  const fields = ['name', 'element', 'value', 'label'];
  const rows = (await unlessClosed(look('sys_choice', fields, query, 1000).then(({ rows }) => rows))) ?? [];
  return (field) => {
    const of = (name: string) => rows.filter((row) => row['name'] === name && row['element'] === field);
    return of(table).length > 0 ? of(table) : of('task');
  };
}

/** A value that is no choice is stored all the same, and means nothing to anybody there. */
function choiceProblems(of: (field: string) => RawRow[], { states, closing, severities }: ServiceNowConfig): string[] {
  const stateParts = (state: TicketState) => states[state][0].split('/');
  const wanted: [key: string, field: string, value: string | undefined][] = [
    ...ticketStates.flatMap((state): [string, string, string | undefined][] => [
      [`states.${state}`, 'state', stateParts(state)[0]],
      [`states.${state}`, 'hold_reason', stateParts(state)[1]],
    ]),
    ['closeCode', 'close_code', closing.code],
    ...Object.entries(severities).flatMap(([severity, pair]): [string, string, string | undefined][] => [
      [`severities.${severity}`, 'impact', pair.split('/')[0]],
      [`severities.${severity}`, 'urgency', pair.split('/')[1]],
    ]),
  ];
  return wanted.flatMap(([key, field, value]) => {
    const known = of(field);
    if (value === undefined || known.length === 0 || known.some((choice) => choice['value'] === value)) return [];
    return [`helpdesk.${key}: ${field} has no ${value}; it has ${known.map(choiceText).join(', ')}`];
  });
}

function choiceText({ value = '', label = '' }: RawRow): string {
  return printableLine(value === label || label === '' ? value : `${value} (${label})`, 60);
}

/** The Attachment API can be closed on its own. */
async function filesProblem(
  tables: ServiceNowTables,
  { table }: ServiceNowConfig,
  signal: AbortSignal,
): Promise<string[]> {
  const nobody = '0'.repeat(32);
  const seen = await unlessClosed(tables.files(table, [nobody], signal));
  return seen === undefined ? ['the account may not use the Attachment API: no ZIP can be attached'] : [];
}

async function missingAssignees(
  tables: ServiceNowTables,
  assignees: readonly string[],
  signal: AbortSignal,
): Promise<string[]> {
  const missing: string[] = [];
  for (const each of assignees) missing.push(...(await missingRow(tables, 'sys_user', assigneeKey, each, signal)));
  return missing;
}

async function missingRow(
  tables: ServiceNowTables,
  table: string,
  key: string,
  id: string | undefined,
  signal: AbortSignal,
): Promise<string[]> {
  if (id === undefined) return [];
  const found = await unlessClosed(tables.row(table, id, { schema: rawSchema, fields: ['sys_id'] }, signal));
  return found === undefined ? [`${key}: ${table} has no ${id}, or this account may not see it`] : [];
}

/** @returns undefined where this account may not look */
async function unlessClosed<T>(looking: Promise<T>): Promise<T | undefined> {
  return looking.catch((error: unknown) => {
    if (error instanceof HelpDeskError && (error.kind === 'forbidden' || error.kind === 'not-found')) return undefined;
    throw error;
  });
}
