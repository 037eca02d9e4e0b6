import { withoutEscapes } from '../domain/text.js';

/** What is no printable ASCII and no tab; of several lines, no line feed either. */
const odd = /[^\t\x20-\x7e]/;
const oddInLines = /[^\t\n\x20-\x7e]/;
const controls = /[\x00-\x08\x0a-\x1f\x7f]/g;
/** C1 controls, what turns text around or is not seen, and tags. */
const invisible =
  /[\x80-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;
const loneSurrogates = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
const variations = /[\ufe00-\ufe0f\u{e0100}-\u{e01ef}]{2,}/gu;
const maxMarks = 3;
const manyMarks = new RegExp(`(\\p{M}{${maxMarks}})(\\p{M}+)`, 'gu');
const [pictures, deletePicture] = [0x2400, '\u2421'];

/** Whether some lines hold anything that may need cleaning. */
export function isOdd(lines: string): boolean {
  return oddInLines.test(lines);
}

/**
 * A line as it may be shown anywhere: without escape sequences, with a picture or a token in the place of everything that
 * is not seen, turns text around or piles up.
 */
export function cleanLine(text: string): string {
  if (!odd.test(text)) return text;
  return withoutEscapes(text)
    .replace(controls, (control) =>
      control === '\x7f' ? deletePicture : String.fromCharCode(pictures + control.charCodeAt(0)),
    )
    .replace(loneSurrogates, '\ufffd')
    .replace(invisible, token)
    .replace(variations, (run) => [...run].map(token).join(''))
    .replace(manyMarks, (_all, first: string, rest: string) => `${first}⟨${[...rest].length} marks⟩`);
}

/** The same for what has several lines. */
export function cleanText(text: string): string {
  return text.split('\n').map(cleanLine).join('\n');
}

function token(character: string): string {
  return `⟨U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}⟩`;
}
