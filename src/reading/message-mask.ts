import { isDigit } from '../logs/bytes.js';

const [hash, quote, apostrophe, backslash, blank, colon, closing] = [35, 34, 39, 92, 32, 58, 93];
const maxBytes = 200;
const maxQuotedBytes = 120;
const maxTagBytes = 48;
const leadWords =
  /^(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec|Mon|Tue|Wed|Thu|Fri|Sat|Sun|UTC|GMT|CES?T|AM|PM)$/i;

/**
 * Masks what changes in a message: whole words with a digit in them, long hexadecimal ones, and what stands between
 * quotes. The same message gives the same template, on every machine.
 */
export class MessageMask {
  readonly bytes = Buffer.alloc(maxBytes + 8);
  length = 0;

  /**
   * @param isBare the time is not before it any more
   * @returns a number that stands for the template, which is in `bytes`
   */
  read(line: Buffer, from: number, end: number, isBare: boolean): number {
    this.length = 0;
    let at = messageStart(line, from, end, isBare);
    while (at < end && this.length < maxBytes) {
      const code = line[at] ?? 0;
      if (isWord(code)) at = this.word(line, at, end);
      else if (code === quote || code === apostrophe) at = this.quoted(line, at, end);
      else {
        if (code !== backslash || line[at + 1] !== quote) this.put(code);
        at++;
      }
    }
    while (this.length > 0 && (this.bytes[this.length - 1] ?? 0) <= blank) this.length--;
    return this.code();
  }

  private word(line: Buffer, from: number, end: number): number {
    let at = from;
    let hasDigit = false;
    let isHex = true;
    for (let code = line[at] ?? 0; at < end && isWord(code); code = line[++at] ?? 0) {
      if (isDigit(code)) hasDigit = true;
      else if ((code | 32) < 97 || (code | 32) > 102) isHex = false;
    }
    if (hasDigit || (isHex && at - from >= 8)) this.putMask();
    else for (let index = from; index < at && this.length < maxBytes; index++) this.put(line[index] ?? 0);
    return at;
  }

  /** One mask is enough for `192.0.2.9`, `10:32:05`, `2001:db8::1` and the like. */
  private putMask(): void {
    let before = this.length;
    while (before > 0 && this.length - before < 2 && joins(this.bytes[before - 1] ?? 0)) before--;
    if (before < this.length && this.bytes[before - 1] === hash) this.length = before;
    else this.put(hash);
  }

  private quoted(line: Buffer, from: number, end: number): number {
    const mark = line[from] ?? 0;
    const limit = Math.min(end, from + maxQuotedBytes);
    let at = from + 1;
    while (at < limit && line[at] !== mark) at++;
    this.put(mark);
    const isClosed = at < limit && (mark === quote || (!isWord(line[from - 1] ?? 0) && !isWord(line[at + 1] ?? 0)));
    if (!isClosed) return from + 1;
    this.put(hash);
    this.put(mark);
    return at + 1;
  }

  private put(code: number): void {
    this.bytes[this.length++] = code;
  }

  /** Two hashes in one number of 53 bits: that two templates share it is out of question. */
  private code(): number {
    let [first, second] = [0x811c9dc5, 0x9747b28c];
    for (let at = 0; at < this.length; at++) {
      const byte = this.bytes[at] ?? 0;
      first = Math.imul(first ^ byte, 0x01000193);
      second = Math.imul(second ^ byte, 0x85ebca6b) ^ (second >>> 13);
    }
    return (first >>> 0) * 2_097_152 + (second >>> 11);
  }
}

/** Whether a sign stands between the parts of an address or a time: `+`, `-`, `.`, `/` and `:`. */
function joins(code: number): boolean {
  return (code >= 45 && code <= 47) || code === colon || code === 43;
}

/** Where the message begins: behind time, level and the name of the process. @param isBare the time is not before it any more */
export function messageStart(line: Buffer, from: number, end: number, isBare: boolean): number {
  return behindTag(line, isBare ? behindSigns(line, from, end) : behindLead(line, from, end), end);
}

function isWord(code: number): boolean {
  const letter = code | 32;
  return (letter >= 97 && letter <= 122) || (code >= 48 && code <= 57) || code === 95 || code >= 128;
}

/** Behind the signs that close a level: `] `, `: `, ` - `. */
function behindSigns(line: Buffer, from: number, end: number): number {
  let at = from;
  for (let code = line[at] ?? 0; at < end; code = line[++at] ?? 0)
    if (code > blank && code !== closing && code !== colon && code !== 124 && code !== 41 && code !== 45 && code !== 62)
      break;
  return at;
}

/** Behind the time and the numbers at the head of a line. */
function behindLead(line: Buffer, from: number, end: number): number {
  let at = from;
  while (at < end) {
    let begin = at;
    while (begin < end && !isWord(line[begin] ?? 0)) begin++;
    let next = begin;
    let hasDigit = false;
    while (next < end && isWord(line[next] ?? 0)) if (isDigit(line[next++])) hasDigit = true;
    if (!hasDigit && (next - begin > 4 || !leadWords.test(line.toString('latin1', begin, next)))) return begin;
    at = next;
  }
  return from;
}

/** Behind `system[1624]: `, which tells a process. */
function behindTag(line: Buffer, from: number, end: number): number {
  const limit = Math.min(end - 2, from + maxTagBytes);
  for (let at = from + 1; at < limit; at++)
    if (line[at] === closing && line[at + 1] === colon && line[at + 2] === blank && isDigit(line[at - 1]))
      return at + 3;
  return from;
}
