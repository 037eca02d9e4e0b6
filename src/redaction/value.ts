import { escapeRegExp } from '../domain/quoting.js';
/** The place after a secret where something else begins, and the end to look for if it is beyond the text. */
export type ValueEnd = { start: number; end: number; until: RegExp };

const openingQuote = /\\?["']|%22|&quot;/iy;
const nextName = /[&,;][ \t]?\\?["']?[A-Za-z_][\w.-]{0,40}\\?["']?[=:]/y;
/** The bracket of a list or an object, not of a value that happens to begin with one. */
const openingBracket = /[[{](?=[\s"'\\]|[^\]}\s,:]{1,64}[,:])/y;
const afterQuote = /\\?["'](?:[\s,;)}\]>]|$)/y;
const nextWord = /[ \t]{1,16}(?!\d{1,4}[-/:]\d|["']?[\w.-]{1,40}["']?[:=]|[#|>]|-)\S+/y;
const tokenEnd = /[\s]/;
/** Characters that close a bracket or end a sentence around the value. */
const closers = ',;)}]"\'';

/**
 * The value that begins at `start`: the whole of a quoted or bracketed one, else up to a blank, a closing bracket or the
 * next key.
 */
export function valueAt(text: string, start: number): ValueEnd {
  const quote = matchAt(openingQuote, text, start)?.[0];
  if (quote !== undefined) return quotedAt(text, start + quote.length, quote);
  const bracket = matchAt(openingBracket, text, start)?.[0];
  return bracket === undefined ? tokenAt(text, start) : upTo(text, start + 1, bracket === '[' ? ']' : '}');
}

/** A value of several words without quotes, as in INI and YAML; it ends before a date, another key or a comment. */
export function phraseAt(text: string, start: number): ValueEnd {
  const first = valueAt(text, start);
  if (first.start !== start) return first;
  let end = first.end;
  for (let next: number | undefined = end; next !== undefined; next = endAt(nextWord, text, end)) end = next;
  return { ...first, end: withoutClosers(text, start, end) };
}

/** The value up to a mark after it, or to the end of the text. */
export function upTo(text: string, start: number, mark: string): ValueEnd {
  const end = text.indexOf(mark, start);
  return { start, end: end < 0 ? text.length : end, until: literally(mark) };
}

function quotedAt(text: string, start: number, quote: string): ValueEnd {
  let end = text.indexOf(quote, start);
  for (let width = escapeAt(text, start, end, quote); end >= 0 && width > 0; ) {
    end = text.indexOf(quote, end + width);
    width = escapeAt(text, start, end, quote);
  }
  return { start, end: end < 0 ? text.length : end, until: new RegExp(`(?<!\\\\)${literally(quote).source}`, 'i') };
}

/** The length of a quote that does not end the value, such as `\\"`, and `''` in YAML and SQL. */
function escapeAt(text: string, start: number, at: number, quote: string): number {
  if (isEscaped(text, start, at)) return 1;
  return quote === "'" && at > start && text[at + 1] === "'" ? 2 : 0;
}

function isEscaped(text: string, start: number, at: number): boolean {
  let backslashes = 0;
  while (at - backslashes > start && text[at - backslashes - 1] === '\\') backslashes++;
  return backslashes % 2 === 1;
}

function tokenAt(text: string, start: number): ValueEnd {
  let end = start;
  while (end < text.length && !endsToken(text, end)) end++;
  return { start, end: withoutClosers(text, start, end), until: tokenEnd };
}

function endsToken(text: string, at: number): boolean {
  const character = text.charCodeAt(at);
  if (character <= 32) return true;
  if (character === 38 || character === 44 || character === 59) return endAt(nextName, text, at) !== undefined;
  if (character === 34 || character === 39 || character === 92) return endAt(afterQuote, text, at) !== undefined;
  return character === 60 && text[at + 1] === '/';
}

function withoutClosers(text: string, start: number, end: number): number {
  if (end === text.length || /[\s<]/.test(text[end] ?? '')) {
    while (end > start && closers.includes(text[end - 1] ?? ' ')) end--;
  }
  return end;
}

function literally(mark: string): RegExp {
  return new RegExp(escapeRegExp(mark), 'i');
}

export function matchAt(expression: RegExp, text: string, at: number): RegExpExecArray | undefined {
  expression.lastIndex = at;
  return expression.exec(text) ?? undefined;
}

/** Where the match of a sticky expression ends. */
export function endAt(expression: RegExp, text: string, at: number): number | undefined {
  expression.lastIndex = at;
  return expression.test(text) ? expression.lastIndex : undefined;
}
