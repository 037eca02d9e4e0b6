import { isBare, mask, type Rule, type Span } from './rule.js';
import { matchAt, upTo, valueAt } from './value.js';

const notToken =
  /^(?:auth|authentication|authorization|error|errors|format|invalid|is|of|realm|required|scheme|token|tokens|was)\b/i;
/** What a log says about a bearer (of a mobile network), a cookie or an authorization without giving its value. */
const outcome =
  /^(?:activated|active|configured|deactivated|denied|deleted|down|established|expired|failed|failure|for|granted|in|lost|missing|modified|not|refused|rejected|released|removed|setup|succeeded|successful|up|\d{1,2})(?=\s|$)/i;

export const shapeRules: readonly Rule[] = [
  rule('authorization', ['authorization'], header(/authorization(?:\\?["'])?[ \t]{0,8}[:=][ \t]{0,8}/gi, true)),
  rule('cookie', ['cookie'], header(/(?<![\w])(?:set-)?cookie2?(?:\\?["'])?[ \t]{0,8}:[ \t]{0,8}/gi, false)),
  rule('token', ['bearer'], (text) =>
    after(text, /(?<![\w-])bearer[ \t]{1,8}(?=\S)/gi).filter(
      ({ start, end }) =>
        !notToken.test(text.slice(start, Math.min(end, start + 40))) && !outcome.test(text.slice(start, start + 40)),
    ),
  ),
  rule('url-password', ['@'], urlPasswords),
];

function rule(name: string, anchors: readonly string[], find: (text: string) => Span[]): Rule {
  return {
    name,
    anchors,
    find: ({ text }) => find(text).filter(({ start, end }) => !isBare(text.slice(start, end))),
    replace: () => mask(name),
  };
}

/** Finds the values of a header: to the end of the line, or of the quotes around it. */
function header(expression: RegExp, hasScheme: boolean): (text: string) => Span[] {
  return (text) => {
    const spans: Span[] = [];
    let at = 0;
    for (const { 0: found, index } of text.matchAll(expression)) {
      if (index < at || outcome.test(text.slice(index + found.length, index + found.length + 40))) continue;
      const value = headerValue(text, index, index + found.length);
      const scheme = hasScheme ? matchAt(/[A-Za-z][\w-]{0,31}[ \t]{1,8}(?=\S)/y, text, value.start)?.[0].length : 0;
      spans.push({ ...value, from: index, start: Math.min(value.end, value.start + (scheme ?? 0)) });
      at = value.end;
    }
    return spans;
  };
}

function headerValue(text: string, name: number, start: number) {
  if (/^\\?["']/.test(text.slice(start, start + 2))) return valueAt(text, start);
  const before = /(\\?["'])(?:[\w-]{0,16})$/.exec(text.slice(Math.max(0, name - 20), name))?.[1];
  const value = before === undefined ? { start, end: text.length, until: /\n/ } : upTo(text, start, before);
  return { ...value, end: start + text.slice(start, value.end).trimEnd().length };
}

function after(text: string, expression: RegExp): Span[] {
  return [...text.matchAll(expression)].map(({ 0: found, index }) => ({
    from: index,
    ...valueAt(text, index + found.length),
  }));
}

function urlPasswords(text: string): Span[] {
  return [...text.matchAll(/:\/\/[^\s/?#:@"'<>]{0,128}:([^\s/"'<>]{1,256})@/g)].map(({ 0: found, 1: word, index }) => {
    const end = index + found.length - 1;
    return { from: index, start: end - (word?.length ?? 0), end, until: /@/ };
  });
}
