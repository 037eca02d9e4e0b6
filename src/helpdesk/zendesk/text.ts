import { cutText } from '../../domain/text.js';

/** What a comment may have, with what it is wrapped in; Zendesk takes 64 kB. */
const maxBytes = 60_000;
const cut = '\n… (cut here: the help desk takes no more; the bundle has it whole) …\n';
/** The end of a text has what it is recognised by. */
const keptAtTheEnd = 2000;

/**
 * A plain text as a comment that shows it as it is: `body` would be read as Markdown, and Zendesk fills in what stands
 * in double braces.
 */
export function htmlOf(text: string): string {
  let shown = escaped(text);
  for (let length = text.length; Buffer.byteLength(shown) > maxBytes; length = Math.floor(length * 0.9)) {
    const end = text.slice(-Math.min(keptAtTheEnd, length)).replace(/^[\udc00-\udfff]/, '');
    shown = escaped(`${cutText(text, length - end.length)}${cut}${end}`);
  }
  return `<pre>${shown}</pre>`;
}

/** A subject is a plain text, in which Zendesk fills in what stands in double braces. */
export function subjectOf(text: string): string {
  return text.replace(/\{(?=[{%])/g, '{ ');
}

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '{': '&#123;' };

function escaped(text: string): string {
  return text.replace(/[&<>{]/g, (character) => entities[character] ?? character);
}
