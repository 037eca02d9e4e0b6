import { mayBeginWithTime } from './behind-time.js';
import { type Form, forms, type Group, type Order, parts } from './forms.js';
import { LastMinute } from './last-minute.js';
import { clockOf, dateInOrder, datesOf, type Fields, fieldsOf, readUnixTime, type Stamp } from './stamp-fields.js';
import { ZoneReader } from './zone-reader.js';

export type StampRules = {
  /** Every time is at most a day after this wall-clock time (read as if it were UTC). */
  latestLocalMs: number;
  /** The wall clock of the entry before: of two readings of a date the nearer one is the likelier. */
  nearLocalMs?: number;
  /** How many minutes the server's own zone is ahead of UTC; this decides between the meanings of an abbreviation. */
  offsetMinutes: number;
};

type Compiled = {
  form: Form;
  pattern: RegExp;
  groups: readonly Group[];
  /** Only seconds, their fraction and a zone follow the minute, so it can be read on without the pattern. */
  isPlain: boolean;
};

/** Only this much of a line is searched for its time. */
const maxHeadBytes = 512;
const maxTailBytes = 300;
const timeKeys = /"(?:@?timestamp|time|ts|@t|date|datetime|asctime|eventtime|created_at)"\s*:\s*"?(?=\d)/gi;
const dayMs = 86_400_000;
const none: readonly number[] = [];

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
  const isPlain = (form.pattern.endsWith('{time}') || form.utc === true) && form.orders === undefined;
  return { form, pattern: new RegExp(`^${source}`, 'i'), groups, isPlain };
});

/**
 * Reads the times of one log. What it has learnt about the log – form, order of day and month, zone – is kept for that
 * log only.
 */
export class StampReader {
  /** The order of day and month was just found out: earlier times may have been misread. */
  hasLearnt = false;
  private last = -1;
  private orders = new Map<number, readonly Order[]>();
  private readonly minute = new LastMinute();
  /** How much the zone after the last time changed that time. */
  private zoneMs = 0;
  private readonly run: { kind: Stamp['kind']; zoneMs: number } = { kind: 'local', zoneMs: 0 };
  private readonly zones: ZoneReader;
  private readonly rules: StampRules;

  constructor(rules: StampRules) {
    this.rules = rules;
    this.zones = new ZoneReader(rules);
  }

  /** Words in the place of a zone that are not known, the most frequent first. */
  get unknownZones(): string[] {
    return [...this.zones.unknownZones].sort((a, b) => b[1] - a[1]).map(([word]) => word);
  }

  /** @returns whether the line begins with a time; if so `stamp` is filled */
  read(line: Buffer, start: number, end: number, stamp: Stamp): boolean {
    if (this.readInMinute(line, start, end, stamp)) return true;
    return mayBeginWithTime(line, start, end) && this.readHead(line, start, end, stamp);
  }

  /** Reads a line in the same minute as the one before, as most lines are: only what follows the minute is read. */
  readInMinute(line: Buffer, start: number, end: number, stamp: Stamp): boolean {
    const { minute } = this;
    const ms = minute.read(line, start, end);
    if (Number.isNaN(ms)) return false;
    stamp.ms = ms;
    stamp.spanMs = minute.spanMs;
    stamp.yearless = minute.yearless;
    stamp.others = none;
    stamp.form = minute.form;
    if (minute.utc) stamp.kind = 'instant';
    else this.zones.read(line, minute.end, end, stamp);
    this.zoneMs = stamp.ms - ms;
    return true;
  }

  /**
   * Begins a run of lines with the minute and the zone of the line that `readInMinute` just read.
   * @returns the `ms` of the stamp at the beginning of the minute
   */
  beginRun(line: Buffer, start: number, { kind }: Stamp): number {
    const { run, minute, zoneMs } = this;
    run.kind = kind;
    run.zoneMs = zoneMs;
    minute.beginRun(line, start, minute.utc ? 1 : this.zones.reach);
    return minute.ms + zoneMs;
  }

  /** @returns how many ms into the minute a line of the run is; -1 if it is in another minute or zone */
  readInRun(line: Buffer, start: number, end: number, stamp: Stamp): number {
    const { run, minute } = this;
    const ms = minute.readAlike(line, start, end);
    if (ms >= 0) return ms;
    const isInRun = this.readInMinute(line, start, end, stamp) && stamp.kind === run.kind && this.zoneMs === run.zoneMs;
    return isInRun ? stamp.ms - minute.ms - run.zoneMs : -1;
  }

  /** Whether the head of a line is written in a known form, even if its time is impossible. */
  isKnownForm(line: Buffer, start: number, end: number): boolean {
    const head = line.toString('latin1', start, Math.min(end, start + maxHeadBytes));
    return compiled.some(({ pattern }) => pattern.test(head));
  }

  isWeak({ form }: Stamp): boolean {
    return compiled[form]?.form.weak === true;
  }

  private readHead(line: Buffer, start: number, end: number, stamp: Stamp): boolean {
    stamp.others = none;
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

  /** Reads a time at the end of a line; Docker writes it after the message. */
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
    const utc = entry.form.utc === true;
    const { form, yearless } = stamp;
    if (entry.isPlain && found.half === undefined)
      this.minute.keep(match[0], found.seconds, line, start, { form, ms, yearless, utc });
    if (found.zone !== undefined) this.zones.readText(found.zone, stamp);
    else if (utc) stamp.kind = 'instant';
    else this.zones.read(line, start + match[0].length, end, stamp);
    return true;
  }

  /**
   * The possible dates. The log itself shows which is day and which is month: by a day above 12, or by a date in the
   * future.
   */
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
}
