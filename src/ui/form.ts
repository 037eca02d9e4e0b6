import { printableLine } from '../domain/text.js';
import { backChoice, emptied, isBack } from './interview-words.js';
import type { Field, FormOptions, FormValues, Prompter } from './prompter.js';

/** What a form is asked with. */
export type Screen = Pick<Prompter, 'text' | 'choose'> & {
  /** A text of several lines. @returns undefined where the person has no editor, or it failed */
  edit(text: string): Promise<string | undefined>;
  columns: number;
};

const goOn = { value: '', title: 'go on' };
/** The cursor, and a column that stays free. */
const margin = 4;

/** Shows all questions with their answers until the person goes on; each that is chosen is asked. */
export async function fillForm(
  title: string,
  fields: readonly Field[],
  { values = {}, onBack }: FormOptions,
  screen: Screen,
): Promise<FormValues> {
  const answers = { ...values };
  let cursor = goOn.value;
  for (;;) {
    const back = onBack === undefined ? [] : [backChoice];
    const lines = fields.map((field) => ({
      value: field.key,
      title: lineOf(field, answers, fields, screen.columns),
      short: field.title,
    }));
    const chosen = await screen.choose(title, [goOn, ...lines, ...back], cursor);
    if (chosen === backChoice.value) onBack?.(answers);
    const at = fields.findIndex(({ key }) => key === chosen);
    const field = fields[at];
    if (field === undefined) return answers;
    const answer = await askField(field, answers[field.key], screen);
    cursor = field.key;
    if (answer === undefined) continue;
    answers[field.key] = answer && (field.tidy?.(answer) ?? answer);
    cursor = fields.slice(at + 1).find((next) => !shownOf(next, answers))?.key ?? goOn.value;
  }
}

function shownOf({ key, known }: Field, answers: FormValues): string {
  return answers[key] ?? known ?? '';
}

function lineOf(field: Field, answers: FormValues, fields: readonly Field[], columns: number): string {
  const width = Math.max(...fields.map(({ title }) => title.length));
  const hasLast = field.last !== undefined && answers[field.key] === undefined;
  const shown = shownOf(field, answers) || (hasLast ? `– (last time: ${field.last})` : '–');
  return `${field.title.padEnd(width)}  ${printableLine(shown, Math.max(columns - width - 2 - margin, 10))}`;
}

/** @returns the answer; undefined where the person goes back to the list */
async function askField(field: Field, answered: string | undefined, screen: Screen): Promise<string | undefined> {
  const initial = answered ?? field.known ?? field.last ?? '';
  const isLast = answered === undefined && field.known === undefined && field.last !== undefined;
  if (field.kind === 'choice') return askChoice(field, initial, isLast, screen);
  const edited = field.kind === 'long' ? await screen.edit(initial) : undefined;
  return edited?.trim() ?? askText(field, initial, isLast, screen);
}

async function askChoice(
  { question, choices = [] }: Field,
  initial: string,
  isLast: boolean,
  { choose }: Screen,
): Promise<string | undefined> {
  const titled = choices.map((value) => ({
    value,
    title: isLast && value === initial ? `${value}  (last time)` : value,
  }));
  const chosen = await choose(question, [...titled, { value: '', title: 'no answer' }, backChoice], initial);
  return chosen === backChoice.value ? undefined : chosen;
}

async function askText(
  { question, validate }: Field,
  initial: string,
  isLast: boolean,
  { text }: Screen,
): Promise<string | undefined> {
  const isNothing = (typed: string) => isBack(typed) || typed.trim() === '' || typed.trim() === emptied;
  const hint = initial === '' ? 'Enter: skip' : `${emptied}: empty`;
  const typed = await text(`${question} (${hint})${isLast ? ' Last time:' : ''}`, {
    ...(initial === '' ? {} : { initial }),
    validate: (answer) => (isNothing(answer) ? undefined : validate?.(answer.trim())),
  });
  if (isBack(typed)) return undefined;
  return typed.trim() === emptied ? '' : typed.trim();
}
