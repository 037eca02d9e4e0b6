import { cutText, printableLine } from '../../domain/text.js';

/** Jira takes 32 767 characters in a description and in a comment, and refuses the whole with one more. */
const maxCharacters = 32_000;
const cutNote = '\n(cut here, Jira takes no more; all of it is in the bundle)';

/**
 * Text as it is, for fields that read wiki markup: nothing in it becomes a link, a mention, or a macro. What would end
 * the block gets a space. @param last a line that is kept whatever is cut
 */
export function preformatted(text: string, last = ''): string {
  const end = last === '' || text.includes(last) ? '' : `\n${last}`;
  const whole = harmless(text) + harmless(end);
  if (whole.length <= maxCharacters) return `{noformat}\n${whole}\n{noformat}`;
  const tail = `${cutNote}${last === '' ? '' : `\n${harmless(last)}`}`;
  return `{noformat}\n${cutText(whole, maxCharacters - tail.length)}${tail}\n{noformat}`;
}

function harmless(text: string): string {
  return text.replace(/\{(?=noformat)/gi, '{ ');
}

/** What people wrote, and what `preformatted` did: Cloud gives its blocks back as code, and may quote brackets. */
export function plainText(markup: string): string {
  const inside = /^\s*\{(noformat|code)(?::[^}]*)?\}\n?([\s\S]*?)\n?\{\1\}\s*$/.exec(markup)?.[2] ?? markup;
  return inside.replace(/\r\n/g, '\n').replace(/\\(?=[[\]{}])/g, '');
}

/** Longer summaries are refused, and such of two lines. */
export function summaryOf(subject: string): string {
  return printableLine(subject, 250);
}

const prefix = 'ref-';

/** The label that has a reference: labels are compared as a whole, text fields word by word. */
export function labelOf(reference: string): string {
  return `${prefix}${reference}`;
}

/** The reference in the labels of an issue. @param known where there are several, one of these is ours */
export function referenceIn(labels: readonly string[], known: ReadonlySet<string>): string | undefined {
  const found = labels.filter((label) => label.startsWith(prefix)).map((label) => label.slice(prefix.length));
  return found.find((reference) => known.has(reference)) ?? found[0];
}

/** A value of JQL. */
export function quoted(text: string): string {
  return `"${text.replace(/[\\"]/g, '\\$&')}"`;
}
