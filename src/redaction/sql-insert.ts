import { keyKinds } from './key-name.js';
import { keysOf } from './keys.js';
import { isBare, mask, type Rule, type Span } from './rule.js';

const name = 'password';
const statement = /\b(?:insert|replace) (?:ignore )?into [^\s(]{1,128} ?\(([^()]{1,2048})\) ?values ?/gi;
/** One value: a string with its quotes doubled or escaped, a call, a number. */
const value = /\s{0,8}(?:'((?:[^'\\]|''|\\.){0,1024})'|[^,()']{0,256}(?:\([^()]{0,512}\))?)\s{0,8}/y;

/** Finds the secret in `INSERT INTO users (name, password) VALUES ('bob', 'x')`: the column tells which value it is. */
export const sqlInsertRule: Rule = {
  name,
  anchors: ['insert into', 'ignore into', 'replace into'],
  find: ({ text }) =>
    [...text.matchAll(statement)].flatMap(({ 0: found, 1: columns = '', index }) => {
      const secret = columns.split(',').map((column) => keyKinds.some((kind) => keysOf(column, kind).length > 0));
      return secret.includes(true) ? valuesAt(text, index + found.length, secret) : [];
    }),
  replace: () => mask(name),
};

/** The strings in the secret columns of all rows. */
function valuesAt(text: string, from: number, secret: readonly boolean[]): Span[] {
  const spans: Span[] = [];
  let column = -1;
  for (let at = from; at < text.length; ) {
    if (text[at] === '(' && column < 0) column = 0;
    else if (text[at] === ',' && column >= 0) column++;
    else if (text[at] === ')') column = -1;
    else if (column >= 0 || !/[\s,]/.test(text[at] ?? '')) return spans;
    at++;
    if (column < 0) continue;
    value.lastIndex = at;
    const found = value.exec(text);
    const string = found?.[1];
    const start = at + (found?.[0].indexOf("'") ?? 0) + 1;
    if (secret[column] && string !== undefined && !isBare(string)) {
      spans.push({ from: start - 1, start, end: start + string.length, until: /'/ });
    }
    at += found?.[0].length ?? 0;
  }
  return spans;
}
