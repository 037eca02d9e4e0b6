import { createKnownStage } from './known-stage.js';
import { createLineStage } from './line-stage.js';
import { defaultRules } from './rules.js';

/** How often each rule masked something, e.g. `{ password: 3, 'pem-block': 1 }`. */
export type RedactionCounts = Readonly<Record<string, number>>;

export type Redactor = {
  /** Feeds more of a text. @returns what is clean by now */
  push(chunk: Buffer): Generator<Buffer>;
  /** The end of the text. @returns the rest of it */
  end(): Generator<Buffer>;
  counts(): RedactionCounts;
};

/** Whether rules for text can be applied: no NUL and no UTF-16 at its head. */
export function isText(head: Buffer): boolean {
  const mark = head.length < 2 ? 0 : head.readUInt16BE(0);
  return mark !== 0xfffe && mark !== 0xfeff && !head.includes(0);
}

/**
 * Masks secrets in one text that comes in chunks; how it is cut into them makes no difference. Line ends, and bytes that
 * are not masked, stay as they are, but a line with escape sequences in which something is found comes without them.
 * @param options.known secrets the tool itself used (passwords, tokens), masked wherever they stand, in every encoding
 */
export function createRedactor(options: { known: readonly string[] }): Redactor {
  const counts: Record<string, number> = {};
  const count = (rule: string) => {
    counts[rule] = (counts[rule] ?? 0) + 1;
  };
  const known = createKnownStage(options.known, () => count('known'));
  const lines = createLineStage([...known.rules, ...defaultRules], count);

  return {
    *push(chunk) {
      for (const part of known.push(chunk)) yield* lines.push(part);
    },
    *end() {
      for (const part of known.end()) yield* lines.push(part);
      yield* lines.end();
    },
    counts: () => ({ ...counts }),
  };
}
