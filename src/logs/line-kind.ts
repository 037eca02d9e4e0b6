import type { StampReader } from './timestamp.js';

/** What a line without a time of its own looks like. */
export type LineKind =
  /** It goes on with the entry before it: a stack trace, a blank line. */
  | 'continuation'
  /** It may be anything. */
  | 'loose'
  /** It bears a time in a form that is not known. */
  | 'unread';

const [tab, carriageReturn, lineFeed, blank] = [9, 13, 10, 32];
const dayMs = 86_400_000;
const maxHeadBytes = 120;

const goesOn = /^(?:(?:[a-z_$][\w$]*\.)+\w*(?:exception|error|throwable)\b|at |\.\.\.|caused by|suppressed:|[)}\]])/i;
const clock = /(?:^|[\s[("'<,;|=/-])(?:[01]?\d|2[0-3])[:.h][0-5]\d(?:[:.m][0-5]\d)?(?:[.,]\d{1,9})?(?![\d:.])/;
const indentedClock = /^[ \t]{1,40}(?:\S{1,20}[ \t]{1,3})?(?:[01]?\d|2[0-3]):[0-5]\d(?!\d)/;
/** A date in a word, or of another day, is text. */
const datedWord = /[a-z]\d{4}-\d\d-\d\d/i;
const date = /(?:^|[^\d])(\d{4})-(\d\d)-(\d\d)(?!\d)/;

/** @param nearMs the wall clock of the entry before */
export function kindOf(line: Buffer, start: number, end: number, reader: StampReader, nearMs: number): LineKind {
  const first = line[start] ?? 0;
  if (first === carriageReturn || first === lineFeed || first === 0) return 'continuation';
  const head = line.toString('latin1', start, Math.min(end, start + maxHeadBytes));
  const isIndented = first === tab || (first === blank && line[start + 1] === blank);
  if (isIndented) return indentedClock.test(head) ? 'loose' : 'continuation';
  if (goesOn.test(head)) return 'continuation';
  if (!clock.test(head) || datedWord.test(head)) return 'loose';
  const found = date.exec(head);
  const [, year, month, day] = found ?? [];
  const isOfAnotherDay =
    found !== null && !(Math.abs(Date.UTC(Number(year), Number(month) - 1, Number(day)) - nearMs) <= 2 * dayMs);
  return isOfAnotherDay || reader.isKnownForm(line, start, end) ? 'loose' : 'unread';
}
