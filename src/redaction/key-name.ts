import { about } from './everyday-words.js';
import { foreignWords } from './foreign-words.js';

export type KeyKind = {
  /** The name in its mask. */
  name: string;
  /** The source of an expression for the part that every key of this kind contains. */
  core: string;
  /** Words of which every such key contains at least one. */
  anchors: readonly string[];
  /** The words of a key (`radius_secret`, `adminpassword`), joined by `_`; the group is what follows them. */
  words: RegExp;
};

const tail = '(?=_|$)(.*)$';
const suffix = '(?:value|key|hash|string|text|ascii|hex|data|s)?';

export const keyKinds: readonly KeyKind[] = [
  {
    name: 'password',
    core: 'pass(?:word|wd|phrase|code|wort)?|pwd|pw(?![a-z])',
    anchors: ['pass', 'pw'],
    words: new RegExp(
      `(?:^|_)(?:[a-z]*(?:password|passwd|passphrase|passcode|passwort)(.*)$|(?:[a-z]*pwd|[a-z]{0,6}pw|(?!by|com|sur|tres|over|under|high|low|band|all)[a-z]*pass)${suffix}${tail})`,
    ),
  },
  {
    name: 'password',
    core: `(?<![a-z])(?:${foreignWords.join('|')}|mot[ _-]de[ _-]passe|kata[ _]sandi)(?![a-z])`,
    anchors: [...foreignWords.map(lowerCase), 'mot de passe', 'mot_de_passe', 'mot-de-passe', 'kata'],
    words: /(?:)/,
  },
  {
    name: 'secret',
    core: 'secret(?: key)?',
    anchors: ['secret'],
    words: new RegExp(`(?:^|_)[a-z]*secret${suffix}${tail}`),
  },
  {
    name: 'psk',
    core: 'psk|shared[ _-]?key',
    anchors: ['psk', 'shared'],
    words: new RegExp(`(?:^|_)[a-z]*(?:psk|shared_?key)${suffix}${tail}`),
  },
  {
    name: 'token',
    core: 'token',
    anchors: ['token'],
    words: new RegExp(`(?:^|_)[a-z]*token(?:value|key|hash|string)?${tail}`),
  },
  {
    name: 'api-key',
    core: '(?:api|access|encryption|auth|authentication|account|signing|subscription|master|server)[ _-]?key',
    anchors: ['key'],
    words: new RegExp(
      `(?:^|_)[a-z]*(?:api|access|encryption|auth|authentication|account|signing|subscription|master|server)_?key${suffix}${tail}`,
    ),
  },
  {
    name: 'private-key',
    core: 'private[ _-]?key',
    anchors: ['private'],
    words: new RegExp(`(?:^|_)[a-z]*private_?key${suffix}${tail}`),
  },
  {
    name: 'community',
    core: 'community',
    anchors: ['community'],
    words: new RegExp(`(?:^|_)(?:snmp|ro|rw|get|set|trap)?community${tail}`),
  },
];

function lowerCase(word: string): string {
  return word.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

const known = new Map<KeyKind, Map<string, boolean>>();
const mostKnown = 4096;

/** Whether a key's name (`spring.datasource.password`, `AdminPassword`) is that of a secret of this kind. */
export function namesSecret(key: string, kind: KeyKind): boolean {
  const names = known.get(kind) ?? new Map<string, boolean>();
  const before = names.get(key); // a log has few names, and each of them often
  if (before !== undefined) return before;
  const result = isNameOf(key, kind);
  known.set(kind, names.size < mostKnown ? names.set(key, result) : new Map());
  return result;
}

function isNameOf(key: string, kind: KeyKind): boolean {
  const words = key.match(/[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+/g) ?? [];
  const found = kind.words.exec(words.join('_').toLowerCase());
  if (found === null) return false;
  const rest = found[1] ?? found[2] ?? '';
  const last = rest.split('_').at(-1) ?? '';
  return !about.has(last) || /secret_id$/.test(found[0]);
}
