import { mask } from './rule.js';

/**
 * The length of the shortest secret; shorter ones, and short numbers, would be found in words, times and ids everywhere.
 */
const minSecret = 4;
const minNumber = 8;
const lineBreak = '(?:\\r?\\n)?';
const masks = '<redacted:[a-z-]{1,20}>';

/** Finds the known secrets in every encoding; undefined when there is none to look for. */
export type KnownSecrets = {
  expression: RegExp;
  /** The length of the longest occurrence. */
  maxLength: number;
};

/**
 * Finds secrets plain, JSON-escaped, URL-encoded, as XML entities, in hex and in base64 (at each of its three
 * alignments), even broken by line ends. Secrets of fewer than 4 characters and numbers of fewer than 8 digits are left
 * to the key rules.
 */
export function knownSecrets(known: readonly string[]): KnownSecrets | undefined {
  const secrets = [...new Set(known)].filter(
    (secret) => secret.length >= (/^\d+$/.test(secret) ? minNumber : minSecret),
  );
  if (secrets.length === 0) return undefined;
  const forms = secrets
    .toSorted((a, b) => b.length - a.length)
    .flatMap((secret) => [...new Set(formsOf(secret).map((parts) => parts.join(lineBreak)))]);
  const longest = Math.max(...secrets.map((secret) => Buffer.byteLength(secret)));
  return { expression: new RegExp([masks, ...forms].join('|'), 'g'), maxLength: longest * longestPart + 64 };
}

/** The longest form of one character: `\u00e9` twice, with a line end after each character, or `&quot;` and the like. */
const longestPart = 20;

/** Replaces the secrets in a text by masks; line ends inside them stay. */
export function maskKnown(text: string, found: () => void): string {
  if (text.startsWith('<redacted:')) return text;
  found();
  return mask('known') + (text.match(/\r?\n/g) ?? []).join('');
}

function formsOf(secret: string): string[][] {
  const characters = [...secret];
  const bytes = Buffer.from(secret);
  return [
    characters.map(json),
    [...bytes].map(url),
    [...bytes].map((byte) => literal(String.fromCharCode(byte))),
    ...(isLatin(secret) ? [characters.map(literal)] : []),
    characters.map(xml),
    [...bytes].map((byte, index) => `(?:\\\\x${index > 0 ? '|[: ]' : ''})?${anyCase(hex(byte))}`),
    ...base64(bytes),
  ];
}

function json(character: string): string {
  const units = [...character.split('')].map(
    (unit) => `\\\\u${anyCase(unit.charCodeAt(0).toString(16).padStart(4, '0'))}`,
  );
  const short = JSON.stringify(character).slice(1, -1);
  const plain = [...Buffer.from(short)].map((byte) => literal(String.fromCharCode(byte))).join('');
  return `(?:${plain}|${units.join('')}${character === '/' ? '|\\\\/' : ''})`;
}

function url(byte: number): string {
  const encoded = `%${anyCase(hex(byte))}`;
  if (byte === 37) return encoded;
  return `(?:${literal(String.fromCharCode(byte))}|${encoded}${byte === 32 ? '|\\+' : ''})`;
}

function xml(character: string): string {
  const entity = { '&': 'amp', '<': 'lt', '>': 'gt', '"': 'quot', "'": 'apos' }[character];
  const plain = [...Buffer.from(character)].map((byte) => literal(String.fromCharCode(byte))).join('');
  if (entity === undefined) return plain;
  return `(?:${character === '&' ? '' : `${plain}|`}&(?:${entity}|#0?${character.charCodeAt(0)}|#x${hex(character.charCodeAt(0))});)`;
}

/** The base64 forms of a secret, independent of what comes before and after it. */
function base64(bytes: Buffer): string[][] {
  return [0, 1, 2].flatMap((shift) => {
    const text = Buffer.concat([Buffer.alloc(shift), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    const core = text.slice(Math.ceil((shift * 8) / 6), Math.floor(((shift + bytes.length) * 8) / 6));
    const last = (shift + bytes.length) % 3 === 0 ? [] : ['(?:[A-Za-z0-9+/_-]={0,2})?'];
    return core.length < minSecret ? [] : [[...[...core].map(base64Character), ...last]];
  });
}

function base64Character(character: string): string {
  if (character === '+') return '[+-]';
  return character === '/' ? '[/_]' : character;
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}

function anyCase(digits: string): string {
  return digits.replace(/[a-f]/g, (letter) => `[${letter}${letter.toUpperCase()}]`);
}

function literal(character: string): string {
  return `\\x${hex(character.charCodeAt(0))}`;
}

function isLatin(text: string): boolean {
  return /[\x80-\xff]/.test(text) && /^[\x00-\xff]*$/.test(text);
}
