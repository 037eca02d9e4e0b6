import { cleanLine } from './clean-text.js';
import type { MarkerRule } from './marker-rules.js';
import { sameText } from './routine.js';

/** A line that tells of something; `times`: how often its log tells the same. */
export type Mark = { rule: MarkerRule; line: number; text: string; times: number };
type Noted = Omit<Mark, 'times'>;

const maxMarks = 1000;
/** Texts that are counted; of more than these a log tells nothing over and over. */
const maxTexts = 5000;
const maxTextBytes = 400;

/** The lines of one log that are markers: so many of each kind nearest to the event on either side. */
export class Marks {
  private readonly before = new Map<string, Noted[]>();
  private readonly after = new Map<string, Noted[]>();
  private readonly counts = new Map<string, number>();

  note(rule: MarkerRule, line: number, isBefore: boolean, bytes: Buffer): void {
    const text = cleanLine(bytes.toString('utf8', 0, Math.min(bytes.length, maxTextBytes)));
    this.count(keyOf({ rule, text }));
    const side = isBefore ? this.before : this.after;
    const marks = side.get(rule.kind) ?? [];
    if (!isBefore && marks.length >= maxMarks) return;
    side.set(rule.kind, marks);
    marks.push({ rule, line, text });
    if (marks.length >= 2 * maxMarks) marks.splice(0, maxMarks);
  }

  /** In the order of the log. */
  all(): Mark[] {
    const noted = [...this.before.values(), ...this.after.values()].flat().sort((a, b) => a.line - b.line);
    return noted.map((mark) => ({ ...mark, times: this.counts.get(keyOf(mark)) ?? 1 }));
  }

  private count(key: string): void {
    const count = this.counts.get(key);
    if (count !== undefined || this.counts.size < maxTexts) this.counts.set(key, (count ?? 0) + 1);
  }
}

function keyOf({ rule, text }: Pick<Noted, 'rule' | 'text'>): string {
  return `${rule.kind} ${sameText(text)}`;
}
