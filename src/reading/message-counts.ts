import type { Settled } from './settle.js';
import type { Template } from './templates.js';

/** The windows round an event in which messages are counted. */
const roundBeforeMs = 2 * 60_000;
const roundAfterMs = 5 * 60_000;

export type Periods = { since: number; roundSince: number; roundUntil: number; until: number };

export function periodsOf(at: number, span: { since: number; until: number }): Periods {
  return { ...span, roundSince: at - roundBeforeMs, roundUntil: at + roundAfterMs };
}

/** How often a message was written, and where it first and last was. */
export type MessageCount = {
  template: Template;
  before: number;
  round: number;
  after: number;
  /** The first line from the round on; -1: none. */
  first: number;
  last: number;
};

/** Counts the messages of one log. @param isOwn whether a line is icepack's own work, which does not count */
export function countMessages(
  { at, isContinued }: Settled,
  numbers: Uint16Array,
  templates: readonly Template[],
  { roundSince, roundUntil }: Periods,
  isOwn: (line: number) => boolean,
): MessageCount[] {
  const size = templates.length;
  const columns = { before: new Uint32Array(size), round: new Uint32Array(size), after: new Uint32Array(size) };
  const first = new Int32Array(size).fill(-1);
  const last = new Int32Array(size).fill(-1);
  for (let line = 0; line < at.length; line++) {
    const number = numbers[line] ?? 0;
    if (number === 0 || number >= size || isContinued[line] === 1) continue;
    if (templates[number]?.rule !== undefined && isOwn(line)) continue;
    const time = at[line] ?? 0;
    const column = time < roundSince ? columns.before : time <= roundUntil ? columns.round : columns.after;
    column[number] = (column[number] ?? 0) + 1;
    if (time >= roundSince && (first[number] ?? -1) < 0) first[number] = line;
    last[number] = line;
  }
  return templates.flatMap((template, number) => {
    const [before = 0, round = 0, after = 0] = [columns.before[number], columns.round[number], columns.after[number]];
    if (before + round + after === 0) return [];
    return [{ template, before, round, after, first: first[number] ?? -1, last: last[number] ?? -1 }];
  });
}
