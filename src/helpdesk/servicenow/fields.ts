import type { RequiredField } from '../../domain/required-field.js';
import { printableLine } from '../../domain/text.js';
import type { TicketDraft } from '../../domain/ticket.js';
import { fieldsOf } from '../custom-fields.js';
import { HelpDeskError } from '../help-desk.js';
import { didNotAssign, didNotTake, lackingFields } from '../lacking.js';
import { type RawRow, rawSchema } from './answers.js';
import type { ServiceNowTables } from './tables.js';
import { people, type ServiceNowConfig } from './values.js';

/** What every ticket is given, or the instance itself fills in. */
const filled = new Set([
  ...['short_description', 'description', 'impact', 'urgency', 'correlation_id', 'correlation_display'],
  ...['number', 'state', 'priority', 'opened_by', 'opened_at', 'active'],
]);

/**
 * The fields that the dictionary calls mandatory. What forms and policies ask for besides is known by a refusal only.
 * @returns undefined where the account may not read the dictionary
 */
export async function mandatoryFields(
  tables: ServiceNowTables,
  config: ServiceNowConfig,
  signal: AbortSignal,
): Promise<RequiredField[] | undefined> {
  const rows = await dictionary(tables, config, 'mandatory=true', signal);
  const given = new Set([...filled, ...Object.keys(people(config)), ...Object.keys(config.fields)]);
  const open = rows?.filter(({ element = '', default_value: value }) => element && !value && !given.has(element));
  return open && withChoices(open.map(requiredField), tables, config, signal);
}

/** The fields behind the labels of a refusal; a label that the dictionary does not show stays what it is. */
export async function fieldsLabelled(
  labels: readonly string[],
  tables: ServiceNowTables,
  config: ServiceNowConfig,
  signal: AbortSignal,
): Promise<RequiredField[]> {
  const plain = labels.filter((label) => /^[^,^]+$/.test(label));
  const rows = (await dictionary(tables, config, `column_labelIN${plain.join(',')}`, signal)) ?? [];
  const found = labels.map((label) => {
    const row = rows.find(({ column_label: name }) => name?.toLowerCase() === label.toLowerCase());
    return row === undefined ? { field: label, label } : requiredField(row);
  });
  return withChoices(found, tables, config, signal);
}

/** What a ticket was to have and has not: references to rows that are not there, and fields, are ignored. */
export async function lackingAt(
  id: string,
  draft: TicketDraft,
  tables: ServiceNowTables,
  config: ServiceNowConfig,
  signal: AbortSignal,
): Promise<string[]> {
  const wanted = Object.entries(people(config, draft));
  const sent = Object.keys(fieldsOf(config.fields, draft));
  if (wanted.length + sent.length === 0) return [];
  const fields = [...wanted.map(([field]) => field), ...sent];
  const row = await tables.row(config.table, id, { schema: rawSchema, fields }, signal);
  const lost = wanted.filter(([field, value]) => !sent.includes(field) && row[field] !== value);
  return [
    ...lost.map(([field, value]) =>
      field === 'assigned_to'
        ? didNotAssign(draft, field, value, 'assignedTo')
        : didNotTake(field, value, keyOf[field] ?? field),
    ),
    ...lackingFields(sent, (name) => Boolean(row[name])),
  ];
}

const keyOf: Record<string, string> = {
  ...{ caller_id: 'callerId', assignment_group: 'assignmentGroup', assigned_to: 'assignedTo' },
};

function requiredField({ element = '', column_label: label = '' }: RawRow): RequiredField {
  return { field: element, label: printableLine(label, 200) || element };
}

async function withChoices(
  fields: readonly RequiredField[],
  tables: ServiceNowTables,
  { table }: ServiceNowConfig,
  signal: AbortSignal,
): Promise<RequiredField[]> {
  if (fields.length === 0) return [];
  const query = `nameIN${table},task^elementIN${fields.map(({ field }) => field).join(',')}^inactive=false`;
  const asked = { schema: rawSchema, fields: ['element', 'value'] };
  const rows = (await unlessClosed(tables.rows('sys_choice', asked, { query, limit: 500 }, signal)))?.rows ?? [];
  return fields.map((each) => {
    const choices = rows.filter(({ element }) => element === each.field).map(({ value = '' }) => value);
    return choices.length === 0 ? each : { ...each, choices: [...new Set(choices)] };
  });
}

async function dictionary(
  tables: ServiceNowTables,
  { table }: ServiceNowConfig,
  condition: string,
  signal: AbortSignal,
): Promise<RawRow[] | undefined> {
  const fields = ['name', 'element', 'column_label', 'mandatory', 'default_value'];
  const query = `nameIN${table},task^active=true^${condition}`;
  const found = await unlessClosed(
    tables.rows('sys_dictionary', { schema: rawSchema, fields }, { query, limit: 500 }, signal),
  );
  if (found === undefined || found.hidden > 0) return undefined;
  // A condition that is ignored lets everything through.
  const isAsked = ({ name, mandatory }: RawRow) =>
    (name === table || name === 'task') && (!condition.startsWith('mandatory') || mandatory === 'true');
  return found.rows.filter(isAsked);
}

async function unlessClosed<T>(looking: Promise<T>): Promise<T | undefined> {
  return looking.catch((error: unknown) => {
    if (error instanceof HelpDeskError && ['forbidden', 'not-found', 'invalid'].includes(error.kind)) return undefined;
    throw error;
  });
}
