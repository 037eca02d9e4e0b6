import { createKnownStage } from './known-stage.js';
import { createLineStage } from './line-stage.js';
import type { Redactor } from './redactor-type.js';
import { defaultRules } from './rules.js';
import type { TextForm } from './text-form.js';
import { createWideRedactor } from './wide-text.js';

/**
 * Masks secrets in one text that comes in chunks; where the chunks are split makes no difference. Line ends, and bytes
 * that are not masked, stay unchanged, but a line in which something is found loses its escape sequences.
 * @param options.known secrets the tool itself used (passwords, tokens), masked everywhere, in every encoding
 * @param options.form the encoding of the text, which is kept
 */
export function createRedactor(options: { known: readonly string[]; form?: TextForm }): Redactor {
  const { form } = options;
  const redactor = createByteRedactor(options.known);
  return form === 'utf-16le' || form === 'utf-16be' ? createWideRedactor(redactor, form) : redactor;
}

function createByteRedactor(secrets: readonly string[]): Redactor {
  const counts: Record<string, number> = {};
  const count = (rule: string) => {
    counts[rule] = (counts[rule] ?? 0) + 1;
  };
  const known = createKnownStage(secrets, () => count('known'));
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
