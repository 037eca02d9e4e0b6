import { offsetMinutes } from './zone.js';
import { abbreviations, ambiguousAbbreviations } from './zone-abbreviations.js';
import { fixedZone, isZone } from './zone-name.js';

/** An offset, with its name behind it: `+0100`, `GMT+1`, `+01:00[Europe/Stockholm]`, `+0100 CET`. */
const inNumbers = /^(?:UTC|GMT)? ?([+-])(\d{1,2})(?::?([0-5]\d))?(?: ?[[(][^\])]*[\])]| [A-Z]{1,5})?$/i;
const inWords = /^[[(]?([A-Za-z][A-Za-z0-9_+/-]*)[\])]?$/;

/**
 * The zones that may be meant by what stands behind a time. Of an abbreviation that is in use in several zones the operator
 * means the own one, if it is among them.
 * @returns none where it is no zone
 */
export function writtenZones(text: string, operatorZone: string, now: Date): string[] {
  const [, sign, hours, minutes = '0'] = inNumbers.exec(text) ?? [];
  const word = inWords.exec(text)?.[1] ?? '';
  if (hours === undefined && word.includes('/')) return isZone(word) ? [word] : [];
  const east = (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
  const offsets = hours === undefined ? offsetsOf(word.toUpperCase(), operatorZone, now) : [east];
  return offsets.map(fixedZone).filter((zone) => zone !== undefined);
}

function offsetsOf(abbreviation: string, operatorZone: string, now: Date): readonly number[] {
  const one = abbreviations[abbreviation];
  const several = ambiguousAbbreviations[abbreviation] ?? (one === undefined ? [] : [one]);
  const halves = [0, 6].map((month) => offsetMinutes(operatorZone, new Date(Date.UTC(now.getUTCFullYear(), month))));
  const own = several.filter((minutes) => halves.includes(minutes));
  return own.length === 1 ? own : several;
}
