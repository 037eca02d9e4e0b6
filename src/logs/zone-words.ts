/** What a word behind a time says of its zone. */
export type ZoneWord =
  | { kind: 'offset'; minutes: number }
  /** It is no zone but the beginning of the message. */
  | { kind: 'none' }
  /** It stands where a zone stands, and nobody knows which one it is. */
  | { kind: 'unknown'; word: string };

/** Abbreviations that mean one offset everywhere, in minutes. */
const offsets: Record<string, number> = {
  ...{ UTC: 0, GMT: 0, UCT: 0, Z: 0, ZULU: 0, WET: 0, WEST: 60, CET: 60, MEZ: 60, MET: 60, CEST: 120, MESZ: 120 },
  ...{ MEST: 120, EET: 120, EEST: 180, MSK: 180, TRT: 180, GST: 240, PKT: 300, WIB: 420, ICT: 420, HKT: 480 },
  ...{ SGT: 480, AWST: 480, JST: 540, KST: 540, ACST: 570, ACDT: 630, AEST: 600, AEDT: 660, NZST: 720, NZDT: 780 },
  ...{ SAST: 120, CAT: 120, EAT: 180, WAT: 60, BRT: -180, ART: -180, CLT: -240, NST: -210, NDT: -150, HST: -600 },
  ...{ AKST: -540, AKDT: -480, PST: -480, PDT: -420, MDT: -360, CDT: -300, EST: -300, EDT: -240, ADT: -180 },
};

/** Abbreviations that mean several offsets: the one of the server is taken, if it is among them. */
const ambiguous: Record<string, readonly number[]> = {
  ...{ CST: [-360, 480], IST: [330, 60, 120], BST: [60, 360], AST: [-240, 180], MST: [-420, 480] },
  ...{ ECT: [60, -300], AMT: [-240, 240], SST: [-660, 480], PST: [-480, 480], WST: [480, 780] },
  ...{ EST: [-300, 600], EDT: [-240, 660] },
};

const levels =
  /^[\s[(<|:-]*(?:trace|debug|fine|finer|finest|config|info|notice|warn|warning|err|error|severe|crit|critical|fatal)\b/i;

/** Words that are no abbreviation of three letters or more, and abbreviations that are written small, too. */
const inSmallLetters = /^(?:utc|gmt|cet|cest|eet|eest|zulu|z)$/;
const wholeNames =
  /^[ \t,|[(]{0,3}(?:coordinated universal time|greenwich mean time|(?:etc\/)?(?:utc|gmt|uct|zulu))\b(?![+-]?\d)/i;
const named =
  /^[ \t,|]{0,2}[[(]?((?:Africa|America|Antarctica|Arctic|Asia|Atlantic|Australia|Europe|Indian|Pacific)\/[A-Za-z_/+-]{2,40})/;
const inNumbers = /^[ \t,|]{1,3}[[(]?([+-])(\d\d):?(\d\d)(?!\d)[\])]?/;

/**
 * @param text what stands behind a time, Latin-1
 * @param offsetNear minutes that the server's own zone is ahead of UTC
 */
export function zoneWordIn(text: string, offsetNear: number): ZoneWord {
  const number = inNumbers.exec(text);
  if (number !== null) return offsetOf(number);
  const name = named.exec(text)?.[1];
  if (name !== undefined) return { kind: 'unknown', word: name };
  const match = /^[ \t,|]{0,2}([[(]?)([A-Za-z]{1,6})(?: ?([+-])(\d\d?)(?::?(\d\d))?)?(?![A-Za-z0-9_./-])([\])]?)/.exec(
    text,
  );
  if (match === null) return wholeNames.test(text) ? { kind: 'offset', minutes: 0 } : { kind: 'none' };
  const [whole, open, written = '', sign, hours, minutes, close] = match;
  const word = written.toUpperCase();
  if (open !== '' && close === '' && !/^[\])]/.test(text.slice(whole.length))) return { kind: 'none' };
  if (hours !== undefined && /^(?:UTC|GMT|Z)$/.test(word)) return offsetOf([whole, sign ?? '+', hours, minutes ?? '0']);
  if (hours !== undefined) return { kind: 'none' };
  if (written !== word && !inSmallLetters.test(written) && !/^Zulu$/.test(written))
    return wholeNames.test(text) ? { kind: 'offset', minutes: 0 } : { kind: 'none' };
  return meaningOf(word, offsetNear, { inBrackets: open === '(', rest: text.slice(whole.length) });
}

/**
 * Whether nothing that follows a word can change what it says of the zone.
 * @param word what stands behind the time, up to the next blank
 */
export function isDecidedByWord(word: string, { kind }: ZoneWord): boolean {
  if (kind === 'unknown' || /^(?:coordinated|greenwich)$/i.test(word)) return false;
  return kind === 'offset' || !/^[A-Z]{3,5}$/.test(word) || levels.test(word);
}

function offsetOf([, sign, hours, minutes]: readonly (string | undefined)[]): ZoneWord {
  const east = (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
  return Math.abs(east) > 15 * 60 || Number(minutes) > 59 ? { kind: 'none' } : { kind: 'offset', minutes: east };
}

function meaningOf(
  word: string,
  offsetNear: number,
  { inBrackets, rest }: { inBrackets: boolean; rest: string },
): ZoneWord {
  const several = ambiguous[word];
  if (several?.includes(offsetNear)) return { kind: 'offset', minutes: offsetNear };
  if (several !== undefined) return { kind: 'unknown', word };
  const minutes = offsets[word];
  if (minutes !== undefined) return { kind: 'offset', minutes };
  return standsForZone(word, inBrackets, rest) ? { kind: 'unknown', word } : { kind: 'none' };
}

/** A word of capitals in brackets, or right before the level, stands where a zone stands. */
function standsForZone(word: string, inBrackets: boolean, rest: string): boolean {
  if (word.length < 3 || word.length > 5 || levels.test(word)) return false;
  return levels.test(rest) || (inBrackets && /^(?:\s|$)/.test(rest));
}
