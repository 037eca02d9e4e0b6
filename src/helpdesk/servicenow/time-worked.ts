import { z } from 'zod';
import { afterWriting } from '../after-writing.js';
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
    if (minutes !== undefined) withoutHours?.(unreadable);
    return;
  }
  await write({ time_worked: stampOf(before + minutes) });
  const after = await afterWriting(minutesWorked(place));
  if (after !== before + minutes) withoutHours?.('the field time_worked did not become what was written');
}

/** Of a comment that is there already: only where the field holds nothing else are its hours known to be in it. */
export async function checkHours(place: Place, { minutes, withoutHours }: Comment): Promise<void> {
  if (minutes === undefined) return;
  const sum = await afterWriting(minutesWorked(place));
  if (sum === undefined) withoutHours?.(unreadable);
  else if (sum !== minutes)
    withoutHours?.(`the field time_worked has ${sum} minutes in all, which do not show these; look at the ticket`);
}

const unreadable = 'the account may not read the field time_worked, or what it holds is no time';

/** @returns undefined where that is not known: a sum made of it would take the hours of others away */
async function minutesWorked({ tables, table, id, signal }: Place): Promise<number | undefined> {
  const { time_worked: raw } = await tables.row(table, id, { schema: timeSchema, fields: ['time_worked'] }, signal);
  if (raw === undefined) return undefined;
  if (raw === null || raw === '') return 0;
  const ms = /^[\d-]{10} [\d:]{8}$/.test(raw) ? Date.parse(`${raw.replace(' ', 'T')}Z`) : Number.NaN;
  return Number.isNaN(ms) ? undefined : Math.round(ms / 60_000);
}

/** So much time after 1970 as was worked. */
function stampOf(minutes: number): string {
  return new Date(minutes * 60_000).toISOString().slice(0, 19).replace('T', ' ');
}
