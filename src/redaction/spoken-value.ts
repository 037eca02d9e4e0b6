import { cliValue, typedValue, wordAfter } from './cli-value.js';
import { isDescription } from './everyday-words.js';
import type { Key } from './keys.js';
import { endAt, type ValueEnd } from './value.js';

/** Forms of `the password is x`, `password was set to "x"` */
const said =
  /[ \t]{1,4}(?:for [^\s]{1,64} )?(?:is|was|(?:was |is |be )?(?:set|changed|reset) to|to be|\xe4r|\xc3\xa4r|ist|lautet|est|es|\xe9)[ \t]{1,4}(?:now )?(?=\S)/iy;
/** A command after the time and the level of a log line. */
const commandBehind =
  /(?:[\]:>#$%-]|\b(?:info|debug|notice|warn|warning|trace|command|cmd|exec|executed|ran|run))[ \t]{1,4}(?:no )?(?:set|enable|username|user|snmp|snmp-server|snmp-agent|radius|radius-server|neighbor|ip|crypto|local-user)[ \t-][^\n]{0,128}$/i;
const takesQuotes = new Set(['password', 'psk']);

/** The value in a line that is not a command: only what looks like a secret, or is called one. */
export function spokenValue(text: string, key: Key): ValueEnd | undefined {
  if (!/[ \t]/.test(text[key.end] ?? '')) return undefined;
  const typed = isVerb(text, key) ? undefined : typedValue(text, key);
  if (typed !== undefined) return typed;
  const told = endAt(said, text, key.end);
  const value = told === undefined ? cliValue(text, key) : wordAfter(text, told);
  if (value === undefined || isBgp(text, key)) return undefined;
  const word = text.slice(value.start, value.end);
  if (isVerb(text, key) && !/\d[^\s]*[a-z]|[a-z][^\s]*\d/i.test(word)) return undefined;
  if (looksSecret(word, key.kind.name) && !isQuoted(text, value)) return value;
  const isTold = told !== undefined && !isDescription(word);
  if (isQuoted(text, value))
    return isTold || takesQuotes.has(key.kind.name) || isCommandBehind(text, key) ? value : undefined;
  return endsSentence(text, value) && (isTold || isCommandBehind(text, key)) ? value : undefined;
}

/** Whether `pass` is a verb, as in "pass '-R' to the server" */
function isVerb(text: string, key: Key): boolean {
  return /^pass$/i.test(text.slice(key.start, key.end));
}

function isCommandBehind(text: string, key: Key): boolean {
  return commandBehind.test(text.slice(Math.max(0, key.start - 256), key.start));
}

/** Whether a community belongs to BGP, which is not a secret, and not to SNMP. */
function isBgp(text: string, key: Key): boolean {
  return key.kind.name === 'community' && !/snmp/i.test(text.slice(0, key.start));
}

function isQuoted(text: string, { start, end }: ValueEnd): boolean {
  return /["']/.test(text[start - 1] ?? '') && text[start - 1] === text[end];
}

function endsSentence(text: string, { end }: ValueEnd): boolean {
  return /^[.!,;]?["')]{0,2}[ \t]{0,4}$/.test(text.slice(end, end + 16));
}

/**
 * Whether a word looks like a secret: letters mixed with digits or signs, and no address, path, time, number or setting.
 */
function looksSecret(word: string, kind: string): boolean {
  if (kind === 'token' || kind === 'api-key') return /^(?=.*\d)(?=.*[A-Za-z])[\w.+/=-]{16,}$/.test(word);
  if (word.length < 5 || !/[A-Za-z]/.test(word) || !/[\d!#$%^&*?]|[a-z][A-Z]/.test(word)) return false;
  if (/^[A-Za-z]+\?$/.test(word)) return false;
  return !/^(?:[[({</\\%$]|\d+[a-z]{0,2}$|v?\d+\.\d|[\d.:/-]+T?[\d.:]*Z?$|[A-Za-z]+[=(])|[()]|::|@|\.(?:java|conf|txt|log|xml)/.test(
    word,
  );
}
