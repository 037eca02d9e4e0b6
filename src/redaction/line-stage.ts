import { anchorsOf } from './anchors.js';
import { createLineRedactor, windowLength } from './line-redactor.js';
import { escapeAnchors } from './normalise.js';
import type { Rule } from './rule.js';

const lineFeed = 10;
/** No more than this is decoded at once. */
const blockBytes = 64 * 1024;

/** Cuts bytes that come in chunks into lines, and has those looked at in which a rule may find something. */
export function createLineStage(rules: readonly Rule[], count: (rule: string) => void) {
  const anchors = anchorsOf([escapeAnchors, ...rules.map((rule) => rule.anchors)]);
  const redactor = createLineRedactor(rules, count);
  let rest: Buffer[] = [];
  let restBytes = 0;

  /** The place of the next line that has to be looked at. */
  function nextLine(bytes: Buffer, at: number): { start: number; end: number } | undefined {
    const anchor = redactor.isWaiting() ? at : anchors.firstIn(bytes, at);
    if (anchor < 0) return undefined;
    const start = anchor === at ? at : Math.max(at, bytes.lastIndexOf(lineFeed, anchor - 1) + 1);
    const feed = bytes.indexOf(lineFeed, anchor);
    return { start, end: feed < 0 ? bytes.length : feed + 1 };
  }

  /** Whole lines, the last one perhaps without its end; runs of them without secrets are passed on as they are. */
  function* linesOf(bytes: Buffer): Generator<Buffer> {
    let clean = 0;
    let at = 0;
    for (let line = nextLine(bytes, at); line !== undefined && at < bytes.length; line = nextLine(bytes, at)) {
      const raw = bytes.toString('latin1', line.start, line.end);
      const out = raw.length > windowLength ? longLine(raw) : redactor.last(raw);
      if (out !== undefined && out !== raw) {
        if (line.start > clean) yield bytes.subarray(clean, line.start);
        yield Buffer.from(out, 'latin1');
        clean = line.end;
      }
      at = line.end;
    }
    if (clean < bytes.length) yield bytes.subarray(clean);
  }

  function longLine(raw: string): string {
    const { out, consumed } = windows(raw);
    const last = raw.slice(consumed);
    return out + (redactor.last(last) ?? last);
  }

  /** All windows of a line but the last one. */
  function windows(raw: string): { out: string; consumed: number } {
    let out = '';
    let at = 0;
    const end = raw.endsWith('\n') ? raw.length - 1 : raw.length;
    while (end - at > windowLength) {
      const text = raw.slice(at, at + windowLength);
      const part = redactor.window(text);
      out += part.out ?? text.slice(0, part.consumed);
      at += part.consumed;
    }
    return { out, consumed: at };
  }

  function* blocksOf(bytes: Buffer): Generator<Buffer> {
    for (let at = 0; at < bytes.length; ) {
      const feed = bytes.length - at <= blockBytes ? -1 : bytes.indexOf(lineFeed, at + blockBytes);
      const end = feed < 0 ? bytes.length : feed + 1;
      yield* linesOf(bytes.subarray(at, end));
      at = end;
    }
  }

  /** Keeps a line that has not ended; what is too long for that goes through in windows. */
  function* hold(bytes: Buffer): Generator<Buffer> {
    if (bytes.length === 0) return;
    rest.push(Buffer.from(bytes)); // a copy: the rest of its chunk is let go
    restBytes += bytes.length;
    if (restBytes <= windowLength) return;
    const held = Buffer.concat(rest);
    const { out, consumed } = windows(held.toString('latin1'));
    yield Buffer.from(out, 'latin1');
    rest = [held.subarray(consumed)];
    restBytes = held.length - consumed;
  }

  function* release(bytes: Buffer): Generator<Buffer> {
    const line = rest.length === 0 ? bytes : Buffer.concat([...rest, bytes]);
    rest = [];
    restBytes = 0;
    yield* linesOf(line);
  }

  return {
    *push(chunk: Buffer): Generator<Buffer> {
      const end = chunk.lastIndexOf(lineFeed) + 1;
      const first = end > 0 && rest.length > 0 ? chunk.indexOf(lineFeed) + 1 : 0;
      if (first > 0) yield* release(chunk.subarray(0, first));
      yield* blocksOf(chunk.subarray(first, end));
      yield* hold(chunk.subarray(end));
    },
    *end(): Generator<Buffer> {
      yield* release(Buffer.alloc(0));
    },
  };
}
