import { z } from 'zod';
import type { Comment } from '../help-desk.js';
import type { ServiceNowTables } from './tables.js';

const timeSchema = z.object({ time_worked: z.string().nullish() });

/** A row, and who may be told that its hours were not kept. */
type Place = { tables: ServiceNowTables; table: string; id: string; signal: AbortSignal };

/**
 * Writes a comment with its hours, in one request: where the comment is, they are. The field holds the sum of all hours.
 * @param write sends the comment with further fields, and proves that it is there
 */
export async function writeWithHours(
  place: Place,
  { minutes, withoutHours }: Comment,
  write: (fields: Record<string, string>) => Promise<void>,
): Promise<void> {
  const before = minutes === undefined ? undefined : await minutesWorked(place);
  if (minutes === undefined || before === undefined) {
    await write({});
    if (minutes !== undefined) withoutHours?.('the account may not read the field time_worked');
    return;
  }
  await write({ time_worked: stampOf(before + minutes) });
  const after = await minutesWorked(place);
  if (after !== before + minutes) withoutHours?.('the field time_worked did not become what was written');
}

async function minutesWorked({ tables, table, id, signal }: Place): Promise<number | undefined> {
  const { time_worked: raw } = await tables.row(table, id, { schema: timeSchema, fields: ['time_worked'] }, signal);
  if (raw === undefined) return undefined;
  return raw ? Math.round((Date.parse(`${raw.replace(' ', 'T')}Z`) || 0) / 60_000) : 0;
}

/** So much time after 1970 as was worked. */
function stampOf(minutes: number): string {
  return new Date(minutes * 60_000).toISOString().slice(0, 19).replace('T', ' ');
}
