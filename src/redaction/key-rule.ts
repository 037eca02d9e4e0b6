import { type KeyKind, keyKinds, namesSecret } from './key-name.js';
import { isBeforeMask } from './pattern-rules.js';
import { isBare, type Line, mask, type Rule, type Span } from './rule.js';
import { matchAt, phraseAt, upTo, type ValueEnd, valueAt } from './value.js';

const cores = new Map(keyKinds.map((kind) => [kind, new RegExp(kind.core, 'gi')]));

type Key = { kind: KeyKind; start: number; end: number; isOption: boolean };

const maxName = 64;
const separator =
  /(?:\]|%5d|\[\d{1,3}\](?!:))?(?:\\?["']|%22|&quot;)?\]?(?: (?:hash|value|string|phrase))?(?: (?:for|f\xf6r|f\xc3\xb6r|f\xfcr|f\xc3\xbcr|de|voor) [^\s:=]{1,64}(?: [^\s:=]{1,64})?| \([^()]{1,32}\))?[ \t]{0,16}(?:=>|:=|==?|:{1,2}(?=[ \t])|:\d{1,2}(?= ?=) ?=|:|\xef\xbc\x9a|%3a|%3d)[ \t]{0,16}(?:N(?='))?/iy;
/** `name="password" value="x"`, `"name":"password","value":"x"` */
const valueOfNamed = /\\?["'][ \t,]{0,8}\\?["']?value\\?["']?[ \t]{0,8}[:=][ \t]{0,8}/iy;
const restOfTag = /[^<>]{0,256}>[ \t]{0,16}(?:<!\[CDATA\[)?/y;
/** Cisco writes the kind of encryption between key and value: `password 7 0822455D`. */
const cliGap = /[ \t]{1,16}(?!\d[ \t]{1,4}<redacted:)(?:\d[ \t]{1,4}(?=\S))?(?=[^\s|<>-])/y;
/** The same with what other devices write there: `pre-shared-key ascii-text "x"`, `password cipher x`. */
const typedGap =
  /[ \t]{1,16}(?:[05-9]|enc|(?:irreversible-)?cipher|(?:manager[ \t])?plaintext|simple|ciphertext|ascii-text|hexadecimal|(?:local|remote|read|write)[ \t]{1,4}(?:\d|cipher))[ \t]{1,4}(?!<redacted:)(?=[^\s|<>-])/iy;
/** `the password is x`, `password was set to "x"` */
const said =
  /[ \t]{1,4}(?:for [^\s]{1,64} )?(?:is|was|(?:was |is |be )?(?:set|changed|reset) to|to be|\xe4r|\xc3\xa4r|ist|lautet|est|es|\xe9)[ \t]{1,4}(?:now )?(?=\S)/iy;
/** `PASSWORD('x')`, `setPassword("x")`, `define('DB_PASSWORD', 'x')` */
const called = /(?:\(|["'],)[ \t]{0,4}(?=["'])/y;
/** `<key>password</key><string>x</string>` */
const nextTag = /<\/[\w:.-]{1,32}>[ \t]{0,16}<[\w:.-]{1,32}>/y;
const command =
  /^(?:\S{0,64}[#>$%] ?)?[ \t]{0,8}(?:no )?(?:set|add|create|modify|edit|change|update|conf|config|configure|snmp|snmp-server|radius|radius-server|tacacs|tacacs-server|aaa|user|username|enable|crypto|neighbor|ip|key|wpa|login|net|esxcli|passwd|rocommunity|rwcommunity)[ \t-]/i;
const loneSetting = /^[ \t]{1,32}[\w-]{1,64}[ \t]{1,16}(?:\d[ \t]{1,4})?[^\s]{1,256}[ \t]{0,16}$/;
const prose = new Set(
  (
    'a about above accepted again age all already an and are as at authentication auth based be been by can cannot cache change changed ' +
    'changes check command did does entered entry error expired expires expiry failed failure field file for from granted ' +
    'had has have history if in incorrect invalid is issued it length login lookup manager mismatch missing must name needed ' +
    'not of ok on or policy prompt received recovery refresh refreshed rejected request required reset retry revoked rotation rule rules ' +
    'sent service set should store string strings successful successfully the then this to too type update updated user ' +
    'using valid validation verification verified via was were when where while will with without wrong ' +
    'absent active agent ascii cipher enc hex read simple write applied attempt attempts authentication available bad begin blank bucket case-sensitive characters class compromised ' +
    'contains correct days default different digits disabled does empty enabled encoder encrypted encryption expiring expiry filter fine form good group handler ' +
    'hash hashed hashing hidden hours identical ignored incorrectly input int isn key known less letters locked long longer lost mandatory mask minutes modified more new ' +
    'never next no non null object old optional out parameter parse parser prefix present problem prompts protected protection provider quality ready removed renewal ' +
    'renewed safe same saved seconds secure server short shorter shown source stale still stored strength strong such temporary text times today tomorrow tries unchanged ' +
    'unknown unset unsupported updates used users validated value verify weak written you your'
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
    anchors: kind.anchors,
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
  const given =
    matchAt(separator, text, key.end) ?? matchAt(valueOfNamed, text, key.end) ?? matchAt(called, text, key.end);
  if (given === undefined) return isCli(line, key) ? cliValue(text, key, cliGap) : looseValue(text, key);
  const start = key.end + given[0].length;
  const value = isPhrase(line, key, given[0]) ? phraseAt(text, start) : valueAt(text, start);
  return isOrdinary(text, key, value) ? undefined : value;
}

function valueInTag(text: string, key: Key): ValueEnd | undefined {
  const before = text.slice(Math.max(0, key.start - 40), key.start);
  const isTag = /<(?:[\w.-]{1,32}:)?$/.test(before);
  const next = before.endsWith('>') ? matchAt(nextTag, text, key.end) : undefined;
  if (next !== undefined) return upTo(text, key.end + next[0].length, '<');
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
  if (/^(?:chauthtok|auth|account|session)\)/.test(text.slice(start, start + 10))) return true; // pam_unix(passwd:chauthtok)
  if (/^(?:secret|token) "/i.test(text.slice(start, end + 2))) return true; // `volume "token-x" : secret "y" not found`
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

function cliValue(text: string, key: Key, gap: RegExp): ValueEnd | undefined {
  const between = matchAt(typedGap, text, key.end) ?? matchAt(gap, text, key.end);
  if (between === undefined) return undefined;
  const value = valueAt(text, key.end + between[0].length);
  if (/^(?:PASS\w*|PWD|SECRET|TOKEN|KEY|STRING|TEXT|VALUE|PSK)$/.test(text.slice(value.start, value.end)))
    return undefined; // a help text
  return isObject(text, value) || isBeforeMask(text, value.start, value.end) || prose.has(wordOf(text, value))
    ? undefined
    : value;
}

/** In a line that is no command: only what looks like a secret, and what is said to be one. */
function looseValue(text: string, key: Key): ValueEnd | undefined {
  const typed = matchAt(typedGap, text, key.end);
  if (typed !== undefined) return cliValue(text, key, typedGap);
  const told = matchAt(said, text, key.end);
  const value = cliValue(text, key, told === undefined ? cliGap : said);
  if (value === undefined || isPlace(text, key)) return undefined;
  if (isQuoted(text, value))
    return told !== undefined || takesQuotes.has(key.kind.name) || isCommandBehind(text, key) ? value : undefined;
  if (looksSecret(text.slice(value.start, value.end), key.kind.name)) return value;
  return (told !== undefined || isCommandBehind(text, key)) && endsSentence(text, value) ? value : undefined;
}

const takesQuotes = new Set(['password', 'psk']);
/** A command that stands behind the time and the level of a log's line. */
const commandBehind =
  /(?:[\]:>#$%-]|\b(?:info|debug|notice|warn|warning|trace|command|cmd|exec|executed|ran|run))[ \t]{1,4}(?:no )?(?:set|enable|username|user|snmp|snmp-server|snmp-agent|radius|radius-server|neighbor|ip|crypto|local-user)[ \t-][^\n]{0,128}$/i;

function isCommandBehind(text: string, key: Key): boolean {
  return commandBehind.test(text.slice(Math.max(0, key.start - 256), key.start));
}

function wordOf(text: string, { start, end }: ValueEnd): string {
  return text
    .slice(start, end)
    .toLowerCase()
    .replace(/[.!?,:]+$/, '');
}

/** `add PSK site-b Type=ASCII`: the name of an object whose settings follow. */
function isObject(text: string, { end }: ValueEnd): boolean {
  return /^[ \t]{1,4}[A-Z]\w{1,32}=/.test(text.slice(end, end + 40));
}

/** A community belongs to SNMP; a BGP one is no secret. */
function isPlace(text: string, key: Key): boolean {
  return key.kind.name === 'community' && !/snmp/i.test(text.slice(0, key.start));
}

function isQuoted(text: string, { start, end }: ValueEnd): boolean {
  return /["']/.test(text[start - 1] ?? '') && text[start - 1] === text[end];
}

function endsSentence(text: string, { end }: ValueEnd): boolean {
  return /^[.!,;]?["')]{0,2}[ \t]{0,4}$/.test(text.slice(end, end + 16));
}

/** Letters with digits or signs among them, and no address, path, time, number or setting. */
function looksSecret(word: string, kind: string): boolean {
  if (kind === 'token' || kind === 'api-key') return /^(?=.*\d)(?=.*[A-Za-z])[\w.+/=-]{16,}$/.test(word);
  if (word.length < 5 || !/[A-Za-z]/.test(word) || !/[\d!#$%^&*?]|[a-z][A-Z]/.test(word)) return false;
  if (/^[A-Za-z]+\?$/.test(word)) return false;
  return !/^(?:[[({</\\%$]|\d+[a-z]{0,2}$|v?\d+\.\d|[\d.:/-]+T?[\d.:]*Z?$|[A-Za-z]+[=(])|[()]|::|@|\.(?:java|conf|txt|log|xml)/.test(
    word,
  );
}
