import { type Anchors, anchorsOf } from './anchors.js';
import { createLineRedactor, type LineRedactor, windowLength } from './line-redactor.js';
import { escapeAnchors } from './normalise.js';
import type { Rule } from './rule.js';

const lineFeed = 10;
/** The most bytes that are decoded at once. */
const blockBytes = 64 * 1024;

export function createLineStage(rules: readonly Rule[], count: (rule: string) => void): LineStage {
  return new LineStage(rules, count);
}

/** Splits chunks of bytes into lines, and examines those lines in which a rule may find something. */
class LineStage {
  private readonly anchors: Anchors;
  private readonly redactor: LineRedactor;
  /** A line that has not ended yet. */
  private rest: Buffer[] = [];
  private restBytes = 0;

  constructor(rules: readonly Rule[], count: (rule: string) => void) {
    this.anchors = anchorsOf([escapeAnchors, ...rules.map((rule) => rule.anchors)]);
    this.redactor = createLineRedactor(rules, count);
  }

  *push(chunk: Buffer): Generator<Buffer> {
    const end = chunk.lastIndexOf(lineFeed) + 1;
    const first = end > 0 && this.rest.length > 0 ? chunk.indexOf(lineFeed) + 1 : 0;
    if (first > 0) yield* this.release(chunk.subarray(0, first));
    yield* this.blocksOf(chunk.subarray(first, end));
    yield* this.hold(chunk.subarray(end));
  }

  *end(): Generator<Buffer> {
    yield* this.release(Buffer.alloc(0));
  }

  private *blocksOf(bytes: Buffer): Generator<Buffer> {
    for (let at = 0; at < bytes.length; ) {
      const feed = bytes.length - at <= blockBytes ? -1 : bytes.indexOf(lineFeed, at + blockBytes);
      const end = feed < 0 ? bytes.length : feed + 1;
      yield* this.linesOf(bytes.subarray(at, end));
      at = end;
    }
  }

  /** Whole lines, the last one perhaps without its end; runs of lines without secrets are passed on unchanged. */
  private *linesOf(bytes: Buffer): Generator<Buffer> {
    let clean = 0;
    let at = 0;
    for (
      let line = this.nextLine(bytes, at);
      line !== undefined && at < bytes.length;
      line = this.nextLine(bytes, at)
    ) {
      const raw = bytes.toString('latin1', line.start, line.end);
      const out = raw.length > windowLength ? this.longLine(raw) : this.redactor.last(raw);
      if (out !== undefined && out !== raw) {
        if (line.start > clean) yield bytes.subarray(clean, line.start);
        yield Buffer.from(out, 'latin1');
        clean = line.end;
      }
      at = line.end;
    }
    if (clean < bytes.length) yield bytes.subarray(clean);
  }

  /** The place of the next line that must be examined. */
  private nextLine(bytes: Buffer, at: number): { start: number; end: number } | undefined {
    const anchor = this.redactor.isWaiting() ? at : this.anchors.firstIn(bytes, at);
    if (anchor < 0) return undefined;
    const start = anchor === at ? at : Math.max(at, bytes.lastIndexOf(lineFeed, anchor - 1) + 1);
    const feed = bytes.indexOf(lineFeed, anchor);
    return { start, end: feed < 0 ? bytes.length : feed + 1 };
  }

  private longLine(raw: string): string {
    const { out, consumed } = this.windows(raw);
    const last = raw.slice(consumed);
    return out + (this.redactor.last(last) ?? last);
  }

  /** Handles all windows of a line but the last one. */
  private windows(raw: string): { out: string; consumed: number } {
    let out = '';
    let at = 0;
    const end = raw.endsWith('\n') ? raw.length - 1 : raw.length;
    while (end - at > windowLength) {
      const text = raw.slice(at, at + windowLength);
      const part = this.redactor.window(text);
      out += part.out ?? text.slice(0, part.consumed);
      at += part.consumed;
    }
    return { out, consumed: at };
  }

  /** Holds a line that has not ended; a line too long for that is handled in windows. */
  private *hold(bytes: Buffer): Generator<Buffer> {
    if (bytes.length === 0) return;
    this.rest.push(Buffer.from(bytes)); // a copy: the rest of its chunk is let go
    this.restBytes += bytes.length;
    if (this.restBytes <= windowLength) return;
    const held = Buffer.concat(this.rest);
    const { out, consumed } = this.windows(held.toString('latin1'));
    yield Buffer.from(out, 'latin1');
    this.rest = [held.subarray(consumed)];
    this.restBytes = held.length - consumed;
  }

  private *release(bytes: Buffer): Generator<Buffer> {
    const line = this.rest.length === 0 ? bytes : Buffer.concat([...this.rest, bytes]);
    this.rest = [];
    this.restBytes = 0;
    yield* this.linesOf(line);
  }
}
