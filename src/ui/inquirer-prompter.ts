import inquirer from 'inquirer';
import { defined } from '../domain/defined.js';
import { exitCode, UserError } from '../errors.js';
import { fillForm } from './form.js';
import type { Editor, Prompter } from './prompter.js';

type Question = Record<string, unknown> & { type: 'input' | 'password' | 'select' | 'confirm'; message: string };

/** The question and its first answer stay on the screen. */
const linesBeside = 8;
/** Beside the list of a form: its title, and how to choose. */
const linesBesideForm = 3;
const fewestChoices = 5;

/**
 * Asks on stderr, so that stdout holds nothing but the result.
 * @param editor for texts of several lines, where the person has one
 */
export function openPrompter(
  input: NodeJS.ReadStream,
  output: NodeJS.WriteStream,
  signal: AbortSignal,
  editor?: Editor,
): Prompter {
  const prompt = inquirer.createPromptModule({ input, output, signal });
  const ask = async <T>(question: Question): Promise<T> => {
    try {
      const answers = (await prompt([{ ...question, name: 'answer' }] as never)) as { answer: T };
      return answers.answer;
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      if (error instanceof Error && error.name === 'ExitPromptError') {
        throw new UserError('interrupted', 'interrupted', { exit: exitCode.interrupted, cause: error });
      }
      throw error;
    }
  };
  const chooseBeside =
    (lines: number): Prompter['choose'] =>
    (message, choices, initial) =>
      ask({
        type: 'select',
        pageSize: Math.max(fewestChoices, (output.rows || 24) - lines),
        message,
        choices: choices.map(({ title, ...choice }) => ({ ...choice, name: title })),
        ...defined({ default: initial }),
      });
  const text: Prompter['text'] = (message, { initial, validate } = {}) =>
    ask<string>({
      type: 'input',
      message,
      ...defined({ default: initial }),
      ...(validate === undefined ? {} : { validate: (answer: string) => validate(answer) ?? true }),
    });
  return {
    text,
    long: (question, initial) => askLong(question, initial, text, editor),
    secret: (message) => ask<string>({ type: 'password', message, mask: false }),
    choose: chooseBeside(linesBeside),
    confirm: (message, initial) => ask<boolean>({ type: 'confirm', message, default: initial }),
    form: (title, fields, options = {}) =>
      fillForm(title, fields, options, {
        text,
        choose: chooseBeside(linesBesideForm),
        edit: async (before) => editor?.edit(before),
        columns: output.columns || 80,
      }),
  };
}

/** Who has little to say types it at once; Enter opens the editor. */
async function askLong(
  question: string,
  initial: string | undefined,
  text: Prompter['text'],
  editor?: Editor,
): Promise<string> {
  if (editor === undefined) return text(question, defined({ initial }));
  const line = await text(`${question} (Enter: opens ${editor.name})`);
  if (line.trim() !== '') return line;
  const written = await editor.edit(initial ?? '');
  return written ?? text(`${question} (${editor.name} failed: in one line)`, defined({ initial }));
}
