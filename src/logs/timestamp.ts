import { isCosCore, isHalfOfDay, mayBeginWithTime, readOffset } from './behind-time.js';
import { digitAt, isCapital, isDigit, isLetter, isOpening, isSeparator, isSign } from './bytes.js';
import { type Form, forms, type Group, type Order, parts } from './forms.js';
import { clockOf, dateInOrder, datesOf, type Fields, fieldsOf, readUnixTime, type Stamp } from './stamp-fields.js';
import { type ZoneWord, zoneWordIn } from './zone-words.js';

export type StampRules = {
  /** A time lies at most a day after this wall-clock time (read as if it were UTC). */
  latestLocalMs: number;
  /** The wall clock of the entry before: of two readings of a date the nearer one is the likelier. */
  nearLocalMs?: number;
  /** Minutes that the server's own zone is ahead of UTC: a zone's abbreviation may mean several. */
  offsetMinutes: number;
};

type Compiled = {
  form: Form;
  pattern: RegExp;
  groups: readonly Group[];
  /** Nothing but seconds, their fraction and a zone follows the minute: it can be read on without the pattern. */
  isPlain: boolean;
};

/** More of a line is not looked at to find its time. */
const maxHeadBytes = 512;
const maxMinuteBytes = 40;
const [blank, comma, point, colon, closing] = [32, 44, 46, 58, 93];
const maxTailBytes = 300;
const timeKeys = /"(?:@?timestamp|time|ts|@t|date|datetime|asctime|eventtime|created_at)"\s*:\s*"?(?=\d)/gi;
const dayMs = 86_400_000;
const none: readonly number[] = [];
const noZone: ZoneWord = { kind: 'none' };

const compiled: readonly Compiled[] = forms.map((form) => {
  const groups: Group[] = [];
  const source = form.pattern.replaceAll(/\{([A-Za-z]+)\}/g, (all, name: string) => {
    const part = parts[name];
    if (part === undefined) return all;
    const known = groups.indexOf('separator');
    if (name === 'sep' && known >= 0) return `\\${known + 1}`;
    groups.push(...part.groups);
    return `(?:${part.source})`;
  });
  const isPlain = form.pattern.endsWith('{time}') && form.orders === undefined;
  return { form, pattern: new RegExp(`^${source}`, 'i'), groups, isPlain };
});

/** What stands before a date, to be left out when minutes are compared: the priority changes from line to line. */
const leads = new RegExp(`^${parts['lead']?.source ?? ''}(?:${parts['level']?.source ?? ''})?`, 'i');

/** Reads the times of one log. What it has learnt of the log – form, order of day and month, zone – lives and ends with it. */
export class StampReader {
  /** Lines in which a word stood for a zone that nobody knows. */
  unknownZones = new Map<string, number>();
  /** The order of day and month has just been found out: what was read before may have been misread. */
  hasLearnt = false;
  private last = -1;
  private orders = new Map<number, readonly Order[]>();
  private readonly minute = { at: -1, length: 0, text: Buffer.alloc(maxMinuteBytes), ms: 0, form: -1, yearless: false };
  /** Where the time that was read ends, without its zone. */
  private end = 0;
  /** The word and what is around it, as bytes. */
  private readonly seen = Buffer.alloc(6);
  private readonly word = { code: -1, verdict: noZone };
  private readonly words = new Map<string, ZoneWord>();

  private readonly rules: StampRules;

  constructor(rules: StampRules) {
    this.rules = rules;
  }

  /** @returns whether the line begins with a time; if so `stamp` is filled */
  read(line: Buffer, start: number, end: number, stamp: Stamp): boolean {
    stamp.others = none;
    if (this.isLastMinute(line, start, end)) {
      const { minute } = this;
      stamp.yearless = minute.yearless;
      stamp.form = minute.form;
      const utc = compiled[minute.form]?.form.utc === true;
      if (this.readSeconds(line, start + minute.at + minute.length, end, stamp))
        return this.readZone(line, end, stamp, utc);
    }
    if (!mayBeginWithTime(line, start, end)) return false;
    return this.readHead(line, start, end, stamp);
  }

  /** Whether the head of a line is written in a form that is known, be its time absurd or not. */
  isKnownForm(line: Buffer, start: number, end: number): boolean {
    const head = line.toString('latin1', start, Math.min(end, start + maxHeadBytes));
    return compiled.some(({ pattern }) => pattern.test(head));
  }

  isWeak({ form }: Stamp): boolean {
    return compiled[form]?.form.weak === true;
  }

