import type { Intent } from '../domain/journal.js';
import { fieldText, lineToFill, type RequiredField, unfilled } from '../domain/required-field.js';
import type { DeskSettings } from '../helpdesk/desk-settings.js';
import type { DeskFacts } from '../state/desk-facts.js';
import type { Operator } from '../ui/operator.js';

/** The fields that are given for a new ticket; undefined where none is registered. */
export function namesGiven(
  { fields }: Pick<DeskSettings, 'fields'>,
  { ticket, fields: given = {} }: Intent,
): string[] | undefined {
  return ticket === undefined ? [...fields, ...Object.keys(given)] : undefined;
}

/** What a new ticket lacks as far as it was known last; nothing is asked of the help desk. */
export async function knownMissing(
  settings: Pick<DeskSettings, 'desk' | 'place' | 'fields'>,
  intent: Intent,
  facts: DeskFacts,
): Promise<RequiredField[]> {
  const given = namesGiven(settings, intent);
  if (settings.desk?.kind !== 'api' || given === undefined) return [];
  return unfilled(await facts.missingAt(settings.place), given);
}

/** Says what the help desk will miss, before it does; it stops nothing. */
export function tellMissing(missing: readonly RequiredField[], operator: Operator): void {
  if (missing.length === 0) return;
  const fields = missing.map(fieldText).join('; ');
  operator.emit({
    type: 'warning',
    text: `the help desk asks for what nobody gives, and may refuse the ticket: ${fields}`,
    hint: `Add below helpdesk: ${lineToFill(missing)}; or give it: --field "NAME=VALUE". Evidence is collected all the same`,
  });
}
