import { isCosCore, isHalfOfDay } from './behind-time.js';
import { digitAt, isDigit, twoDigitsAt } from './bytes.js';
import { leadLength } from './forms.js';
import { SameBytes, viewOf } from './same-bytes.js';

const maxMinuteBytes = 40;
const maxBehindBytes = 24;
const maxLeads = 8;
const maxLeadBytes = 64;
const [comma, point, colon, closing] = [44, 46, 58, 93];

/** The part of a line's time down to the minute, as it was read. */
export type MinuteRead = { form: number; ms: number; yearless: boolean; utc: boolean };

/**
 * The minute of the last line read: most lines have the same minute as the one before, so only their seconds are read
 * anew. This runs for every line of every log.
 */
export class LastMinute {
  ms = 0;
  form = -1;
  yearless = false;
  /** The form is UTC without saying so. */
  utc = false;
  /** Where the last time read ends, and how long a span it stands for. */
  end = 0;
  spanMs = 1;
  /** The text before the minute, such as a priority or a bracket. Its numbers change from line to line. */
  private readonly leads: Buffer[] = [];
  private lead: Buffer = Buffer.alloc(0);
  private readonly text = new SameBytes(maxMinuteBytes);
  private lines: Buffer = Buffer.alloc(0);
  private view = viewOf(this.lines);
  /**
   * What follows the minute in the lines of a run: the length of seconds and fraction in bytes, and the bytes that decide
   * the zone.
   */
  private secondsBytes = 0;
  private readonly behind = new SameBytes(maxBehindBytes);

  /** @param text the time as it was matched at `start`, up to and including its seconds */
  keep(text: string, seconds: string | undefined, line: Buffer, start: number, read: MinuteRead): void {
    const ends = seconds === undefined ? text.length : text.lastIndexOf(`:${seconds}`);
    const at = Math.max(ends - maxMinuteBytes, leadLength(text));
    const isSame = this.form === read.form && this.ms === read.ms && this.text.length === ends - at;
    if (!isSame || this.leads.length >= maxLeads) this.leads.length = 0;
    this.keepLead(line.subarray(start, start + at));
    this.text.set(line, start + at, start + ends);
    this.behind.length = 0;
    Object.assign(this, read);
  }

  private keepLead(lead: Buffer): void {
    const isKnown = this.leads.some((known) => known.length === lead.length && isLead(known, lead, 0));
    if (!isKnown && lead.length <= maxLeadBytes) this.leads.push(Buffer.from(lead));
  }

  /** @returns the time of a line in the same minute; NaN if it is in another one, or only its pattern can read it */
  read(line: Buffer, start: number, end: number): number {
    const { text } = this;
    const view = this.viewOf(line);
    for (const lead of this.leads) {
      const minuteAt = start + lead.length;
      if (minuteAt + text.length >= end || !text.standAt(view, minuteAt) || !isLead(lead, line, start)) continue;
      this.lead = lead;
      return this.readSeconds(line, minuteAt + text.length, end);
    }
    return Number.NaN;
  }

  /**
   * Begins a run, in which lines are written like the last one read.
   * @param bytes how many after the time decide the zone; 0 if the zone is not decided by them
   */
  beginRun(line: Buffer, start: number, bytes: number): void {
    this.behind.length = 0;
    if (bytes === 0 || bytes > maxBehindBytes) return;
    this.secondsBytes = this.end - start - this.lead.length - this.text.length;
    this.behind.set(line, this.end, Math.min(this.end + bytes, line.length));
  }

  /**
   * @returns how many ms into the minute a line is that is written like the first one of the run; -1 if it is written in
   * another way
   */
  readAlike(line: Buffer, start: number, end: number): number {
    const { lead, text, behind, secondsBytes } = this;
    const view = this.viewOf(line);
    const minuteAt = start + lead.length;
    const secondsAt = minuteAt + text.length;
    const behindAt = secondsAt + secondsBytes;
    if (behind.length === 0 || behindAt + behind.length > end) return -1;
    if (!text.standAt(view, minuteAt) || !behind.standAt(view, behindAt)) return -1;
    if (!isLead(lead, line, start)) return -1;
    if (line[behindAt] === closing && isCosCore(line, behindAt, end) !== this.utc) return -1;
    return secondsBytes === 0 ? 0 : readSecondsAlike(view, secondsAt, behindAt);
  }

  private viewOf(line: Buffer): DataView {
    if (line === this.lines) return this.view;
    this.lines = line;
    this.view = viewOf(line);
    return this.view;
  }

  /** Reads what follows the minute: seconds and their fraction. */
  private readSeconds(line: Buffer, at: number, end: number): number {
    let next = at;
    let { ms } = this;
    this.spanMs = 60_000;
    if (line[next] === colon) {
      const second = twoDigitsAt(line, next + 1);
      if (second < 0 || second > 60) return Number.NaN;
      ms += second * 1000;
      next += 3;
      this.spanMs = 1000;
      if (line[next] === colon) return Number.NaN; // a fraction behind a colon is left to the pattern
    }
    if ((line[next] === point || line[next] === comma) && isDigit(line[next + 1]))
      return this.readFraction(line, next + 1, end, ms);
    return this.endsPlainly(line, next, end) ? ms : Number.NaN;
  }

  private readFraction(line: Buffer, at: number, end: number, ms: number): number {
    let next = at;
    let fraction = 0;
    let spanMs = 1000;
    for (; next < end && spanMs > 1 && isDigit(line[next]); next++) {
      spanMs /= 10; // `.9` stands for a tenth of a second
      fraction += digitAt(line, next) * spanMs;
    }
    while (next < end && isDigit(line[next])) next++;
    this.spanMs = spanMs;
    return this.endsPlainly(line, next, end) ? ms + fraction : Number.NaN;
  }

  /**
   * Whether nothing follows that only the pattern can read, such as AM or PM, or the name of a program that logs in UTC.
   */
  private endsPlainly(line: Buffer, next: number, end: number): boolean {
    this.end = next;
    if (line[next] === closing) return isCosCore(line, next, end) === this.utc;
    return !isHalfOfDay(line, next) && !this.utc;
  }
}

/** Whether the bytes are the same as the lead, apart from digits. */
function isLead(lead: Buffer, line: Buffer, start: number): boolean {
  for (let index = 0; index < lead.length; index++) {
    const code = line[start + index];
    if (code !== lead[index] && !(isDigit(code) && isDigit(lead[index]))) return false;
  }
  return true;
}

/** @returns ms; -1 where the bytes are no seconds and no fraction of them */
function readSecondsAlike(lines: DataView, at: number, end: number): number {
  const tens = lines.getUint8(at + 1) - 48;
  const ones = lines.getUint8(at + 2) - 48;
  if (lines.getUint8(at) !== colon || tens < 0 || tens > 6 || ones < 0 || ones > 9) return -1;
  let ms = (tens * 10 + ones) * 1000;
  if (ms > 60_000) return -1;
  if (end === at + 3) return ms;
  const mark = lines.getUint8(at + 3);
  if (mark !== point && mark !== comma) return -1;
  let digitMs = 100;
  for (let next = at + 4; next < end; next++) {
    const digit = lines.getUint8(next) - 48;
    if (digit < 0 || digit > 9) return -1;
    ms += digit * digitMs;
    digitMs = digitMs === 100 ? 10 : digitMs === 10 ? 1 : 0;
  }
  return ms;
}
