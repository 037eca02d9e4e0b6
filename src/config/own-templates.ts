import { dirname, join } from 'node:path';
import { descriptionWords, readmeWords } from '../domain/template-words.js';
import { cutText, nearest, printable } from '../domain/text.js';
import { reasonOf, UserError, usageError } from '../errors.js';
import { beginningOf, isPlainFile } from './limited-file.js';
import type { OwnTemplates } from './templates.js';

/** The templates that may be somebody's own, and what each may have in double braces. */
const wordsOf: Record<keyof OwnTemplates, readonly string[]> = {
  'ticket-description.txt': descriptionWords,
  'bundle-readme.txt': readmeWords,
};

const maxCharacters = 100_000;

/**
 * The texts in the folder `templates` beside a configuration that take the place of ours.
 * @throws UserError `bad-template`, naming file, line and words: ours never takes the place of one that cannot be used
 */
export async function ownTemplates(config: string): Promise<OwnTemplates> {
  const names = Object.keys(wordsOf) as (keyof OwnTemplates)[];
  const found = await Promise.all(
    names.map(async (name) => {
      const path = join(dirname(config), 'templates', name);
      const text = await contentOf(path);
      return text === undefined ? [] : [[name, checked(text, path, wordsOf[name])] as const];
    }),
  );
  return Object.fromEntries(found.flat());
}

async function contentOf(path: string): Promise<string | undefined> {
  try {
    if (!(await isPlainFile(path)))
      throw usageError('bad-template', `${path} is no plain file`, 'Write the template there, or take it away');
    return (await beginningOf(path, maxCharacters)).replace(/^\ufeff/, '').replace(/\r\n?/g, '\n');
  } catch (error) {
    if (error instanceof UserError) throw error;
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
      return undefined;
    throw usageError('bad-template', `${path}: ${reasonOf(error)}`, 'Make it readable, or take it away');
  }
}

function checked(text: string, path: string, words: readonly string[]): string {
  if (text.trim() === '')
    throw usageError('bad-template', `${path} is empty`, 'Write what it is to say, or take it away');
  if (text.length > maxCharacters)
    throw usageError('bad-template', `${path} is longer than ${maxCharacters} characters`, 'Is it a template?');
  const faults = text.split('\n').flatMap((line, at) => {
    const unknown = [...line.matchAll(/\{\{(.*?)\}\}/g)]
      .map(([, word = '']) => word)
      .filter((word) => !words.includes(word));
    return unknown.map(
      (word) => `${path}:${at + 1}: unknown {{${cutText(printable(word), 40)}}}${hintFor(word, words)}`,
    );
  });
  if (faults.length > 0) throw usageError('bad-template', faults.join('\n'), `In double braces: ${words.join(', ')}`);
  return text;
}

function hintFor(word: string, words: readonly string[]): string {
  const near = nearest(word.trim(), words);
  return near === undefined ? '' : `; did you mean {{${near}}}?`;
}
