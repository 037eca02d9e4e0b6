import { emptyStamp } from '../logs/stamp-fields.js';
import type { StampReader } from '../logs/timestamp.js';
import { type Piece, WholeLines } from '../logs/whole-lines.js';
import type { Budget } from './budget.js';
import { maxLineBytes, withoutLineEnd } from './line-cut.js';
import { LogColumns } from './log-columns.js';
import { logText } from './log-text.js';
import type { MarkerRule } from './marker-rules.js';
import { Marks } from './marks.js';
import { messageStart } from './message-mask.js';
import type { BundleFile } from './open-bundle.js';
import { type LevelPlace, SeverityReader } from './severity-reader.js';
import { debug } from './severity-words.js';
import { noTemplate, Templates } from './templates.js';

/** The first pass over one log. */
export type LogIndex = {
  columns: LogColumns;
  templates: Templates;
  marks: Marks;
  cutLines: number;
  /** Escape characters in it. */
  escapes: number;
  isGuessed: boolean;
  leftOut: string | undefined;
  isDamaged: boolean;
};

export type IndexRules = {
  /** Where levels stand in it. */
  places: readonly LevelPlace[];
  markers: readonly MarkerRule[];
  /** The event by the clock of the log, as a wall clock and as an instant: what is near to it counts. */
  event: { wallMs: number; ms: number } | undefined;
};

/** A number at the head of a line that is further from the event is no time. */
const farthestWeakMs = 36 * 3_600_000;
const farthestMs = 400 * 86_400_000;
const escapeByte = 0x1b;

/** Of the beginning of a line that goes on. */
const noEnds = { next: () => -1 };

/** Reads a log line by line: the time, severity and message of each. */
export async function indexLog(
  file: BundleFile,
  rules: IndexRules,
  reader: StampReader,
  budget: Budget,
): Promise<LogIndex> {
  const indexing = new Indexing(rules, reader, budget);
  try {
    for await (const chunk of logText(file)) {
      budget.read(chunk.length);
      if (!indexing.take(chunk)) break;
    }
    indexing.end();
  } catch (error) {
    indexing.index.isDamaged = true;
    indexing.index.leftOut = `cannot be read beyond line ${indexing.index.columns.count}: ${(error as Error).message}`;
  }
  return indexing.index;
}

class Indexing {
  readonly index: LogIndex;
  private readonly lines = new WholeLines();
  private readonly stamp = emptyStamp();
  private readonly severity: SeverityReader;
  private readonly rules: IndexRules;
  private readonly reader: StampReader;
  private readonly budget: Budget;

  constructor(rules: IndexRules, reader: StampReader, budget: Budget) {
    this.rules = rules;
    this.reader = reader;
    this.budget = budget;
    this.severity = new SeverityReader(rules.places);
    this.lines.startPart();
    const known = { columns: new LogColumns(), templates: new Templates(rules.markers), marks: new Marks() };
    this.index = {
      ...known,
      cutLines: 0,
      escapes: 0,
      isGuessed: this.severity.isGuessed,
      leftOut: undefined,
      isDamaged: false,
    };
  }

  /** @returns whether there is room for more */
  take(chunk: Buffer): boolean {
    for (let at = chunk.indexOf(escapeByte); at >= 0; at = chunk.indexOf(escapeByte, at + 1)) this.index.escapes++;
    for (const piece of this.lines.take(chunk)) this.takePiece(piece);
    this.index.leftOut ??= this.budget.spent;
    return this.index.leftOut === undefined;
  }

  end(): void {
    if (this.index.leftOut === undefined) for (const piece of this.lines.endOfPart()) this.takePiece(piece);
  }

  private takePiece({ kind, bytes }: Piece): void {
    if (kind === 'more') return;
    const ends = kind === 'beginning' ? noEnds : this.lines.ends;
    for (let at = 0; at < bytes.length && this.budget.hasLinesLeft; ) {
      const next = ends.next(bytes, at);
      this.line(bytes, at, next < 0 ? bytes.length : next);
      at = next < 0 ? bytes.length : next;
    }
  }

  private line(bytes: Buffer, start: number, end: number): void {
    const { stamp, index } = this;
    this.budget.lines++;
    const last = withoutLineEnd(bytes, start, end);
    if (last - start > maxLineBytes) index.cutLines++;
    if (this.reader.read(bytes, start, end, stamp) && this.isBelieved()) this.stamped(bytes, start, last);
    else index.columns.add(Number.NaN, false, 0, noTemplate);
  }

  private stamped(bytes: Buffer, start: number, end: number): void {
    const { stamp, severity } = this;
    const { columns, templates, marks } = this.index;
    const isWall = stamp.kind === 'local';
    severity.read(bytes, start, end);
    const template = severity.severity === debug ? noTemplate : templates.numberOf(bytes, severity);
    const rule = templates.list[template]?.rule;
    if (rule !== undefined) {
      const { event } = this.rules;
      const isBefore = event !== undefined && stamp.ms < (isWall ? event.wallMs : event.ms);
      const { messageAt, messageEnd, isBare } = severity;
      const message = bytes.subarray(messageStart(bytes, messageAt, messageEnd, isBare), messageEnd);
      marks.note(rule, columns.count, isBefore, message);
    }
    columns.add(stamp.ms, isWall, severity.severity, template);
  }

  private isBelieved(): boolean {
    const { stamp } = this;
    const { event } = this.rules;
    if (event === undefined) return !this.reader.isWeak(stamp);
    const distance = Math.abs(stamp.ms - event.ms);
    return distance <= (this.reader.isWeak(stamp) ? farthestWeakMs : farthestMs);
  }
}
