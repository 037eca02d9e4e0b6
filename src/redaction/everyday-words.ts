function words(...lines: readonly string[]): readonly string[] {
  return lines.join(' ').split(' ');
}

/**
 * Words for properties of a password that are not secret; a key that ends with one only speaks about it (`PasswordAge`,
 * `token_type`).
 */
export const about: ReadonlySet<string> = new Set(
  words(
    'age aging algorithm attempt attempts auth authentication change changed check complexity count date days enable',
    'enabled encoding endpoint expire expired expires expiration expiry field file files history id in index issuer len',
    'length less lifetime limit list manager max maximum method min minimum mode name names path policies policy prompt',
    'protected required reset retries retry rotation rule rules service set size state status store strength time timeout',
    'ttl type uri url usage used valid validity version warn warning',
  ),
);

/** Words that join other words in a sentence. */
const joining = words(
  'a about above again all already also an and any are as at based be been before by can cannot did do does each else every for',
  'from had has have here how if into is isn its it may might must my new next no non none nor not now of on one only or our per',
  'shall should since so still such than that the their then there these they this those to today too until upon via was we',
  'were what when where whether which while who will with within without would yet you your',
);

/** Words for what is done with a password, or what happens then. */
const events = words(
  'accepted applied cache changes command entered entry error failed failure filter form granted handler hash incorrect input',
  'invalid issued key login lookup management mismatch missing needed ok parameter parser prefix problem prompts protection provider',
  'received recovery refresh refreshed rejected renewal request requested revoked same sent server source string strings',
  'successful successfully times token tries type unchanged unset update updated updates user users using validation value',
  'verification verified verify wrong',
);

/** Words that describe a password. */
const qualities = words(
  'absent bad blank case-sensitive correct empty fine good hidden identical known less long longer lost null object old ready',
  'safe secure short shorter strong unknown weak',
);

/** Words of device commands that name the encoding of the value after them. */
const forms = words('ascii bucket characters class cipher enc encoder encrypted hex int read simple text write');

const everyday: ReadonlySet<string> = new Set([...about, ...joining, ...events, ...qualities, ...forms]);

/** Whether the word after a key continues a sentence, so that it is not a value. */
export function isEveryday(word: string): boolean {
  return everyday.has(word.toLowerCase().replace(/[.!?,:]+$/, ''));
}

/** Whether the word is a participle, an adverb or an adjective: `the password is disabled`. */
export function isDescription(word: string): boolean {
  return /^[a-z]{2,}(?:ed|ing|ly|[ai]ble|tion|ent|nal|ory|ary|ive)[.!?,:]*$/.test(word);
}
