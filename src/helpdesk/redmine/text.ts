/** What Redmine makes of texts (Administration → Settings → General → Text formatting). */
export const redmineFormattings = ['textile', 'markdown', 'none'] as const;
export type RedmineFormatting = (typeof redmineFormattings)[number];

/** Lets nothing of a text become markup, a link, a macro or a mention: it is shown as it is. */
export function verbatim(text: string, formatting: RedmineFormatting): string {
  if (formatting === 'textile') return `<pre>\n${unclosing(text)}\n</pre>`;
  if (formatting === 'markdown') return `\n${text.replace(/^/gm, '    ')}`; // the only block that nothing within ends
  return text;
}

/** The text that `verbatim` made something of. */
export function fromVerbatim(notes: string, formatting: RedmineFormatting): string {
  const unix = notes.replaceAll('\r\n', '\n');
  if (formatting === 'textile') return /^<pre>\n([\s\S]*)\n<\/pre>$/.exec(unix)?.[1] ?? unix;
  if (formatting === 'markdown' && /^\n?(?: {4}.*\n?)+$/.test(unix))
    return unix.replace(/^\n/, '').replace(/^ {4}/gm, '');
  return unix;
}

/** Whether a note has a marker, in whatever way it was written. */
export function hasMarker(notes: string, marker: string): boolean {
  return notes.includes(marker) || notes.includes(unclosing(marker));
}

/** Textile reads these tags also within `pre`, where nothing can be escaped: a space keeps them from being any. */
function unclosing(text: string): string {
  return text.replace(/<(?=\/?(?:code|pre|kbd|notextile))/giu, '< ');
}
