import { resolve } from 'node:path';
import type { Intent } from '../domain/journal.js';
import { reasonOf, usageError } from '../errors.js';
import { answersSchema } from './answers-schema.js';
import { beginningOf } from './limited-file.js';
import { type Given, standardInput } from './standard-input.js';
import { parseYaml } from './yaml.js';

const maxCharacters = 100_000;

/**
 * Reads what is said of an incident from a file.
 * @param given its path, or `-` for standard input
 * @throws UserError `bad-answers`, naming file, line, key, and what is allowed there
 */
export async function loadAnswers(given: string, from: Given): Promise<Intent> {
  if (given === '-') return parseAnswers(await standardInput(from), 'standard input');
  const path = resolve(from.cwd, given);
  const text = await beginningOf(path, maxCharacters, from.signal).catch((error: unknown) => {
    if (from.signal.aborted) throw from.signal.reason;
    throw usageError('bad-answers', `--answers ${given}: ${reasonOf(error)}`, 'Name a file that can be read');
  });
  return parseAnswers(text, path);
}

export function parseAnswers(text: string, path: string): Intent {
  if (text.length > maxCharacters)
    throw usageError(
      'bad-answers',
      `${path} is longer than ${maxCharacters} characters`,
      'Attach what is long to the ticket',
    );
  const {
    summary,
    severity,
    description,
    contact = {},
    ...answers
  } = parseYaml(answersSchema, text, path, 'bad-answers');
  const about = said(contact);
  const answered = said(answers as Record<string, string | undefined>);
  return {
    ...said({ summary, description }),
    ...(severity === undefined ? {} : { severity }),
    ...(Object.keys(about).length === 0 ? {} : { contact: about }),
    ...(Object.keys(answered).length === 0 ? {} : { answers: answered }),
  };
}

/** What is not empty. */
function said(values: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).filter((entry): entry is [string, string] => Boolean(entry[1])));
}
