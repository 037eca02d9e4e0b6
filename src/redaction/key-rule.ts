import { type KeyKind, keyKinds, namesSecret } from './key-name.js';
import { isBare, type Line, mask, type Rule, type Span } from './rule.js';
import { matchAt, phraseAt, upTo, type ValueEnd, valueAt } from './value.js';

const cores = new Map(keyKinds.map((kind) => [kind, new RegExp(kind.core, 'gi')]));

type Key = { kind: KeyKind; start: number; end: number; isOption: boolean };

const maxName = 64;
const separator =
  /(?:\]|%5d|\[\d{1,3}\])?(?:\\?["']|%22|&quot;)?(?: (?:hash|value|string|phrase))?(?: for [^\s:=]{1,64}(?: [^\s:=]{1,64})?| \([^()]{1,32}\))?[ \t]{0,16}(?:=>|:=|==?|:|%3a|%3d)[ \t]{0,16}/iy;
/** `name="password" value="x"`, `"name":"password","value":"x"` */
const valueOfNamed = /\\?["'][ \t,]{0,8}\\?["']?value\\?["']?[ \t]{0,8}[:=][ \t]{0,8}/iy;
const restOfTag = /[^<>]{0,256}>[ \t]{0,16}(?:<!\[CDATA\[)?/y;
/** Cisco writes the kind of encryption between key and value: `password 7 0822455D`. */
const cliGap = /[ \t]{1,16}(?!\d[ \t]{1,4}<redacted:)(?:\d[ \t]{1,4}(?=\S))?(?=[^\s|<>-])/y;
const command =
  /^(?:\S{0,64}[#>$%] ?)?[ \t]{0,8}(?:no )?(?:set|add|create|modify|edit|change|update|conf|config|configure|snmp|snmp-server|radius|radius-server|tacacs|tacacs-server|aaa|user|username|enable|crypto|neighbor|ip|key|wpa|login|net|esxcli|passwd|rocommunity|rwcommunity)[ \t-]/i;
const loneSetting = /^[ \t]{1,32}[\w-]{1,64}[ \t]{1,16}(?:\d[ \t]{1,4})?[^\s]{1,256}[ \t]{0,16}$/;
const prose = new Set(
  (
    'a accepted again age all already an and are as at authentication auth based be been by can cannot cache change changed ' +
    'changes check command did does entered entry error expired expires expiry failed failure field file for from granted ' +
    'had has have history if in incorrect invalid is issued it length login lookup manager mismatch missing must name needed ' +
    'not of ok on or policy prompt received recovery refresh refreshed rejected request required reset retry revoked rotation ' +
    'sent service set should store string strings successful successfully the then this to too type update updated user ' +
    'using valid validation verification verified via was were when where while will with without wrong'
  ).split(' '),
);

/**
 * Values after a key, in the forms of configuration, JSON, XML, URLs and logs (`key=value`, `key: value`, `<key>value<`).
 * A value after a blank alone is masked only in CLI syntax: after an option (`--password x`), in a line that begins with
 * a command (`snmp community x`, `username bob secret 5 x`) or in an indented line of nothing else (` password 7 x`), and
 * not where an everyday word follows (`password changed`).
 */
export function keyRule(kind: KeyKind): Rule {
  return {
    name: kind.name,
    anchor: kind.core,
    find: (line) => findAll(line, kind),
    replace: () => mask(kind.name),
  };
}

/** The kind of key a line ends with when its value has to be on the next line: `Password:` */
export function openKey(text: string, kinds: readonly KeyKind[]): string | undefined {
  const end = text.trimEnd();
  if (!end.endsWith(':')) return undefined;
  const tail = end.slice(-160);
  return kinds.find((kind) => keysOf(tail, kind).some((key) => endsAfter(tail, key.end)))?.name;
}

function endsAfter(text: string, end: number): boolean {
  return end + (matchAt(separator, text, end)?.[0].length ?? Number.NaN) === text.length;
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

/** The bracket of `[FILTERED]` may have been taken for one that stands around the value. */
function isBareAt(text: string, { start, end }: ValueEnd): boolean {
  return isBare(text.slice(start, end)) || isBare(text.slice(start, end + 1));
}

function keysOf(text: string, kind: KeyKind): Key[] {
  const keys: Key[] = [];
  let last = 0;
  const core = cores.get(kind) ?? /(?!)/g;
  core.lastIndex = 0;
  for (let found = core.exec(text); found !== null; found = core.exec(text)) {
    const start = nameStart(text, found.index);
    last = nameEnd(text, core.lastIndex);
    core.lastIndex = last;
    if (!text.startsWith('<redacted:', start - 10) && namesSecret(text.slice(start, last), kind)) {
      keys.push({ kind, start, end: last, isOption: isOption(text, start) });
    }
  }
  return keys;
}

function nameStart(text: string, from: number): number {
  let start = from;
  while (start > 0 && from - start < maxName && isNamePart(text.charCodeAt(start - 1))) start--;
  return start;
}

function nameEnd(text: string, from: number): number {
  let end = from;
  while (end < text.length && end - from < maxName && isNamePart(text.charCodeAt(end))) end++;
  while (end > from && (text[end - 1] === '-' || text[end - 1] === '.')) end--;
  return end;
}

function isNamePart(code: number): boolean {
  return (
    (code >= 97 && code <= 122) ||
    (code >= 65 && code <= 90) ||
    (code >= 48 && code <= 57) ||
    code === 95 ||
    code === 45 ||
    code === 46
  );
}

function isOption(text: string, start: number): boolean {
  return text[start] === '-' && (start === 0 || /[\s"']/.test(text[start - 1] ?? ''));
}

function findValue(line: Line, key: Key): ValueEnd | undefined {
  const { text } = line;
  const tag = valueInTag(text, key);
  if (tag !== undefined) return tag;
  const given = matchAt(separator, text, key.end) ?? matchAt(valueOfNamed, text, key.end);
  if (given === undefined) return isCli(line, key) ? cliValue(text, key) : undefined;
  const start = key.end + given[0].length;
  const value = isPhrase(line, key, given[0]) ? phraseAt(text, start) : valueAt(text, start);
  return isOrdinary(text, key, value) ? undefined : value;
}

function valueInTag(text: string, key: Key): ValueEnd | undefined {
  const before = text.slice(Math.max(0, key.start - 40), key.start);
  const isTag = /<(?:[\w.-]{1,32}:)?$/.test(before);
  const isNamed = /=["']$/.test(before) && /^["'][^<>]{0,64}>/.test(text.slice(key.end, key.end + 70));
  const gap = isTag || isNamed ? matchAt(restOfTag, text, key.end)?.[0] : undefined;
  if (gap === undefined || gap.includes('/>')) return undefined;
  return upTo(text, key.end + gap.length, gap.endsWith('CDATA[') ? ']]>' : '<');
}

/** A setting of its own line, `passphrase: correct horse`, may be several words. */
function isPhrase({ text, isHead }: Line, key: Key, between: string): boolean {
  if (!isHead || key.kind.name === 'token' || !/[ \t]$/.test(between)) return false;
  return key.start < 40 && /^[\s"'-]*$/.test(text.slice(0, key.start));
}

/** The shell's `PWD=/root`; a BGP community; `PasswordEncoder.java:45`. */
function isOrdinary(text: string, key: Key, { start, end }: ValueEnd): boolean {
  if (/^(?:OLD)?PWD$/.test(text.slice(key.start, key.end))) return text[start] === '/';
  if (isStackFrame(text, key.end, start)) return true;
  return key.kind.name === 'community' && /^\d{1,10}:\d{1,10}$/.test(text.slice(start, end));
}

const sourceFile = /\.(?:java|kt|scala|groovy|py|js|ts|go|c|cc|cpp|h|rb|php|lua)$/;

/** `at x.TokenFilter.doFilter(TokenFilter.java:112)`: the number of a line, and no token. */
function isStackFrame(text: string, keyEnd: number, start: number): boolean {
  const name = text.slice(Math.max(0, keyEnd - 12), keyEnd);
  return (
    sourceFile.test(name) && text.slice(keyEnd, start) === ':' && /^\d{1,6}(?!\w)/.test(text.slice(start, start + 8))
  );
}

function isCli(line: Line, key: Key): boolean {
  if (key.isOption) return true;
  if (!line.isHead) return false;
  if (key.kind.name === 'community' && !/snmp|r[ow]community/i.test(line.text.slice(0, 512))) return false;
  return command.test(line.text) || (line.text.length < 512 && loneSetting.test(line.text));
}

function cliValue(text: string, key: Key): ValueEnd | undefined {
  const gap = matchAt(cliGap, text, key.end);
  if (gap === undefined) return undefined;
  const value = valueAt(text, key.end + gap[0].length);
  const word = text
    .slice(value.start, value.end)
    .toLowerCase()
    .replace(/[.!?]+$/, '');
  return prose.has(word) ? undefined : value;
}
