import { braced, type DraftWord } from '../domain/draft-words.js';
import type { TicketDraft } from '../domain/ticket.js';

/** Fields of a help desk by their name or id there, with what they get: a text that may hold `{product}` and the like. */
export type CustomFields = Readonly<Record<string, string>>;

/** The fields of one ticket, its own before those of the configuration. One is left out where what it is made of is not known. */
export function fieldsOf(fields: CustomFields, draft: TicketDraft): Record<string, string> {
  const filled = Object.entries(fields).map(([name, text]) => [name, filledIn(text, draft)] as const);
  const known = filled.filter((field): field is [string, string] => field[1] !== undefined);
  return { ...Object.fromEntries(known), ...draft.fields };
}

function filledIn(text: string, draft: TicketDraft): string | undefined {
  let isWhole = true;
  const filled = text.replace(braced, (_all, word: DraftWord) => {
    const value = draft[word];
    if (value === undefined) isWhole = false;
    return value ?? '';
  });
  return isWhole ? filled : undefined;
}
