import { type CutOptions, type CutResult, resultOf } from './cut-result.js';
import { Entries } from './entries.js';
import { type Piece, WholeLines } from './whole-lines.js';

/** Waiting lines are held up to this many bytes. */
const maxWaitingBytes = 1024 * 1024;
const maxStampBytes = 48;

/**
 * Cuts a window out of a log that comes in chunks; both ends are inclusive. Bytes are passed on unchanged. A line without
 * a time belongs to the entry before it; lines before the first time are kept, so a log without any known time is kept
 * whole. What may be in the window is kept; the result tells what could not be known.
 */
export function createCutter(options: CutOptions): Cutter {
  return new Cutter(options);
}

export class Cutter {
  private readonly entries: Entries;
  private readonly options: CutOptions;
  private readonly lines = new WholeLines();
  private bytesIn = 0;
  private bytesOut = 0;
  private linesOut = 0;
  /** The line that was kept last is not finished yet. */
  private isOpen = false;
  /** The last judged line is kept, and so are lines that belong to it. */
  private keeping = true;
  /** Lines that wait for the next time to decide on them. */
  private waiting: Buffer[] = [];
  private waitingBytes = 0;

  constructor(options: CutOptions) {
    this.entries = new Entries(options);
    this.options = options;
  }

  /**
   * Begins another file of the log.
   * @param writtenAt when it was last written to, if known
   * @param isCurrent the log is still being written to it
   */
  startPart(writtenAt: Date | undefined, isCurrent = false): void {
    this.entries.startPart(writtenAt, isCurrent);
    this.lines.startPart();
  }

  /** Takes the next chunk of the log. @returns what is kept of the lines that are complete now */
  *push(chunk: Buffer): Generator<Buffer> {
    this.bytesIn += chunk.length;
    for (const piece of this.lines.take(chunk)) yield* this.cut(piece);
  }

  /**
   * Ends one file of the log; a last line without an end counts as a line.
   * @param writtenAt when the file was last written to, if known better by now
   */
  *endOfPart(writtenAt?: Date): Generator<Buffer> {
    if (writtenAt !== undefined) this.entries.isWrittenAt(writtenAt);
    for (const piece of this.lines.endOfPart()) yield* this.cut(piece);
    this.entries.endPart();
    yield* this.settled();
    this.lines.startPart();
  }

  /** The result, after all files were read. */
  result(): CutResult {
    this.entries.end();
    const { bytesIn, bytesOut, lines } = this;
    const { openEnd, holeBytes } = lines;
    const linesOut = this.linesOut + (this.isOpen ? 1 : 0);
    return resultOf(this.entries, this.options, { bytesIn, bytesOut, linesOut, openEnd, holeBytes });
  }

  private *cut({ kind, bytes }: Piece): Generator<Buffer> {
    if (kind === 'more') {
      if (this.keeping) yield this.kept(bytes);
    } else if (kind === 'unended') yield* this.unended(bytes);
    else yield* this.judge(bytes, kind === 'lines');
    if (kind === 'beginning') yield* this.released();
  }

  /** Judges whole lines; yields the runs of lines to keep. @param areWhole each line ends within these bytes */
  private *judge(lines: Buffer, areWhole: boolean): Generator<Buffer> {
    const { entries } = this;
    const { ends } = this.lines;
    const areCounted = areWhole && !ends.areOther();
    let count = 0;
    const end = lines.length;
    let runStart = -1;
    let at = 0;
    while (at < end) {
      const passed = ends.areOther() ? at : entries.passRun(lines, at, end);
      if (passed > at && this.keeping) {
        if (runStart < 0) runStart = at;
        count += entries.runLength;
      }
      at = passed;
      if (at >= end) break;
      const found = ends.next(lines, at);
      const lineEnd = found < 0 ? end : found;
      const verdict = entries.judge(lines, at, lineEnd);
      if (entries.settled !== undefined) yield* this.settled();
      this.keeping = verdict === 'kept';
      if (this.keeping && runStart < 0) runStart = at;
      if (this.keeping) count++;
      if (!this.keeping && runStart >= 0) {
        yield this.kept(lines.subarray(runStart, at), areCounted ? count : undefined);
        runStart = -1;
        count = 0;
      }
      if (verdict === 'held') yield* this.hold(lines.subarray(at, lineEnd));
      at = lineEnd;
    }
    if (runStart >= 0) yield this.kept(lines.subarray(runStart), areCounted ? count : undefined);
  }

  /** Judges the last line of a file, which had no end. */
  private *unended(line: Buffer): Generator<Buffer> {
    if (line.length > maxStampBytes) return yield* this.judge(line, true);
    // Its stamp may still be being written: then nothing can be said of its time.
    this.entries.settleByFile();
    yield* this.settled();
    yield* this.judge(line, true);
    if (this.keeping) return;
    this.takeWaiting();
    yield this.kept(line);
  }

  private *hold(line: Buffer): Generator<Buffer> {
    this.waiting.push(Buffer.from(line));
    this.waitingBytes += line.length;
    if (this.waitingBytes > maxWaitingBytes) yield* this.released();
  }

  /** Releases waiting lines, because there are more than can be held. */
  private *released(): Generator<Buffer> {
    if (this.waitingBytes === 0) return;
    this.entries.release();
    this.keeping = this.entries.settled === 'kept';
    yield* this.settled();
  }

  /** Keeps or drops the waiting lines, if that is decided. */
  private *settled(): Generator<Buffer> {
    const { settled } = this.entries;
    if (settled === undefined) return;
    const lines = this.takeWaiting();
    if (settled === 'kept') for (const line of lines) yield this.kept(line);
  }

  private takeWaiting(): Buffer[] {
    const lines = this.waiting;
    this.waiting = [];
    this.waitingBytes = 0;
    return lines;
  }

  /** @param lines their number if it is known; they are not counted then */
  private kept(bytes: Buffer, lines = this.lines.ends.count(bytes)): Buffer {
    if (bytes.length === 0) return bytes;
    this.bytesOut += bytes.length;
    this.linesOut += lines;
    this.isOpen = !this.lines.ends.isEnd(bytes.at(-1));
    return bytes;
  }
}
