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

/**
 * Whether rules for text can be applied, by how a file begins.
 * @param meant it is known to be a text: then single NULs are what a crash left in it, and only UTF-16 cannot be read
 */
export function isText(head: Buffer, meant = false): boolean {
  const mark = head.length < 2 ? 0 : head.readUInt16BE(0);
  if (mark === 0xfffe || mark === 0xfeff) return false;
  if (!meant) return !head.includes(0);
  let nuls = 0;
  for (let at = head.indexOf(0); at >= 0; at = head.indexOf(0, at + 1)) nuls++;
  return nuls * 4 <= head.length || !isAlternating(head);
}

/** UTF-16 without a mark: every other byte is NUL. */
function isAlternating(head: Buffer): boolean {
  const pairs = Math.floor(head.length / 2);
  let alternating = 0;
  for (let pair = 0; pair < pairs; pair++) if ((head[2 * pair] === 0) !== (head[2 * pair + 1] === 0)) alternating++;
  return alternating * 2 > pairs;
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
