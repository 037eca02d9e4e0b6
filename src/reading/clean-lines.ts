import { type Piece, WholeLines } from '../logs/whole-lines.js';
import { groups } from './budget.js';
import { cleanLine, isOdd } from './clean-text.js';
import { cutEnd, maxLineBytes, withoutLineEnd } from './line-cut.js';
import { logText } from './log-text.js';
import type { BundleFile } from './open-bundle.js';

/** What is shown in the place of lines that were there when the log was indexed. */
export const lostLine = '⟨this line cannot be read any more⟩';

/**
 * The lines of a log, clean to show, piece by piece. A long one is cut, and says how the rest can be seen.
 * @param rest how the rest of a line is seen, by its number
 */
export async function* cleanLines(file: BundleFile, rest: (number: number) => string): AsyncGenerator<string[]> {
  const cleaning = new Cleaning(rest);
  for await (const chunk of logText(file)) yield* cleaning.take(chunk);
  yield* cleaning.end();
}

class Cleaning {
  private readonly lines = new WholeLines();
  private readonly rest: (number: number) => string;
  private number = 0;
  /** The beginning of a line that goes on, and how many bytes came of it. */
  private long: { shown: string; more: number } | undefined;

  constructor(rest: (number: number) => string) {
    this.rest = rest;
    this.lines.startPart();
  }

  *take(chunk: Buffer): Generator<string[]> {
    for (const piece of this.lines.take(chunk)) yield* this.takePiece(piece);
  }

  *end(): Generator<string[]> {
    for (const piece of this.lines.endOfPart()) yield* this.takePiece(piece);
    yield* this.endLong();
  }

  private *takePiece({ kind, bytes }: Piece): Generator<string[]> {
    if (kind === 'more' && this.long !== undefined) this.long.more += withoutLineEnd(bytes, 0, bytes.length);
    if (kind === 'more') return;
    yield* this.endLong();
    if (kind === 'beginning') this.long = beginningOf(bytes);
    else yield this.plainly(bytes) ?? this.oneByOne(bytes);
  }

  private *endLong(): Generator<string[]> {
    const { long } = this;
    if (long === undefined) return;
    this.long = undefined;
    this.number++;
    yield [`${long.shown}${this.more(long.more)}`];
  }

  /** Most pieces need no cleaning, and are split at once. */
  private plainly(bytes: Buffer): string[] | undefined {
    if (this.lines.ends.areOther()) return undefined;
    const text = bytes.toString('latin1', 0, bytes.length);
    if (isOdd(text)) return undefined;
    const lines = text.split('\n');
    lines.pop();
    if (lines.some(({ length }) => length > maxLineBytes)) return undefined;
    this.number += lines.length;
    return lines;
  }

  private oneByOne(bytes: Buffer): string[] {
    const lines: string[] = [];
    for (let at = 0; at < bytes.length; ) {
      const next = this.lines.ends.next(bytes, at);
      const end = next < 0 ? bytes.length : next;
      lines.push(this.lineOf(bytes, at, withoutLineEnd(bytes, at, end)));
      at = end;
    }
    return lines;
  }

  private lineOf(bytes: Buffer, start: number, end: number): string {
    this.number++;
    const cut = cutEnd(bytes, start, end);
    const text = cleanLine(bytes.toString('utf8', start, cut));
    return cut === end ? text : `${text}${this.more(end - cut)}`;
  }

  private more(bytes: number): string {
    return `… ${groups(bytes)} more ${bytes === 1 ? 'byte' : 'bytes'}: ${cleanLine(this.rest(this.number))}`;
  }
}

function beginningOf(bytes: Buffer): { shown: string; more: number } {
  const cut = cutEnd(bytes, 0, bytes.length);
  return { shown: cleanLine(bytes.toString('utf8', 0, cut)), more: bytes.length - cut };
}