  /** Lines mostly bear the minute of the one before: it need not be reckoned again. */
  private isLastMinute(line: Buffer, start: number, end: number): boolean {
    const { at, length, text } = this.minute;
    if (at < 0 || start + at + length >= end) return false;
    const from = start + at;
    for (let index = length - 1; index >= 0; index--) if (line[from + index] !== text[index]) return false;
    return true;
  }

  private readHead(line: Buffer, start: number, end: number, stamp: Stamp): boolean {
    const head = line.toString('latin1', start, Math.min(end, start + maxHeadBytes)).replace(/[\r\n]+$/, '');
    if (this.last >= 0 && this.readForm(this.last, head, line, start, end, stamp)) return true;
    for (let index = 0; index < compiled.length; index++) {
      if (index !== this.last && this.readForm(index, head, line, start, end, stamp)) {
        this.last = index;
        return true;
      }
    }
    return head.startsWith('{') && end - start > 100 && this.readTail(line, start, end, stamp);
  }

  /** Docker writes the time behind the message. */
  private readTail(line: Buffer, start: number, end: number, stamp: Stamp): boolean {
    const from = Math.max(start + 1, end - maxTailBytes);
    const tail = line.toString('latin1', from, end);
    const keys = [...tail.matchAll(timeKeys)];
    const last = keys.at(-1);
    return last !== undefined && this.readHead(line, from + last.index + last[0].length, end, stamp);
  }

  private readForm(index: number, head: string, line: Buffer, start: number, end: number, stamp: Stamp): boolean {
    const entry = compiled[index];
    const match = entry?.pattern.exec(head);
    if (entry === undefined || match === null || match === undefined) return false;
    const found = fieldsOf(match, entry.groups);
    stamp.form = index;
    stamp.yearless = found.year === undefined && found.unix === undefined && found.third === undefined;
    if (found.unix !== undefined) return readUnixTime(found.unix, stamp);
    const dates =
      found.first === undefined ? datesOf(found, this.rules.latestLocalMs) : this.datesInOrders(index, found);
    const clock = clockOf(found);
    if (dates.length === 0 || clock === undefined) return false;
    const [ms = 0, ...others] = dates.map((date) => date + clock.minuteMs);
    stamp.ms = ms + clock.restMs;
    stamp.spanMs = clock.spanMs;
    if (others.length > 0) stamp.others = others.map((other) => other + clock.restMs);
    const isPlain = entry.isPlain && found.half === undefined;
    if (isPlain) this.keepMinute(match[0], found.seconds, line, start, ms, stamp);
    this.end = start + match[0].length;
    if (found.zone !== undefined) return this.applyZone(stamp, this.verdictOn(` ${found.zone}`));
    return this.readZone(line, end, stamp, entry.form.utc === true);
  }

  private keepMinute(
    text: string,
    seconds: string | undefined,
    line: Buffer,
    start: number,
    ms: number,
    stamp: Stamp,
  ): void {
    const { minute } = this;
    const ends = seconds === undefined ? text.length : text.lastIndexOf(`:${seconds}`);
    minute.at = Math.max(ends - maxMinuteBytes, leads.exec(text)?.[0].length ?? 0);
    minute.length = ends - minute.at;
    minute.ms = ms;
    minute.form = stamp.form;
    minute.yearless = stamp.yearless;
    line.copy(minute.text, 0, start + minute.at, start + ends);
  }

  /** What follows the minute: seconds and their fraction. @returns whether the line goes on as the one before did */
  private readSeconds(line: Buffer, at: number, end: number, stamp: Stamp): boolean {
    let next = at;
    let ms = this.minute.ms;
    stamp.spanMs = 60_000;
    if (line[next] === colon) {
      const second = digitAt(line, next + 1) * 10 + digitAt(line, next + 2);
      if (!(second <= 60)) return false;
      ms += second * 1000;
      next += 3;
      stamp.spanMs = 1000;
      if (line[next] === colon) return false; // a fraction behind a colon is left to the pattern
    }
    if ((line[next] === point || line[next] === comma) && isDigit(line[next + 1])) {
      const thousandths = digitAt(line, next + 1) * 100 + digitAt(line, next + 2) * 10 + digitAt(line, next + 3);
      if (thousandths >= 0 && !isDigit(line[next + 4])) {
        stamp.ms = ms + thousandths;
        stamp.spanMs = 1;
        this.end = next + 4;
        return this.endsPlainly(line, next + 4, end);
      }
      let fraction = 0;
      let scale = 100;
      for (next++; next < end && isDigit(line[next]); next++) {
        fraction += digitAt(line, next) * scale;
        scale /= 10;
      }
      ms += Math.floor(fraction);
      stamp.spanMs = Math.max(1, scale * 10); // `.9` stands for a tenth of a second
    }
    stamp.ms = ms;
    this.end = next;
    return this.endsPlainly(line, next, end);
  }

