import type { Intent } from '../domain/journal.js';
import { fieldsLine, fieldText, type GivenFields, type RequiredField } from '../domain/required-field.js';
import type { DeskSettings } from '../helpdesk/desk-settings.js';
import type { Workplace } from '../servers/workplace.js';
import { knownMissing } from '../tickets/missing-fields.js';
import type { KnownAnswers } from '../tickets/question-form.js';
import { interviewed } from '../ui/interview.js';
import type { Operator } from '../ui/operator.js';
import type { Prompter } from '../ui/prompter.js';
import { askDraft } from './interview.js';

/** What a ticket says, with the fields that were answered just now and belong in the configuration. */
export type WithFields = { intent: Intent; answered: GivenFields };

/** What a new ticket says, with the fields without which the help desk is known to take none. */
export async function draftWithFields(
  given: Intent,
  settings: DeskSettings,
  workplace: Pick<Workplace, 'operator' | 'deskFacts'>,
  known: () => Promise<KnownAnswers>,
): Promise<Intent> {
  return withFields(await askDraft(given, workplace.operator, known), settings, workplace);
}

/** What was said, with the fields without which the help desk is known to take no ticket. */
export async function withFields(
  drafted: Intent,
  settings: DeskSettings,
  { operator, deskFacts }: Pick<Workplace, 'operator' | 'deskFacts'>,
): Promise<Intent> {
  return (await askFields(drafted, await knownMissing(settings, drafted, deskFacts), operator)).intent;
}

/** Asks for the fields without which the help desk takes no ticket, where somebody is there. */
export async function askFields(
  intent: Intent,
  missing: readonly RequiredField[],
  operator: Operator,
): Promise<WithFields> {
  if (missing.length === 0 || operator.ask === undefined) return { intent, answered: {} };
  const answered = await interviewed(operator, async ({ ask }) => {
    const answers: Record<string, string> = {};
    for (const each of missing) {
      const answer = ask === undefined ? '' : await askField(each, ask);
      if (answer !== '') answers[each.field] = answer;
    }
    return answers;
  });
  return { intent: { ...intent, fields: { ...intent.fields, ...answered } }, answered };
}

const later = '';

async function askField({ field, label, choices = [] }: RequiredField, ask: Prompter): Promise<string> {
  const question = `The help desk asks for ${fieldText({ field, label })}`;
  if (choices.length > 0) {
    const offered = choices.map((value) => ({ value, title: value }));
    return ask.choose<string>(question, [...offered, { value: later, title: '(not now)' }]);
  }
  const validate = (text: string) => (/[\x00-\x1f\x7f]/.test(text) ? 'One line of text' : undefined);
  return (await ask.text(`${question} (Enter: not now)`, { validate })).trim();
}

/** Shows the lines that save the question next time: a list that has other fields already is for a person to change. */
export function tellFields(answered: GivenFields, path: string, operator: Operator): void {
  if (Object.keys(answered).length === 0) return;
  const text = `for ${path}, below helpdesk:, so that it need not be asked again:\n  ${fieldsLine(answered)}`;
  operator.emit({ type: 'note', text, asked: true });
}
