import type { Key } from './keys.js';
import type { Line } from './rule.js';
import { endAt, phraseAt, upTo, type ValueEnd, valueAt } from './value.js';

const separator =
  /(?:\]|%5d|\[\d{1,3}\](?!:))?(?:\\?["']|%22|&quot;)?\]?(?: (?:hash|value|string|phrase))?(?: (?:for|f\xf6r|f\xc3\xb6r|f\xfcr|f\xc3\xbcr|de|voor) [^\s:=]{1,64}(?: [^\s:=]{1,64})?| \([^()]{1,32}\))?[ \t]{0,16}(?:=>|:=|==?|:{1,2}(?=[ \t])|:\d{1,2}(?= ?=) ?=|:|\xef\xbc\x9a|\xe2\x86\x92|%3a|%3d)[ \t]{0,16}(?:N(?='))?/iy;
/**
 * A value after a named key: `name="password" value="x"`, `"name":"password","value":"x"`, and arguments in an audit log:
 * `a1="--password" a2="x"`
 */
const valueOfNamed =
  /\\?["'](?:[ \t,]{0,8}\\?["']?value\\?["']?[ \t]{0,8}[:=][ \t]{0,8}|(?<=a\d{1,3}="-[\w-]{1,64}") a\d{1,3}=(?="))/iy;
/** A value in a call: `PASSWORD('x')`, `setPassword("x")`, `define('DB_PASSWORD', 'x')` */
const called = /(?:\(|(?<=\(["'][^\s"']{1,64})["'],)[ \t]{0,4}(?=["'])/y;
/** The rest of a tag `<password …>`, and an element in it: `<pre-shared-key><key>` */
const restOfTag = /[^<>]{0,256}>[ \t]{0,16}(?:<[\w:.-]{1,32}>[ \t]{0,16})?(?:<!\[CDATA\[)?/y;
/** The tag after a key in its own tag: `<key>password</key><string>x</string>` */
const nextTag = /<\/[\w:.-]{1,32}>[ \t]{0,16}<[\w:.-]{1,32}>/y;

/** The value that a separator, a tag or brackets give a key; undefined if there is none. */
export function givenValue(line: Line, key: Key): ValueEnd | undefined {
  const { text } = line;
  const tag = valueInTag(text, key);
  if (tag !== undefined) return tag;
  const start = afterSeparator(text, key.end) ?? endAt(valueOfNamed, text, key.end) ?? endAt(called, text, key.end);
  if (start === undefined) return undefined;
  return isPhrase(line, key, start) ? phraseAt(text, start) : valueAt(text, start);
}

/** Where a value begins after `:`, `=` and the like. */
export function afterSeparator(text: string, at: number): number | undefined {
  return endAt(separator, text, at);
}

function valueInTag(text: string, key: Key): ValueEnd | undefined {
  if (!'<:>"\''.includes(text[key.start - 1] ?? ' ')) return undefined;
  const before = text.slice(Math.max(0, key.start - 40), key.start);
  const next = before.endsWith('>') ? endAt(nextTag, text, key.end) : undefined;
  if (next !== undefined) return upTo(text, next, '<');
  const isTag = /<(?:[\w.-]{1,32}:)?$/.test(before);
  const isNamed = /=["']$/.test(before) && /^["'][^<>]{0,64}>/.test(text.slice(key.end, key.end + 70));
  const start = isTag || isNamed ? endAt(restOfTag, text, key.end) : undefined;
  if (start === undefined || text.slice(key.end, start).includes('/>')) return undefined;
  return upTo(text, start, text.startsWith('CDATA[', start - 6) ? ']]>' : '<');
}

/** Whether the value may be several words, as in a setting on a line of its own: `passphrase: correct horse`. */
function isPhrase({ text, isHead }: Line, key: Key, start: number): boolean {
  if (!isHead || key.start >= 40 || key.kind.name === 'token' || !/[ \t]/.test(text[start - 1] ?? '')) return false;
  return /^[\s"'-]*$/.test(text.slice(0, key.start));
}
