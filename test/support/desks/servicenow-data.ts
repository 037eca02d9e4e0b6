import { createHash, randomBytes } from 'node:crypto';

export type Row = Record<string, string>;
export type Tables = Record<string, Row[]>;

export const newId = () => randomBytes(16).toString('hex');
export const stamp = (at = new Date()) => at.toISOString().slice(0, 19).replace('T', ' ');
export const sha256Of = (content: Buffer) => createHash('sha256').update(content).digest('hex');

const ofEvery = ['sys_id', 'sys_created_on', 'sys_updated_on', 'sys_created_by', 'sys_mod_count'];
/** The fields that a table has; others are dropped, and ignored in queries. */
const columns: Record<string, readonly string[]> = {
  incident: [
    ...['number', 'correlation_id', 'correlation_display', 'short_description', 'description', 'impact', 'urgency'],
    ...[
      'priority',
      'state',
      'hold_reason',
      'close_code',
      'close_notes',
      'caller_id',
      'assignment_group',
      'assigned_to',
      'opened_by',
    ],
    ...['category', 'company', 'comments', 'work_notes', 'u_license', 'u_site', 'u_contract'],
    'time_worked',
  ],
  sys_user: ['user_name', 'name'],
  sys_user_group: ['name'],
  sys_dictionary: ['name', 'element', 'column_label', 'mandatory', 'active', 'default_value'],
  sys_choice: ['name', 'element', 'value', 'label', 'inactive'],
  sys_properties: ['name', 'value'],
  sys_journal_field: ['element_id', 'element', 'value', 'name'],
  sys_attachment: [
    ...['table_name', 'table_sys_id', 'file_name', 'size_bytes', 'size_compressed', 'compressed'],
    ...['content_type', 'hash', 'state', 'download_link'],
  ],
};

export function hasColumn(table: string, field: string): boolean {
  return [...ofEvery, ...(columns[table] ?? [])].includes(field);
}

const choice = (element: string, value: string, label = value): Row => ({
  ...{ sys_id: newId(), name: 'incident', element, value, label, inactive: 'false' },
});

const column = (name: string, element: string, label: string, mandatory = 'false'): Row => ({
  ...{ sys_id: newId(), name, element, column_label: label, mandatory, active: 'true', default_value: '' },
});

export const stateLabels: Record<string, string> = {
  ...{ 1: 'New', 2: 'In Progress', 3: 'On Hold', 6: 'Resolved', 7: 'Closed', 8: 'Canceled' },
};

/** An instance as it comes, with an account for us, somebody who calls, and a group. */
export function freshTables(me: string): Tables {
  return {
    incident: [],
    sys_user: [
      { sys_id: newId(), user_name: 'abel.tuter', name: 'Abel Tuter' },
      { sys_id: me, user_name: 'icepack', name: 'icepack' },
    ],
    sys_user_group: [{ sys_id: newId(), name: 'Network' }],
    sys_properties: [],
    sys_dictionary: [
      column('task', 'short_description', 'Short description', 'true'),
      column('incident', 'u_site', 'Site'),
      column('incident', 'u_contract', 'Contract'),
    ],
    sys_journal_field: [],
    sys_attachment: [],
    sys_choice: [
      ...Object.entries(stateLabels).map(([value, label]) => choice('state', value, label)),
      ...['Awaiting Caller', 'Awaiting Problem', 'Awaiting Vendor', 'Awaiting Change'].map((label, index) =>
        choice('hold_reason', ['1', '3', '4', '5'][index] ?? '', label),
      ),
      ...['Solution provided', 'Workaround provided', 'Resolved by caller'].map((code) => choice('close_code', code)),
      ...['impact', 'urgency'].flatMap((element) => ['1', '2', '3'].map((value) => choice(element, value))),
    ],
  };
}

type Condition = { field: string; operator: string; value: string };

/**
 * An encoded query, as far as it is used: `a=1^bINx,y^ORDERBYc`. Values are compared as the database does it, whatever the
 * case. A condition with a field that is not known is ignored.
 */
export function select(
  rows: readonly Row[],
  query: string,
  { isKnown, me, noneWhenInvalid }: { isKnown: (field: string) => boolean; me: string; noneWhenInvalid: boolean },
): Row[] {
  const parts = query.split('^').filter((part) => part !== '');
  const conditions = parts.filter((part) => !part.startsWith('ORDERBY')).map(conditionOf);
  if (noneWhenInvalid && conditions.some(({ field }) => !isKnown(field))) return [];
  const known = conditions.filter(({ field }) => isKnown(field));
  const found = rows.filter((row) => known.every((condition) => holds(row, condition, me)));
  const order = parts.map((part) => /^ORDERBY(DESC)?([a-z_]+)$/.exec(part)).find((match) => match !== null);
  const field = order?.[2] ?? 'sys_created_on';
  const sorted = found.toSorted((a, b) => (a[field] ?? '').localeCompare(b[field] ?? ''));
  return order?.[1] === undefined ? sorted : sorted.toReversed();
}

function conditionOf(part: string): Condition {
  const [, field = '', operator = '', value = ''] = /^([a-z_]+)(IN|>=|=)(.*)$/.exec(part) ?? [];
  if (field === '') throw new Error(`the fake does not know the condition ${part}`);
  return { field, operator, value };
}

function holds(row: Row, { field, operator, value }: Condition, me: string): boolean {
  const has = (row[field] ?? '').toLowerCase();
  const wanted = (value === 'javascript:gs.getUserID()' ? me : value).toLowerCase();
  if (operator === 'IN') return wanted.split(',').includes(has);
  return operator === '=' ? has === wanted : has >= wanted;
}
