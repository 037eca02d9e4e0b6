const terminalEscapes =
  /\x1b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)|[ -/]*[0-~])|\x9b[0-?]*[ -/]*[@-~]/g;
const unprintable =
  /[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** Removes escape sequences; control characters stay. */
export function withoutEscapes(text: string): string {
  return text.replace(terminalEscapes, '');
}

/**
 * Makes text that a server chose safe to show: no escapes, no control characters but tab and LF, no bidi overrides, no
 * halves of characters.
 */
export function printable(text: string): string {
  return withoutEscapes(text).replace(/\r\n?/g, '\n').replace(unprintable, '\u{fffd}');
}

/** `printable`, in one line of at most `length` characters. */
export function printableLine(text: string, length = 200): string {
  const line = printable(text).replace(/\s+/g, ' ').trim();
  return line.length <= length ? line : `${cutText(line, length - 1).trimEnd()}…`;
}

/** At most `length` characters from the start; a character of two code units is not cut in half. */
export function cutText(text: string, length: number): string {
  return text.slice(0, length).replace(/[\ud800-\udbff]$/, '');
}

/** @returns the known word nearest to a mistyped one, at most a third of its letters away; two that changed places are one */
export function nearest(word: string, known: readonly string[]): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const candidate of known) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const exchange = swapped ? (before[j - 2] ?? 0) + 1 : substitution;
      row.push(Math.min((previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, substitution, exchange));
    }
    [before, previous] = [previous, row];
  }
  return previous[b.length] ?? 0;
}

const invisible = /[\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** JSON that may be looked at: what is not seen, or turns text around, is escaped too. */
export function visibleJson(
  value: unknown,
  replacer?: ((key: string, value: unknown) => unknown) | null,
  indent?: number,
): string {
  return JSON.stringify(value, replacer ?? undefined, indent).replace(
    invisible,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Breaks a line between words, so that each part has at most `columns` characters; a longer word stays whole. */
export function folded(line: string, columns: number): string[] {
  const [first = '', ...words] = line.split(' ');
  const lines = [first];
  for (const word of words) {
    const last = lines.at(-1) ?? '';
    if (last.length + 1 + word.length <= columns) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
