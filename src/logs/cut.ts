import { type CutOptions, type CutResult, coverageOf, silenceOf } from './cut-result.js';
import { Entries } from './entries.js';

const lineFeed = 10;
const carriageReturn = 13;
/** A longer line is judged by its beginning and passed on as it comes. */
const maxHeldBytes = 1024 * 1024;
const maxStampBytes = 48;
/** Fewer NULs at the beginning of a file may be text. */
const smallestHoleBytes = 16;

/**
 * Cuts a window out of a log that comes in chunks; both ends are inclusive. Bytes are passed on as they are. A line
 * without a time belongs to the entry before it; lines before the first time are kept, so a log in which nothing
 * parses is kept whole. What may be of the window is kept; the result says what could not be known.
 */
export function createCutter(options: CutOptions): Cutter {
  return new Cutter(options);
}

export class Cutter {
  private readonly entries: Entries;
  private readonly zone: string;
  private bytesIn = 0;
  private bytesOut = 0;
  private holeBytes = 0;
  private openEnd = false;
  private keeping = true;
  private rest: Buffer[] = [];
  private restBytes = 0;
  /** The line that goes on was judged already. */
  private isJudged = false;
  /** Lines that wait for the next time. */
  private held: Buffer[] = [];
  private heldBytes = 0;
  /** The file ends its lines with CR alone. */
  private endsWithCr = false;
  private hasLineFeed = false;
  /** Holes have been seen: each ends a line. */
  private hasNuls = false;
  private hole = { isPossible: true, bytes: 0 };

  constructor(options: CutOptions) {
    this.entries = new Entries(options);
    this.zone = options.zone;
  }

  /**
   * Another file of the log begins.
   * @param writtenAt when it was last written to, if that is known
   * @param isCurrent the log is still written to it
   */
  startPart(writtenAt: Date | undefined, isCurrent = false): void {
    this.entries.startPart(writtenAt, isCurrent);
    this.hole = { isPossible: true, bytes: 0 };
  }

  /** Feeds more of the log. @returns what is to be kept of the lines now complete */
  *push(next: Buffer): Generator<Buffer> {
    this.bytesIn += next.length;
    this.hasNuls ||= next.includes(hole);
    let chunk = this.hole.isPossible ? this.withoutHole(next) : next;
    if (this.isJudged) {
      const end = this.lineEnds(chunk, 0);
      if (this.keeping) yield this.kept(chunk.subarray(0, end < 0 ? chunk.length : end));
      if (end < 0) return;
      this.isJudged = false;
      chunk = chunk.subarray(end);
    }
    if (chunk.length > 0) yield* this.wholeLines(chunk);
  }

  /**
   * The end of one file of the log: a last line without an end is a line.
   * @param writtenAt when it was last written to, if that is known better by now
   */
  *endOfPart(writtenAt?: Date): Generator<Buffer> {
    if (writtenAt !== undefined) this.entries.isWrittenAt(writtenAt);
    yield* this.lastLine();
    this.entries.endPart();
    yield* this.settled();
    this.endsWithCr = false;
    this.hasLineFeed = false;
    this.hole = { isPossible: true, bytes: 0 };
  }

  /** What is known when all files were read. */
  result(): CutResult {
    this.entries.end();
    const { entries, bytesIn, bytesOut, openEnd, holeBytes } = this;
    const { stampedLines, localLines, unreadLines, leftLines, chronicle, parts } = entries;
    const { strayTimes, setBackMs, rhythm } = chronicle;
    return {
      ...coverageOf(chronicle.seen, this.zone),
      agreed: coverageOf(chronicle.agreed, this.zone),
      ...{
        stampedLines,
        localLines,
        unreadLines,
        leftLines,
        isRelearnt: entries.isRelearnt,
        missesChange: chronicle.missesChange(),
        untimedAtEnd: entries.untimedLines,
        strayTimes,
        setBackMs,
        unknownZones: entries.reader.unknownZones,
      },
      silence: silenceOf(chronicle),
      ...{ rhythm, parts, holeBytes, bytesIn, bytesOut, openEnd },
    };
  }

  private *wholeLines(chunk: Buffer): Generator<Buffer> {
    const end = this.lastLineEnd(chunk);
    if (end <= 0) return yield* this.withoutEnd(chunk);
    let from = 0;
    if (this.restBytes > 0) {
      from = this.lineEnds(chunk, 0);
      const line = Buffer.concat([...this.rest, chunk.subarray(0, from)]);
      this.forgetRest();
      yield* this.linesOf(line, line.length);
    }
    yield* this.linesOf(chunk.subarray(from, end), end - from);
    if (end < chunk.length) {
      this.rest.push(Buffer.from(chunk.subarray(end))); // a copy: the rest of the chunk is let go
      this.restBytes = chunk.length - end;
    }
  }

  /** A line goes on; very long ones are judged by their beginning. */
  private *withoutEnd(chunk: Buffer): Generator<Buffer> {
    this.rest.push(Buffer.from(chunk));
    this.restBytes += chunk.length;
    if (this.restBytes <= maxHeldBytes) return;
    const begun = Buffer.concat(this.rest);
    this.forgetRest();
    if (this.isOfCrs(begun)) {
      this.endsWithCr = true;
      return yield* this.wholeLines(begun);
    }
    yield* this.linesOf(begun, begun.length);
    yield* this.released();
    this.isJudged = true;
  }

