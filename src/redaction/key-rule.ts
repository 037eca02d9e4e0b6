import { cliValue, isCli } from './cli-value.js';
import type { KeyKind } from './key-name.js';
import { afterSeparator, givenValue } from './key-value.js';
import { type Key, keysOf } from './keys.js';
import { isOrdinary } from './ordinary.js';
import { isBare, type Line, mask, type Rule, type Span } from './rule.js';
import { spokenValue } from './spoken-value.js';
import type { ValueEnd } from './value.js';

/**
 * Finds values after a key, in the forms of configuration, JSON, XML, URLs and logs (`key=value`, `key: value`,
 * `<key>value<`). A value after a blank alone is masked in CLI syntax: after an option (`--password x`), in a line that
 * begins with a command (`snmp community x`, `username bob secret 5 x`) or in an indented line of nothing else (`
 * password 7 x`); elsewhere only if it looks like a secret or is called one. It is not masked where an everyday word
 * follows (`password changed`).
 */
export function keyRule(kind: KeyKind): Rule {
  return {
    name: kind.name,
    anchors: kind.anchors,
    find: (line) => findAll(line, kind),
    replace: () => mask(kind.name),
  };
}

/** The kind of key at the end of a line, if its value must be on the next line: `Password:` */
export function openKey(text: string, kinds: readonly KeyKind[]): string | undefined {
  const end = text.trimEnd();
  if (!end.endsWith(':')) return undefined;
  const tail = end.slice(-160);
  return kinds.find((kind) => keysOf(tail, kind).some((key) => afterSeparator(tail, key.end) === tail.length))?.name;
}

function findAll(line: Line, kind: KeyKind): Span[] {
  const spans: Span[] = [];
  let at = 0;
  for (const key of keysOf(line.text, kind)) {
    if (key.start < at) continue;
    const value = findValue(line, key);
    if (value === undefined || isBareAt(line.text, value)) continue;
    spans.push({ from: key.start, ...value });
    at = value.end;
  }
  return spans;
}

function findValue(line: Line, key: Key): ValueEnd | undefined {
  const given = givenValue(line, key);
  if (given !== undefined) return isOrdinary(line.text, key, given) ? undefined : given;
  return isCli(line, key) ? cliValue(line.text, key) : spokenValue(line.text, key);
}

/**
 * Whether the value is masked already or no value; the bracket of `[FILTERED]` may have been taken for one around the
 * value.
 */
function isBareAt(text: string, { start, end }: ValueEnd): boolean {
  return isBare(text.slice(start, end)) || isBare(text.slice(start, end + 1));
}
