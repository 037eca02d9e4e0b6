import { z } from 'zod';
import { printableLine } from '../../domain/text.js';
import { type CreatedTicket, isTicketKey } from '../../domain/ticket.js';
import { HelpDeskError } from '../help-desk.js';
import { pageOf } from './answers.js';
import type { ServiceNowTables } from './tables.js';

/** What the transform maps of a staging table made of a row: one for each map. */
const importedSchema = z.object({
  result: z.array(
    z.object({
      status: z.string(),
      table: z.string().optional(),
      sys_id: z.string().optional(),
      display_name: z.string().optional(),
      display_value: z.string().optional(),
      status_message: z.string().nullish(),
      error_message: z.string().nullish(),
    }),
  ),
});
type Imported = z.output<typeof importedSchema>['result'][number];

/** The way to create where the table itself may not be written: a row of a staging table, which is transformed at once. */
export async function importTicket(
  tables: ServiceNowTables,
  { table, importTable }: { table: string; importTable: string },
  values: Record<string, string>,
  signal: AbortSignal,
): Promise<CreatedTicket> {
  const { result } = await tables.stage(importTable, importedSchema, values, signal);
  const made = result.find(({ status, table: of }) => of === table && /^(inserted|updated)$/.test(status));
  if (made !== undefined) return ticketOf(made, tables.site, table);
  const refused = result.find(({ status }) => /^(error|ignored|skipped)$/.test(status));
  if (refused !== undefined && result.length === 1) throw new HelpDeskError('invalid', refusal(refused, importTable));
  throw unclear(`the import by ${importTable} does not say what it made in ${table}`);
}

function ticketOf({ sys_id: id, display_name: name, display_value: key }: Imported, site: URL, table: string) {
  if (id === undefined || !/^[0-9a-f]{32}$/.test(id) || name !== 'number' || key === undefined || !isTicketKey(key))
    throw unclear(`the import made something in ${table}, and does not say its number`);
  return { id, key, url: pageOf(site, table, id) };
}

function refusal({ status, status_message: said, error_message: wrong }: Imported, importTable: string): string {
  const why = [wrong, said].find((text) => text) ?? 'it does not say why';
  return `the import by ${importTable} ended as "${printableLine(status, 20)}": ${printableLine(why, 300)}`;
}

/** The ticket may be there: it is looked for by its reference. */
function unclear(message: string): HelpDeskError {
  return new HelpDeskError('outcome-unknown', message, { maybeApplied: true });
}
