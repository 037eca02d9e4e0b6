import { z } from 'zod';
import { defined } from '../../domain/defined.js';
import { printableLine } from '../../domain/text.js';
import { isTicketKey, type Ticket, type TicketFile } from '../../domain/ticket.js';
import { type NativeStates, stateNamed } from '../native-states.js';

const sysId = z.string().regex(/^[0-9a-f]{32}$/);
const text = z
  .string()
  .nullish()
  .transform((given) => given ?? '');
/** A field as `sysparm_display_value=all` gives it; one that the account may not read is not there at all. */
const field = z.object({ value: text, display_value: text });

/** What is asked for of a ticket. */
export const ticketFields = [
  ...['sys_id', 'number', 'correlation_id', 'short_description'],
  ...['state', 'hold_reason', 'sys_created_on', 'sys_updated_on'],
] as const;

export const recordSchema = z.object({
  sys_id: z.object({ value: sysId }),
  number: z.object({ value: z.string().refine(isTicketKey) }),
  correlation_id: field.optional(),
  short_description: field.optional(),
  state: field.optional(),
  hold_reason: field.optional(),
  sys_created_on: field.optional(),
  sys_updated_on: field.optional(),
  opened_by: field.optional(),
});
export type ServiceNowRecord = z.output<typeof recordSchema>;

export const attachmentSchema = z.object({
  sys_id: sysId,
  file_name: z.string(),
  /** Numbers are strings here. */
  size_bytes: z.string().regex(/^\d{1,15}$/),
  table_sys_id: sysId,
  /** Neither is documented; both are there since years. */
  hash: z.string().optional(),
  state: z.string().optional(),
});
export type Attachment = z.output<typeof attachmentSchema>;

/** Rows of other tables: raw values of the fields that the account may read. */
export const rawSchema = z.record(z.string(), text);
export type RawRow = z.output<typeof rawSchema>;

export function one<T>(schema: z.ZodType<T>): z.ZodType<{ result: T }> {
  return z.object({ result: schema });
}
export function many<T>(schema: z.ZodType<T>): z.ZodType<{ result: T[] }> {
  return z.object({ result: z.array(schema) });
}

/** A state and, where it is on hold, why: `3/1`. */
export function nativeOf({ state, hold_reason: hold }: ServiceNowRecord, states: NativeStates): string {
  const plain = state?.value ?? '';
  const held = `${plain}/${hold?.value ?? ''}`;
  return stateNamed(held, states) === 'other' ? plain : held;
}

export function ticketOf(
  record: ServiceNowRecord,
  { site, table, states, files }: { site: URL; table: string; states: NativeStates; files: readonly Attachment[] },
): Ticket {
  const {
    sys_id: id,
    number,
    correlation_id: reference,
    short_description: subject,
    state,
    sys_updated_on: updated,
  } = record;
  return {
    id: id.value,
    key: number.value,
    url: pageOf(site, table, id.value),
    ...(reference?.value ? { reference: reference.value } : {}),
    subject: printableLine(subject?.value ?? '', 500),
    state: stateNamed(nativeOf(record, states), states),
    nativeState: printableLine(state?.display_value || state?.value || 'not shown to this account', 100),
    ...defined({ updatedAt: instantOf(updated?.value) }),
    files: files.filter((file) => file.table_sys_id === id.value && !isBlocked(file)).map(fileOf),
  };
}

/** Where people see a row. */
export function pageOf(site: URL, table: string, id: string): string {
  const page = `${table}.do?sys_id=${id}`;
  return new URL(`nav_to.do?uri=${encodeURIComponent(page)}`, site).href;
}

/** Raw times are UTC, without saying so. */
export function instantOf(raw: string | undefined): string | undefined {
  const match = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)$/.exec(raw ?? '');
  return match ? `${match[1]}T${match[2]}Z` : undefined;
}

function fileOf({ sys_id: id, file_name: name, size_bytes: size, hash }: Attachment): TicketFile {
  const sha256 = /^[0-9a-f]{64}$/i.test(hash ?? '') ? hash?.toLowerCase() : undefined;
  return { id, name, sizeBytes: Number(size), ...defined({ sha256 }) };
}

/** A file that was found to be infected stays listed, and nobody can have it. One that is not scanned yet is `pending`. */
function isBlocked({ state }: Attachment): boolean {
  return state === 'not_available';
}

export function isLocked(file: Attachment, { name, bytes }: { name: string; bytes: number }): boolean {
  return isBlocked(file) && file.file_name === name && Number(file.size_bytes) === bytes;
}