  private *lastLine(): Generator<Buffer> {
    if (this.isJudged && this.keeping) yield this.kept(Buffer.from('\n'));
    this.openEnd = this.isJudged || this.restBytes > 0;
    this.isJudged = false;
    if (this.restBytes === 0) return;
    const text = Buffer.concat(this.rest);
    this.forgetRest();
    if (!this.endsWithCr && this.isOfCrs(text)) {
      this.endsWithCr = true;
      yield* this.wholeLines(text);
      return yield* this.lastLine();
    }
    const line = Buffer.concat([text, Buffer.from('\n')]);
    if (line.length > maxStampBytes) return yield* this.linesOf(line, line.length);
    // Its stamp may still be being written: then nothing can be said of its time.
    this.entries.settleByFile();
    yield* this.settled();
    yield* this.linesOf(line, line.length);
    if (this.keeping) return;
    this.held = [];
    this.heldBytes = 0;
    yield this.kept(line);
  }

  /** Judges the whole lines up to `end`; yields the runs of lines to keep. */
  private *linesOf(chunk: Buffer, end: number): Generator<Buffer> {
    let runStart = -1;
    let at = 0;
    while (at < end) {
      const passed = this.hasOtherEnds() ? at : this.entries.passRun(chunk, at, end);
      if (passed > at && this.keeping && runStart < 0) runStart = at;
      at = passed;
      if (at >= end) break;
      const found = this.lineEnds(chunk, at);
      const lineEnd = found < 0 || found > end ? end : found;
      const verdict = this.entries.judge(chunk, at, lineEnd);
      if (this.entries.settled !== undefined) yield* this.settled();
      this.keeping = verdict === 'kept';
      if (this.keeping && runStart < 0) runStart = at;
      if (!this.keeping && runStart >= 0) {
        yield this.kept(chunk.subarray(runStart, at));
        runStart = -1;
      }
      if (verdict === 'held') yield* this.hold(chunk.subarray(at, lineEnd));
      at = lineEnd;
    }
    if (runStart >= 0) yield this.kept(chunk.subarray(runStart, end));
  }

  private *hold(line: Buffer): Generator<Buffer> {
    this.held.push(Buffer.from(line));
    this.heldBytes += line.length;
    if (this.heldBytes > maxHeldBytes) yield* this.released();
  }

  private *released(): Generator<Buffer> {
    if (this.heldBytes === 0) return;
    this.entries.release();
    this.keeping = this.entries.settled === 'kept';
    yield* this.settled();
  }

  private *settled(): Generator<Buffer> {
    const { settled } = this.entries;
    if (settled === undefined) return;
    const lines = this.held;
    this.held = [];
    this.heldBytes = 0;
    if (settled === 'kept') for (const line of lines) yield this.kept(line);
  }

  /** A file that was emptied while its writer went on begins with NULs, as many as it had bytes. */
  private withoutHole(chunk: Buffer): Buffer {
    let at = 0;
    while (at < chunk.length && chunk[at] === 0) at++;
    this.hole.bytes += at;
    if (at === chunk.length) return this.hole.bytes < smallestHoleBytes ? chunk : this.afterHole(chunk, at);
    this.hole.isPossible = false;
    return this.hole.bytes < smallestHoleBytes ? chunk : this.afterHole(chunk, at);
  }

  private afterHole(chunk: Buffer, at: number): Buffer {
    this.forgetRest(); // what came of it before
    this.holeBytes += at;
    return chunk.subarray(at);
  }

  private kept(bytes: Buffer): Buffer {
    this.bytesOut += bytes.length;
    return bytes;
  }

  private forgetRest(): void {
    this.rest = [];
    this.restBytes = 0;
  }

  /** @returns where the line that goes on at `at` ends, or -1 */
  private lineEnds(chunk: Buffer, at: number): number {
    const end = chunk.indexOf(this.endsWithCr ? carriageReturn : lineFeed, at) + 1 || -1;
    return this.hasNuls ? holeEnd(chunk, at, end) : end;
  }

  /** Lines end not only with a line feed. */
  private hasOtherEnds(): boolean {
    return this.endsWithCr || this.hasNuls;
  }

  private lastLineEnd(chunk: Buffer): number {
    const end = chunk.lastIndexOf(lineFeed) + 1;
    if (end > 0) {
      this.hasLineFeed = true;
      this.endsWithCr = false;
    }
    return this.endsWithCr ? chunk.lastIndexOf(carriageReturn) + 1 : end;
  }

  /** Several CRs or one at its end, and no line feed in all of the file so far. */
  private isOfCrs(text: Buffer): boolean {
    if (this.hasLineFeed) return false;
    if (text.at(-1) === carriageReturn) return true;
    let at = -1;
    for (let count = 0; count < 3; count++) {
      at = text.indexOf(carriageReturn, at + 1);
      if (at < 0) return false;
    }
    return true;
  }
}

const hole = Buffer.alloc(smallestHoleBytes);

/** A crash leaves NULs in the place of what was not written yet: what follows them is another line. */
function holeEnd(chunk: Buffer, at: number, lineEnd: number): number {
  const begin = chunk.indexOf(hole, at);
  if (begin < 0 || (lineEnd >= 0 && begin >= lineEnd)) return lineEnd;
  let end = begin + hole.length;
  while (chunk[end] === 0) end++;
  return end < chunk.length ? end : lineEnd;
}
