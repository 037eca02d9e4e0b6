import type { Normalised } from './normalise.js';
import type { Span } from './rule.js';

const overlapLength = 4 * 1024;
/** How much is kept of a secret that has not ended, because its end may lie across two windows. */
const seamLength = 32;

/** A secret, and what is written for it; without a rule name, it continues from the window before. */
export type Found = Span & { mask: string; rule: string };

/** A text and its secrets, in order and without overlap. */
export type Masked = Normalised & { spans: Found[] };

/** Where to stop in a window: before what the next one sees better, or inside a secret that is longer than both. */
export function limitOf(
  { text, spans, placeAt }: Masked,
  rawLength: number,
): { limit: number; open: RegExp | undefined } {
  const limit = placeAt(rawLength - overlapLength);
  const across = spans.find((span) => span.from < limit && span.end > limit);
  if (across === undefined) return { limit, open: undefined };
  if (across.end < text.length) return { limit: across.end, open: undefined };
  if (across.start >= limit && across.from > 0) return { limit: across.from, open: undefined };
  return { limit: Math.max(across.start + 1, text.length - seamLength), open: across.until };
}

/** The secrets in order and without overlap; two that overlap get one mask. */
export function apart(spans: Found[]): Found[] {
  if (spans.length < 2) return spans;
  const result: Found[] = [];
  for (const span of spans.toSorted((a, b) => a.start - b.start)) {
    const last = result.at(-1);
    if (last === undefined || span.start >= last.end) result.push(span);
    else if (span.end > last.end) result[result.length - 1] = { ...last, end: span.end, until: span.until };
  }
  return result;
}
