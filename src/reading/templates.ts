import { cleanLine } from './clean-text.js';
import type { MarkerRule } from './marker-rules.js';
import { MessageMask } from './message-mask.js';
import type { SeverityReader } from './severity-reader.js';

/** No template; all that came when there were too many. */
export const noTemplate = 0;
const maxTemplates = 20_000;
const otherTemplate = maxTemplates + 1;
const maxTextBytes = 400;

export type Template = {
  text: string;
  severity: number;
  /** What its lines are markers of. */
  rule: MarkerRule | undefined;
};

/** The messages of one log, each once. */
export class Templates {
  /** By number; the first is none. */
  readonly list: Template[] = [{ text: '', severity: 0, rule: undefined }];
  private readonly numbers = new Map<number, number>();
  private readonly mask = new MessageMask();
  private readonly rules: readonly MarkerRule[];

  /** @param rules those that look at this log */
  constructor(rules: readonly MarkerRule[]) {
    this.rules = rules;
  }

  /** There may be messages that are none of those. */
  get isFull(): boolean {
    return this.list.length > maxTemplates;
  }

  /** @returns the number of the template of the line that was read last */
  numberOf(line: Buffer, { messageAt, messageEnd, isBare, severity }: SeverityReader): number {
    const code = this.mask.read(line, messageAt, messageEnd, isBare);
    if (this.mask.length === 0) return noTemplate;
    const known = this.numbers.get(code);
    if (known !== undefined) return known;
    if (this.isFull) return otherTemplate;
    const number = this.list.length;
    this.numbers.set(code, number);
    const text = cleanLine(line.toString('utf8', messageAt, Math.min(messageEnd, messageAt + maxTextBytes)));
    const rule = this.rules.find(({ pattern }) => pattern.test(text));
    this.list.push({ text: cleanLine(this.mask.bytes.toString('utf8', 0, this.mask.length)), severity, rule });
    return number;
  }
}
