import { offsetMinutes } from '../domain/zone.js';
import { Bounds } from './bounds.js';
import { Chronicle } from './chronicle.js';
import type { CutOptions } from './cut-result.js';
import { type EntryTime, emptyEntry, maxUntimedLines } from './entry-time.js';
import { emptyStamp, type Stamp } from './stamp-fields.js';
import { StampReader, type StampRules } from './timestamp.js';

/** Times further apart than this are no neighbours: one of them may be text in a message. (Samoa skipped a whole day.) */
export const neighbourMs = 36 * 3_600_000;
const usualEntries = 3;

/** The times of a log in sequence: the last one read, and the totals of the entries so far. */
export class Timeline {
  readonly reader: StampReader;
  readonly bounds: Bounds;
  /** The last time read. */
  readonly stamp: Stamp = emptyStamp();
  chronicle: Chronicle;
  stampedLines = 0;
  localLines = 0;
  /** Lines without a time since the last line with one. */
  untimedLines = 0;
  /** The meaning of the first times was found out only later. */
  isRelearnt = false;
  /** The current entry is kept. */
  keeping = true;
  /** The wall clock of the current entry. */
  wallMs = Number.NaN;

  private readonly zone: string;
  private readonly offsetMs: number;
  private readonly latestMs: number;
  private readonly rules: StampRules;
  private readonly entry = emptyEntry();
  /** How many entries are followed by each number of lines without a time. */
  private readonly textLengths = new Uint32Array(maxUntimedLines + 1);

  constructor({ window, zone, otherZones = [], readAt }: CutOptions) {
    const minutes = offsetMinutes(zone, window.until);
    this.zone = zone;
    this.bounds = new Bounds(window, [zone, ...otherZones]);
    this.chronicle = new Chronicle(this.bounds, zone);
    this.offsetMs = minutes * 60_000;
    this.latestMs = readAt.getTime() + offsetMinutes(zone, readAt) * 60_000;
    this.rules = { latestLocalMs: this.latestMs, offsetMinutes: minutes };
    this.reader = new StampReader(this.rules);
  }

  /** @param writtenMs the wall clock when the file was last written to; NaN if unknown */
  startPart(writtenMs: number): void {
    this.rules.latestLocalMs = Number.isNaN(writtenMs) ? this.latestMs : Math.min(this.latestMs, writtenMs);
    this.chronicle.startPart();
  }

  /** @returns whether the line begins with a time; if so it is in `stamp` */
  read(line: Buffer, start: number, end: number): boolean {
    if (!this.reader.read(line, start, end, this.stamp)) return false;
    if (this.reader.hasLearnt) this.forget();
    return true;
  }

  wallOf(kind: Stamp['kind'], ms: number): number {
    return kind === 'local' ? ms : ms + this.offsetMs;
  }

  /** Begins the next entry with the last time read. @returns whether it is in the window */
  enter(wallMs: number): boolean {
    const { stamp, entry } = this;
    entry.kind = stamp.kind;
    entry.ms = stamp.ms;
    entry.wallMs = wallMs;
    entry.isInside = this.bounds.holds(stamp);
    entry.untimed = this.untimedLines;
    this.note(entry);
    return entry.isInside;
  }

  /** Notes the next entry; it is copied. */
  note(entry: EntryTime): void {
    this.stampedLines++;
    if (entry.kind === 'local') this.localLines++;
    this.chronicle.note(entry);
    const length = Math.min(entry.untimed, maxUntimedLines);
    this.textLengths[length] = (this.textLengths[length] ?? 0) + 1;
    this.untimedLines = 0;
    this.keeping = entry.isInside;
    this.wallMs = entry.wallMs;
    if (this.stamp.others.length > 0) this.rules.nearLocalMs = entry.wallMs;
  }

  /**
   * Notes that entries of the kind read last were skipped: each was like the one before it, and the last one was at
   * `lastMs`.
   */
  passed(entries: number, lastMs: number): void {
    const { kind } = this.stamp;
    this.stampedLines += entries;
    if (kind === 'local') this.localLines += entries;
    this.textLengths[0] = (this.textLengths[0] ?? 0) + entries;
    this.chronicle.passed(this.wallOf(kind, lastMs));
  }

  /** Whether other entries of this log have as many lines. */
  isUsualText(lines: number): boolean {
    return this.textLengths.subarray(lines).reduce((sum, count) => sum + count, 0) >= usualEntries;
  }

  /** Discards the totals that came from misread times; lines that were kept stay. */
  private forget(): void {
    this.reader.hasLearnt = false;
    if (this.stampedLines === 0) return;
    this.isRelearnt = true;
    this.chronicle = new Chronicle(this.bounds, this.zone);
    this.wallMs = Number.NaN;
  }
}
