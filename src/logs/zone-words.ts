import { ambiguousAbbreviations as ambiguous, abbreviations as offsets } from '../domain/zone-abbreviations.js';

/** What a word after a time says about its zone. */
export type ZoneWord =
  | { kind: 'offset'; minutes: number }
  /** The word is not a zone, but the beginning of the message. */
  | { kind: 'none' }
  /** The word is in the place of a zone, but is not a known one. */
  | { kind: 'unknown'; word: string };

const levels =
  /^[\s[(<|:-]*(?:trace|debug|fine|finer|finest|config|info|notice|warn|warning|err|error|severe|crit|critical|fatal)\b/i;

/**
 * Abbreviations that may be written in small letters, and words that are not an abbreviation of three letters or more.
 */
const inSmallLetters = /^(?:utc|gmt|cet|cest|eet|eest|zulu|z)$/;
const wholeNames =
  /^[ \t,|[(]{0,3}(?:coordinated universal time|greenwich mean time|(?:etc\/)?(?:utc|gmt|uct|zulu))\b(?![+-]?\d)/i;
const named =
  /^[ \t,|]{0,2}[[(]?((?:Africa|America|Antarctica|Arctic|Asia|Atlantic|Australia|Europe|Indian|Pacific)\/[A-Za-z_/+-]{2,40})/;
const inNumbers = /^[ \t,|]{1,3}[[(]?([+-])(\d\d):?(\d\d)(?!\d)[\])]?/;

/**
 * @param text the text after a time, Latin-1
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
 * Whether a word decides on the zone, whatever follows it.
 * @param word the text after the time, up to the next blank
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

/** Whether a word is in the place of a zone: in capitals, and in brackets or right before the level. */
function standsForZone(word: string, inBrackets: boolean, rest: string): boolean {
  if (word.length < 3 || word.length > 5 || levels.test(word)) return false;
  return levels.test(rest) || (inBrackets && /^(?:\s|$)/.test(rest));
}
