export type KeyKind = {
  /** What its mask is called. */
  name: string;
  /** Source of what a key of this kind has in it. */
  core: string;
  /** The words of a key (`radius_secret`, `adminpassword`), joined by `_`; the group is what follows. */
  words: RegExp;
};

const tail = '(?=_|$)(.*)$';
const suffix = '(?:value|key|hash|string|text|data|s)?';

export const keyKinds: readonly KeyKind[] = [
  {
    name: 'password',
    core: 'pass(?:word|wd|phrase|code|wort)?|pwd',
    words: new RegExp(
      `(?:^|_)(?:[a-z]*(?:password|passwd|passphrase|passcode|passwort)(.*)$|(?:[a-z]*pwd|(?:user|db|my|root|admin|smtp|ldap|ftp|ssh|sudo|http|proxy|key|store|keystore|login)?pass)${suffix}${tail})`,
    ),
  },
  { name: 'secret', core: 'secret(?: key)?', words: new RegExp(`(?:^|_)[a-z]*secret${suffix}${tail}`) },
  { name: 'psk', core: 'psk|shared[ _-]?key', words: new RegExp(`(?:^|_)[a-z]*(?:psk|shared_?key)${suffix}${tail}`) },
  { name: 'token', core: 'token', words: new RegExp(`(?:^|_)[a-z]*token(?:value|key|hash|string)?${tail}`) },
  {
    name: 'api-key',
    core: '(?:api|access|encryption|auth)[ _-]?key',
    words: new RegExp(`(?:^|_)[a-z]*(?:api|access|encryption|auth)_?key${suffix}${tail}`),
  },
  {
    name: 'private-key',
    core: 'private[ _-]?key',
    words: new RegExp(`(?:^|_)[a-z]*private_?key${suffix}${tail}`),
  },
  { name: 'community', core: 'community', words: new RegExp(`(?:^|_)(?:snmp|ro|rw|get|set|trap)?community${tail}`) },
];

/** A key that ends in one of these speaks about a secret and is none: `PasswordAge`, `token_type`. */
const about = new Set(
  (
    'age aging algorithm attempt attempts auth authentication change changed check complexity count date days enable ' +
    'enabled encoding endpoint expire expired expires expiration expiry field file files history id in index issuer len ' +
    'length less lifetime limit list manager max maximum method min minimum mode name names path policies policy prompt ' +
    'protected required reset retries retry rotation rule rules service set size state status store strength time timeout ' +
    'ttl type uri url usage used valid validity version warn warning'
  ).split(' '),
);

/** Whether a key's name (`spring.datasource.password`, `AdminPassword`) is that of a secret of this kind. */
export function namesSecret(key: string, kind: KeyKind): boolean {
  const words = key.match(/[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+/g) ?? [];
  const found = kind.words.exec(words.join('_').toLowerCase());
  if (found === null) return false;
  const rest = found[1] ?? found[2] ?? '';
  const last = rest.split('_').at(-1) ?? '';
  return !about.has(last) || /secret_id$/.test(found[0]);
}
