export type KeyKind = {
  /** What its mask is called. */
  name: string;
  /** Source of what a key of this kind has in it. */
  core: string;
  /** Words of which one is in every such key. */
  anchors: readonly string[];
  /** The words of a key (`radius_secret`, `adminpassword`), joined by `_`; the group is what follows. */
  words: RegExp;
};

const tail = '(?=_|$)(.*)$';
const suffix = '(?:value|key|hash|string|text|ascii|hex|data|s)?';

/** Words for a password in other languages, as they stand in latin1 and in UTF-8. */
const foreign = (
  'lösenordet lösenord lösen passord adgangskode kodeord lykilorð lykilord kennwort losungswort motdepasse mdp contraseña contrasena senha ' +
  'wachtwoord salasana hasło haslo heslo jelszó jelszo şifre sifre parola parolă пароль κωδικός parool slaptažodis lozinka geslo ' +
  'パスワード 密码 口令 密碼 비밀번호 암호 סיסמה 暗証番号'
)
  .split(' ')
  .flatMap((word) => [word, word.toUpperCase(), word.charAt(0).toUpperCase() + word.slice(1)])
  .flatMap((word) => [Buffer.from(word).toString('latin1'), ...(/^[\x00-\xff]*$/.test(word) ? [word] : [])]);
const foreignWords = [...new Set(foreign.filter((word) => word.length > 1))];

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
