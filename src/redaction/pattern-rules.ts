import { isBare, type Line, mask, type Rule, type Span } from './rule.js';

/**
 * What identifies a secret: its kind, words of which every such line contains one, and its form, with the secret in a
 * group.
 */
export type Pattern = readonly [name: string, anchors: readonly string[], form: RegExp];

/** A value with or without quotes, in three groups. */
export const quotedOrWord = /(?:"([^"\n]{1,256})"|'([^'\n]{1,256})'|([^\s"'][^\s"']{0,255}))/.source;

export function patternRule([name, anchors, form]: Pattern): Rule {
  return { name, anchors, find: (line) => groupsOf(line, form), replace: () => mask(name) };
}

function groupsOf({ text }: Line, form: RegExp): Span[] {
  const spans: Span[] = [];
  form.lastIndex = 0;
  for (let found = form.exec(text); found !== null; found = form.exec(text)) {
    for (const group of found.indices?.slice(1) ?? []) {
      if (group === undefined || isBare(text.slice(...group)) || isBeforeMask(text, ...group)) continue;
      spans.push({ from: found.index, start: group[0], end: group[1], until: /[\s"'&<]/ });
    }
  }
  return spans;
}

/** Whether this is a mask, or a word such as `7` between a key and a mask. */
export function isBeforeMask(text: string, start: number, end: number): boolean {
  return text.startsWith('<redacted:', start) || /^["']?[ \t]{1,4}["']?<redacted:/.test(text.slice(end, end + 20));
}
