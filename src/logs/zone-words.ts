import { ambiguousAbbreviations as ambiguous, abbreviations as offsets } from '../domain/zone-abbreviations.js';

/** What a word behind a time says of its zone. */
export type ZoneWord =
  | { kind: 'offset'; minutes: number }
  /** It is no zone but the beginning of the message. */
  | { kind: 'none' }
  /** It stands where a zone stands, and nobody knows which one it is. */
  | { kind: 'unknown'; word: string };

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
