import type { StampReader } from './timestamp.js';

/** What kind of line a line without a time of its own looks like. */
export type LineKind =
  /** The line continues the entry before it, as a stack trace or a blank line does. */
  | 'continuation'
  /** The line may be anything. */
  | 'loose'
  /** The line has a time in an unknown form. */
  | 'unread';

const [tab, carriageReturn, lineFeed, blank] = [9, 13, 10, 32];
const dayMs = 86_400_000;
const maxHeadBytes = 120;

const goesOn = /^(?:(?:[a-z_$][\w$]*\.)+\w*(?:exception|error|throwable)\b|at |\.\.\.|caused by|suppressed:|[)}\]])/i;
const clock = /(?:^|[\s[("'<,;|=/-])(?:[01]?\d|2[0-3])[:.h][0-5]\d(?:[:.m][0-5]\d)?(?:[.,]\d{1,9})?(?![\d:.])/;
const indentedClock = /^[ \t]{1,40}(?:\S{1,20}[ \t]{1,3})?(?:[01]?\d|2[0-3]):[0-5]\d(?!\d)/;
/** A date within a word, which is only text; a date of another day is, too. */
const datedWord = /[a-z]\d{4}-\d\d-\d\d/i;
const date = /(?:^|[^\d])(\d{4})-(\d\d)-(\d\d)(?!\d)/;

/** @param nearMs the wall clock of the entry before it */
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
