import { isBare, mask, type Rule, type Span } from './rule.js';

const name = 'pem-block';
const begin = /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----/g;
const endMark = /-----END |---- END /g;
/** Characters that may surround a line of a block: quotes and the like of the text that contains it. */
const around = ' \t"\'>|,;\\';
const header = /^(?:Proc-Type|DEK-Info|Comment|Version|Subject|Headers?|Private-MAC|x-[a-z-]{1,32}):/i;

/** Finds a private key whose block begins in a line; the lines after it are handled by `createPemLines`. */
export const pemRule: Rule = {
  name,
  anchors: ['private key'],
  find: ({ text }) => blocksOf(text),
  replace: () => mask(name),
};

function blocksOf(text: string): Span[] {
  const spans: Span[] = [];
  let at = 0;
  for (const { 0: found, index } of text.matchAll(begin)) {
    if (index < at) continue;
    const span = blockAfter(text, index, index + found.length);
    at = span.end;
    if (!isBare(text.slice(span.start, span.end))) spans.push(span);
  }
  return spans;
}

/** The text from the head of a block to its foot, without the line ends next to them (also written as `\n`). */
function blockAfter(text: string, from: number, headEnd: number): Span {
  endMark.lastIndex = headEnd;
  const foot = endMark.exec(text)?.index ?? bodyEnd(text, headEnd);
  let [start, end] = [headEnd, foot];
  while (start < end && lineEndAt(text, start) > 0) start += lineEndAt(text, start);
  while (end > start && lineEndBefore(text, end) > 0) end -= lineEndBefore(text, end);
  return { from, start, end, until: /----|["'<]/ };
}

function bodyEnd(text: string, from: number): number {
  const end = text.slice(from).search(/["'<]/);
  return end < 0 ? text.length : from + end;
}

function lineEndAt(text: string, at: number): number {
  if (/\s/.test(text[at] ?? '')) return 1;
  return text[at] === '\\' && /[nr]/.test(text[at + 1] ?? '') ? 2 : 0;
}

function lineEndBefore(text: string, end: number): number {
  if (/\s/.test(text[end - 1] ?? '')) return 1;
  return text[end - 2] === '\\' && /[nr]/.test(text[end - 1] ?? '') ? 2 : 0;
}

export type PemLines = {
  isInside(): boolean;
  /** Notes whether a line outside any block leaves one open. */
  look(text: string): void;
  /** @returns the masked line of an open block; undefined if it stays unchanged */
  next(text: string): string | undefined;
};

/** Masks the lines of a private key. A line that cannot be part of a key ends a block without a foot. */
export function createPemLines(found: (name: string) => void): PemLines {
  let inside = false;
  let isCounted = false;

  function masked(text: string, start: number, end: number): string | undefined {
    if (isBare(text.slice(start, end))) return undefined;
    if (!isCounted) found(name);
    isCounted = true;
    return text.slice(0, start) + mask(name) + text.slice(end);
  }

  return {
    isInside: () => inside,

    look(text) {
      if (!text.includes('PRIVATE KEY')) return;
      const head = [...text.matchAll(begin)].at(-1);
      if (head === undefined) return;
      const rest = text.slice(head.index + head[0].length);
      inside = bodyOf(rest, rest.length) !== undefined;
      isCounted = rest.trim() !== '';
    },

    next(text) {
      endMark.lastIndex = 0;
      const foot = endMark.exec(text)?.index;
      const head = text.includes('PRIVATE KEY') ? text.search(begin) : -1; // the next key, whatever becomes of this one
      const limit = Math.min(foot ?? text.length, head < 0 ? text.length : head);
      const body = bodyOf(text, limit);
      inside = limit === text.length && body !== undefined;
      return body === undefined ? undefined : masked(text, body.start, body.end);
    },
  };
}

/**
 * The part of a line that belongs to a key: a word of base64, a header, or nothing; undefined if the line does not belong
 * to one.
 */
function bodyOf(text: string, limit: number): { start: number; end: number } | undefined {
  let [start, end] = [0, limit];
  while (start < end && around.includes(text[start] ?? '-')) start++;
  while (end > start && around.includes(text[end - 1] ?? '-') && !isBare(text.slice(start, end))) end--;
  if (/\\[nr]$/.test(text.slice(Math.max(start, end - 2), end))) end -= 2;
  const line = text.slice(start, end);
  if (header.test(line)) return { start, end };
  if (isBase64(line) || isBare(line)) return { start, end };
  const word = line.lastIndexOf(' ') + 1; // a log puts its time before each line of a key
  return line.length - word >= 16 && isBase64(line.slice(word)) ? { start: start + word, end } : undefined;
}

function isBase64(word: string): boolean {
  return /^[A-Za-z0-9+/_-]*={0,2}$/.test(word);
}
