import { endAtHole, hasHole } from './holes.js';

const lineFeed = 10;
const carriageReturn = 13;
/** With this many CRs, a text without line feeds has lines that end with a CR. */
const enoughCrs = 3;

/** The line ends of a file: a line feed, in some files a CR alone, or the end of a hole. */
export class LineEnds {
  private endsWithCr = false;
  private hasLineFeed = false;
  /** The log has holes. */
  private hasHoles = false;

  /** Looks at a chunk before lines are taken from it. */
  look(chunk: Buffer): void {
    this.hasHoles ||= hasHole(chunk);
  }

  startPart(): void {
    this.endsWithCr = false;
    this.hasLineFeed = false;
  }

  /** Whether lines end with anything but a line feed. */
  areOther(): boolean {
    return this.endsWithCr || this.hasHoles;
  }

  /** @returns the end of the line that continues at `at`, or -1 */
  next(chunk: Buffer, at: number): number {
    const end = chunk.indexOf(this.endsWithCr ? carriageReturn : lineFeed, at) + 1 || -1;
    return this.hasHoles ? endAtHole(chunk, at, end) : end;
  }

  /** How many lines end in these bytes; a last line without an end was given a line feed. */
  count(bytes: Buffer): number {
    let lines = countOf(lineFeed, bytes);
    if (this.endsWithCr) lines += countOf(carriageReturn, bytes);
    return lines;
  }

  isEnd(byte: number | undefined): boolean {
    return byte === lineFeed || (this.endsWithCr && byte === carriageReturn);
  }

  /** @returns the end of the last line that ends in a chunk, or 0 */
  last(chunk: Buffer): number {
    const end = chunk.lastIndexOf(lineFeed) + 1;
    if (end > 0) {
      this.hasLineFeed = true;
      this.endsWithCr = false;
    }
    return this.endsWithCr ? chunk.lastIndexOf(carriageReturn) + 1 : end;
  }

  /** Finds out whether the lines of a text without a line feed end with a CR; from then on CRs count as line ends. */
  learnCr(text: Buffer): boolean {
    const isNew = !this.endsWithCr && this.isOfCrs(text);
    this.endsWithCr ||= isNew;
    return isNew;
  }

  /** Whether a text has several CRs or one at its end, and the file had no line feed so far. */
  private isOfCrs(text: Buffer): boolean {
    if (this.hasLineFeed) return false;
    if (text.at(-1) === carriageReturn) return true;
    let at = -1;
    for (let count = 0; count < enoughCrs; count++) {
      at = text.indexOf(carriageReturn, at + 1);
      if (at < 0) return false;
    }
    return true;
  }
}

function countOf(byte: number, bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(byte); at >= 0; at = bytes.indexOf(byte, at + 1)) count++;
  return count;
}
