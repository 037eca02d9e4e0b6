import type { TicketDraft } from '../../domain/ticket.js';
import { type CustomFields, fieldsOf } from '../custom-fields.js';
import { HelpDeskError } from '../help-desk.js';
import { isNamed } from './answers.js';
import type { RedmineApi } from './api.js';

const howToFindIt =
  'its number is in its address (Administration → Custom fields, …/custom_fields/NUMBER/edit); write it as helpdesk.referenceField';

/** What is said of a field that neither the project nor an issue shows. */
export function unknownField({ project }: RedmineApi, name: string): string {
  return `no issue of ${project} shows a custom field ${name}; ${howToFindIt}`;
}

/** The number of a custom field. A number is believed: whether Redmine knows it shows when a ticket is read back. */
export async function fieldId(api: RedmineApi, given: string, signal: AbortSignal): Promise<number> {
  if (/^\d+$/.test(given)) return Number(given);
  const found = (await api.fields(signal)).find(isNamed(given));
  if (found === undefined) throw new HelpDeskError('invalid', unknownField(api, given));
  return found.id;
}

/** The other fields of a ticket; one that is not known is left out, which `check` says. */
export async function otherFields(
  api: RedmineApi,
  given: CustomFields,
  draft: TicketDraft,
  signal: AbortSignal,
): Promise<{ id: number; value: string }[]> {
  const filled = Object.entries(fieldsOf(given, draft));
  const known = filled.length === 0 ? [] : await api.fields(signal);
  const values = new Map<number, string>(); // what is given for one ticket comes last, and goes before the rest
  for (const [name, value] of filled) {
    const field = known.find(isNamed(name));
    if (field !== undefined) values.set(field.id, value);
  }
  return [...values].map(([id, value]) => ({ id, value }));
}