  /** Nothing that only the pattern can read follows: a half of the day, or the name of a program that logs in UTC. */
  private endsPlainly(line: Buffer, next: number, end: number): boolean {
    return !isHalfOfDay(line, next) && !(line[next] === closing && isCosCore(line, next, end));
  }

  /** Day and month are told apart by the log itself: by a day above 12, or by a date that is yet to come. */
  private datesInOrders(index: number, found: Fields): number[] {
    const all = compiled[index]?.form.orders ?? [];
    const latest = this.rules.latestLocalMs + dayMs;
    const valid = all.filter((order) => dateInOrder(found, order).some((ms) => ms <= latest));
    const wasRead = this.orders.has(index);
    const before = this.orders.get(index) ?? all;
    const both = valid.filter((order) => before.includes(order));
    const possible = both.length > 0 ? both : valid;
    if (possible.length > 0) this.orders.set(index, possible);
    if (wasRead && possible.length < before.length) this.hasLearnt = true;
    const { nearLocalMs: near = this.rules.latestLocalMs } = this.rules;
    const dates = [...new Set(possible.flatMap((order) => dateInOrder(found, order)))];
    return dates.sort((a, b) => Math.abs(a - near) - Math.abs(b - near));
  }

  /** Reads what stands behind the clock. */
  private readZone(line: Buffer, end: number, stamp: Stamp, utc: boolean): boolean {
    if (utc) {
      stamp.kind = 'instant';
      return true;
    }
    const at = this.end;
    const next = line[at] ?? 0;
    stamp.kind = 'local';
    if (next === blank && isSign(line[at + 1])) return readOffset(line, at + 1, end, stamp, true);
    if (isSign(next) || next === 90 || next === 122) return readOffset(line, at, end, stamp, false);
    if (isSeparator(next) || isLetter(next)) return this.applyZone(stamp, this.wordAt(line, at, end));
    return true;
  }

  /** Most lines have the same word behind their time, such as INFO. */
  private wordAt(line: Buffer, at: number, end: number): ZoneWord {
    const { seen } = this;
    if (at + 5 < end && line[at] === seen[0] && line[at + 1] === seen[1] && line[at + 2] === seen[2]) {
      if (line[at + 3] === seen[3] && line[at + 4] === seen[4] && line[at + 5] === seen[5]) return this.word.verdict;
    }
    let next = at;
    let code = 0;
    while (next < end && next < at + 3 && (isSeparator(line[next]) || isOpening(line[next])))
      code = code * 256 + (line[next++] ?? 0);
    const wordAt = next;
    if (next === at && !isCapital(line[next])) return noZone;
    for (; next < end && next < wordAt + 4 && isLetter(line[next]); next++) code = code * 256 + (line[next] ?? 0);
    if (next === wordAt && !isSign(line[next])) return noZone;
    const { word } = this;
    const isPlain = isLetter(line[wordAt]) && line[next] === blank && !isSign(line[next + 1]);
    if (isPlain && word.code === code) return word.verdict;
    const verdict = this.verdictOn(line.toString('latin1', at, Math.min(end, at + 48)));
    if (isPlain) {
      Object.assign(word, { code, verdict });
      line.copy(this.seen, 0, at, at + 6);
      if (next > at + 5) this.seen[0] = 0; // longer than what is compared
    }
    return verdict;
  }

  private verdictOn(text: string): ZoneWord {
    const known = this.words.get(text);
    if (known !== undefined) return known;
    const offset = /^([+-])(\d\d):?(\d\d)/.exec(text);
    const verdict: ZoneWord =
      offset === null
        ? zoneWordIn(text, this.rules.offsetMinutes)
        : { kind: 'offset', minutes: (offset[1] === '-' ? -1 : 1) * (Number(offset[2]) * 60 + Number(offset[3])) };
    if (this.words.size < 1000) this.words.set(text, verdict);
    return verdict;
  }

  private applyZone(stamp: Stamp, verdict: ZoneWord): boolean {
    stamp.kind = verdict.kind === 'offset' ? 'instant' : 'local';
    if (verdict.kind === 'unknown') this.unknownZones.set(verdict.word, (this.unknownZones.get(verdict.word) ?? 0) + 1);
    if (verdict.kind !== 'offset') return true;
    stamp.ms -= verdict.minutes * 60_000;
    if (stamp.others.length > 0) stamp.others = stamp.others.map((ms) => ms - verdict.minutes * 60_000);
    return true;
  }
}
