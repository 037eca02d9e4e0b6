import { printableLine } from '../../domain/text.js';
import { itemError, type UserError } from '../../errors.js';
import type { RemoteEntry } from './remote-files.js';

/** The error for what a source reports: it names path and reason in an order of its own. */
export function troubleOf(text: string, title: string, path: string): UserError {
  const what = `"${printableLine(path, 120)}"`;
  if (isMissing(text)) return itemError('no-such-file', `${what} is not on ${title}`);
  return itemError('transfer-failed', `${title} failed on ${what}: ${text}`);
}

export function isMissing(text: string): boolean {
  return /no such file|not found|no matches found|does not exist/i.test(text);
}

/** Whether the source skips a link to nowhere, a pipe or a device: it says which, and goes on. */
export function isSpecial(text: string): boolean {
  return /not a regular file|unknown file type/i.test(text);
}

/**
 * The entry of a folder that the source could not offer: a pipe, a link to nowhere, a file that may not be read. Where
 * the message names no entry, its words are used as the name.
 */
export function entryNamedIn(text: string, folder: string): RemoteEntry {
  const named = pathIn(text, folder);
  const isOther = named === undefined || isSpecial(text) || isMissing(text);
  return { name: named ?? printableLine(text.replaceAll('/', ' ')), kind: isOther ? 'other' : 'file' };
}

/** The name behind the last slash of what may be a path: `logs/x: why`, `why: logs/x`, `logs/x not a regular file`. */
function pathIn(text: string, folder: string): string | undefined {
  const said = text.replace(/^scp: /, '');
  const [, before, after] = /^(.+): (.+?)$/.exec(said) ?? [];
  const [, subject] = /^(.+) (?:not a regular file|unknown file type)$/.exec(said) ?? [];
  const path = [before, after, subject?.replace(/:$/, '')].find((part) => part?.includes('/') && part !== folder);
  const name = path?.slice(path.lastIndexOf('/') + 1) ?? (before === undefined ? subject : undefined);
  return name === '' || name === '.' || name === '..' ? undefined : name;
}
