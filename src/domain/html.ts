/** HTML in which everything that is not ours is escaped; only `html` makes it. */
class Html {
  readonly source: string;

  constructor(source: string) {
    this.source = source;
  }
}

export type { Html };

type Part = string | number | Html | readonly Html[];

/** The tag of a piece of HTML. What is put into it is text, unless it is such a piece itself. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return new Html(strings.map((string, at) => string + sourceOf(parts[at] ?? '')).join(''));
}

/** Style and script: they may not be escaped, and are ours. */
export function ownSource(source: string): Html {
  return new Html(source);
}

function sourceOf(part: Part): string {
  if (part instanceof Html) return part.source;
  if (typeof part === 'string' || typeof part === 'number') return escaped(String(part));
  return part.map(({ source }) => source).join('\n');
}

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '\r': '&#13;', // else a browser reads a line feed
  '\0': '\u{fffd}', // a parser may drop it
};

function escaped(text: string): string {
  return text.replace(/[&<>"'\r\0]/g, (character) => entities[character] ?? '');
}
