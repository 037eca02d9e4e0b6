import { LeadingHole } from './holes.js';
import { LineEnds } from './line-ends.js';

/** A longer line is judged by its beginning and passed on as it comes. */
const maxHeldBytes = 1024 * 1024;

/** Whole lines; the beginning of a very long line; more of that line; a last line that had no end, and was given one. */
export type Piece = { kind: 'lines' | 'beginning' | 'more' | 'unended'; bytes: Buffer };

/** Makes pieces of whole lines from the chunks of a log: the beginning of a line is held until its end comes. */
export class WholeLines {
  readonly ends = new LineEnds();
  /** The last line of the last file had no end. */
  openEnd = false;
  private readonly hole = new LeadingHole();
  /** A line whose end has not come. */
  private rest: Buffer[] = [];
  private restBytes = 0;
  /** The beginning of a very long line was handed out, and the line goes on. */
  private isInLongLine = false;

  get holeBytes(): number {
    return this.hole.leftBytes;
  }

  /** Begins another file of the log. */
  startPart(): void {
    this.ends.startPart();
    this.hole.startPart();
  }

  /** Takes the next chunk. */
  *take(next: Buffer): Generator<Piece> {
    this.ends.look(next);
    const chunk = this.withoutHole(next);
    const end = this.isInLongLine ? this.ends.next(chunk, 0) : 0;
    if (this.isInLongLine) {
      yield { kind: 'more', bytes: chunk.subarray(0, end < 0 ? chunk.length : end) };
      if (end < 0) return;
      this.isInLongLine = false;
    }
    if (end < chunk.length) yield* this.linesOf(chunk.subarray(end));
  }

  /** Ends a file; its last line counts as a line, with or without an end. */
  *endOfPart(): Generator<Piece> {
    if (this.isInLongLine) yield { kind: 'more', bytes: Buffer.from('\n') };
    this.openEnd = this.isInLongLine || this.restBytes > 0;
    this.isInLongLine = false;
    if (this.restBytes === 0) return;
    const text = this.takeRest();
    if (!this.ends.learnCr(text)) return yield { kind: 'unended', bytes: Buffer.concat([text, Buffer.from('\n')]) };
    yield* this.linesOf(text);
    yield* this.endOfPart();
  }

  private *linesOf(chunk: Buffer): Generator<Piece> {
    const end = this.ends.last(chunk);
    if (end <= 0) return yield* this.withoutEnd(chunk);
    let from = 0;
    if (this.restBytes > 0) {
      from = this.ends.next(chunk, 0);
      this.hold(chunk.subarray(0, from));
      yield { kind: 'lines', bytes: this.takeRest() };
    }
    yield { kind: 'lines', bytes: chunk.subarray(from, end) };
    if (end < chunk.length) this.hold(chunk.subarray(end));
  }

  /** Continues a line; a very long one is judged by its beginning. */
  private *withoutEnd(chunk: Buffer): Generator<Piece> {
    this.hold(chunk);
    if (this.restBytes <= maxHeldBytes) return;
    const begun = this.takeRest();
    if (this.ends.learnCr(begun)) return yield* this.linesOf(begun);
    yield { kind: 'beginning', bytes: begun };
    this.isInLongLine = true;
  }

  /** Holds a copy, so that the chunk can be freed. */
  private hold(bytes: Buffer): void {
    this.rest.push(Buffer.from(bytes));
    this.restBytes += bytes.length;
  }

  private takeRest(): Buffer {
    const held = Buffer.concat(this.rest);
    this.rest = [];
    this.restBytes = 0;
    return held;
  }

  private withoutHole(chunk: Buffer): Buffer {
    const length = this.hole.lengthIn(chunk);
    if (length > 0) this.takeRest(); // what came of the hole before
    return chunk.subarray(length);
  }
}
