import { cleanLine } from './clean-text.js';
import type { MarkerRule } from './marker-rules.js';

/** A line that tells of something. */
export type Mark = { rule: MarkerRule; line: number; text: string };

const maxMarks = 1000;
const maxTextBytes = 400;

/** The lines of one log that are markers: so many of each kind nearest to the event on either side. */
export class Marks {
  private readonly before = new Map<string, Mark[]>();
  private readonly after = new Map<string, Mark[]>();

  note(rule: MarkerRule, line: number, isBefore: boolean, text: Buffer): void {
    const side = isBefore ? this.before : this.after;
    const marks = side.get(rule.kind) ?? [];
    if (!isBefore && marks.length >= maxMarks) return;
    side.set(rule.kind, marks);
    marks.push({ rule, line, text: cleanLine(text.toString('utf8', 0, Math.min(text.length, maxTextBytes))) });
    if (marks.length >= 2 * maxMarks) marks.splice(0, maxMarks);
  }

  /** In the order of the log. */
  all(): Mark[] {
    return [...this.before.values(), ...this.after.values()].flat().sort((a, b) => a.line - b.line);
  }
}
