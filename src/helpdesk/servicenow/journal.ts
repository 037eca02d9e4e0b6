import { z } from 'zod';
import type { TicketComment } from '../../domain/ticket.js';
import type { Comment } from '../help-desk.js';
import { instantOf, rawSchema } from './answers.js';
import { mayNotSee } from './http.js';
import type { ServiceNowTables } from './tables.js';

/** What the caller sees, and gets by mail; what only the help desk sees. */
const publicField = 'comments';
const internalField = 'work_notes';
export const journalFields = [publicField, internalField] as const;

const journalSchema = z.object({
  [publicField]: z.string().nullish(),
  [internalField]: z.string().nullish(),
});

/** What is written to a ticket. Journals show `[code]` as markup, which text of a device must not become. */
export function commentIn({ body, public: isPublic, marker }: Comment): Record<string, string> {
  const text = body.includes(marker) ? body : `${body}\n${marker}`;
  return { [isPublic ? publicField : internalField]: text.replace(/\[(\/?)(code)\]/gi, '($1$2)') };
}

/**
 * Whether a comment is there. Raw values of a journal are empty, and the table behind it has rules of its own: what people
 * see of it has all its entries as one text.
 */
export async function hasEntry(
  tables: ServiceNowTables,
  table: string,
  id: string,
  { public: isPublic, marker }: Comment,
  signal: AbortSignal,
): Promise<boolean> {
  const journal = await journalOf(tables, table, id, signal);
  if (journal[isPublic ? publicField : internalField] === undefined)
    throw mayNotSee(`the field ${isPublic ? publicField : internalField}`, 'a comment could not be found again');
  return journalFields.some((field) => journal[field]?.includes(marker));
}

/** The entries, oldest first. @throws HelpDeskError `forbidden` where only their text as a whole may be read */
export async function entriesOf(
  tables: ServiceNowTables,
  table: string,
  id: string,
  signal: AbortSignal,
): Promise<TicketComment[]> {
  const query = `element_id=${id}^elementIN${journalFields.join(',')}^ORDERBYsys_created_on`;
  const fields = ['element_id', 'element', 'value', 'sys_created_on', 'sys_created_by'];
  const { rows, hidden } = await tables.rows(
    'sys_journal_field',
    { schema: rawSchema, fields },
    { query, limit: 1000 },
    signal,
  );
  const ours = rows.filter((row) => row['element_id'] === id);
  if (ours.length === 0) {
    const journal = await journalOf(tables, table, id, signal);
    if (hidden > 0 || journalFields.some((field) => journal[field]))
      throw mayNotSee('single comments (sys_journal_field)');
  }
  return ours.map(({ element, value = '', sys_created_on: at, sys_created_by: author }) => ({
    ...(instantOf(at) === undefined ? {} : { at: instantOf(at) }),
    ...(author ? { author } : {}),
    body: value,
    public: element === publicField,
  })) as TicketComment[];
}

function journalOf(tables: ServiceNowTables, table: string, id: string, signal: AbortSignal) {
  return tables.row(
    table,
    id,
    { schema: journalSchema, fields: ['sys_id', ...journalFields], display: 'true' },
    signal,
  );
}
