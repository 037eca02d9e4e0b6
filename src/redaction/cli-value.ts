import { isEveryday } from './everyday-words.js';
import type { Key } from './keys.js';
import { isBeforeMask } from './pattern-rules.js';
import type { Line } from './rule.js';
import { endAt, type ValueEnd, valueAt } from './value.js';

/** The gap before a value. Cisco writes the kind of encryption there: `password 7 0822455D`. */
const gap = /[ \t]{1,16}(?!\d[ \t]{1,4}<redacted:)(?:\d[ \t]{1,4}(?=\S))?(?=[^\s|<>-])/y;
/** The gap with the words that other devices write there: `pre-shared-key ascii-text "x"`, `password cipher x`. */
const typedGap =
  /[ \t]{1,16}(?:level \d{1,2} )?(?:[05-9]|enc|(?:irreversible-)?cipher|(?:manager[ \t])?plaintext|simple|ciphertext|ascii-text|hexadecimal|(?:local|remote|read|write)[ \t]{1,4}(?:\d|cipher)|(?:local|remote)(?=[ \t]{1,4}\S+[ \t]*$))[ \t]{1,4}(?!<redacted:)(?=[^\s|<>-])/iy;
const command =
  /^(?:\S{0,64}[#>$%] ?)?[ \t]{0,8}(?:no )?(?:set|add|create|modify|edit|change|update|conf|config|configure|snmp|snmp-server|radius|radius-server|tacacs|tacacs-server|aaa|user|username|enable|crypto|neighbor|ip|key|wpa|login|net|esxcli|passwd|rocommunity|rwcommunity)[ \t-]/i;
const loneSetting = /^[ \t]{1,32}[\w-]{1,64}[ \t]{1,16}(?:\d[ \t]{1,4})?(?!\()[^\s]{0,255}[^\s.][ \t]{0,16}$/;
/** A placeholder for a value in a help text: `--password PASSWORD` */
const placeholder = /^(?:PASS\w*|PWD|SECRET|TOKEN|KEY|STRING|TEXT|VALUE|PSK)$/;

/** Whether the key is in a place where a value may follow a blank: an option, a command, or a line of nothing else. */
export function isCli({ text, isHead }: Line, key: Key): boolean {
  if (isOption(text, key.start)) return true;
  if (!isHead) return false;
  if (key.kind.name === 'community' && !/snmp|r[ow]community/i.test(text.slice(0, 512))) return false;
  return command.test(text) || (text.length < 512 && loneSetting.test(text));
}

function isOption(text: string, start: number): boolean {
  return text[start] === '-' && (start === 0 || /[\s"']/.test(text[start - 1] ?? ''));
}

/** A value after a blank. */
export function cliValue(text: string, key: Key): ValueEnd | undefined {
  return typedValue(text, key) ?? wordAfter(text, endAt(gap, text, key.end));
}

/** A value after a blank and a word that names its encoding. */
export function typedValue(text: string, key: Key): ValueEnd | undefined {
  return wordAfter(text, endAt(typedGap, text, key.end));
}

/** The word at a place where a value may be. */
export function wordAfter(text: string, start: number | undefined): ValueEnd | undefined {
  if (start === undefined) return undefined;
  const value = valueAt(text, start);
  const word = text.slice(value.start, value.end);
  return placeholder.test(word) ||
    isEveryday(word) ||
    isObject(text, value) ||
    isBeforeMask(text, value.start, value.end)
    ? undefined
    : value;
}

/** Whether the word is the name of an object whose settings follow: `add PSK site-b Type=ASCII`. */
function isObject(text: string, { end }: ValueEnd): boolean {
  return /^[ \t]{1,4}[A-Z]\w{1,32}=/.test(text.slice(end, end + 40));
}
