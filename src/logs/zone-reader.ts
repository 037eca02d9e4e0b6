import { isCapital, isDigit, isLetter, isOpening, isSeparator, isSign, isWord, twoDigitsAt } from './bytes.js';
import type { Stamp } from './stamp-fields.js';
import { isDecidedByWord, type ZoneWord, zoneWordIn } from './zone-words.js';

const [lineFeed, blank, colon] = [10, 32, 58];
const maxTextBytes = 48;
const maxWordBytes = 24;
const maxKnownWords = 8;
const maxKnownTexts = 1000;
const noZone: ZoneWord = { kind: 'none' };

/** A word that was found after a time, with its surroundings, and what it means whatever follows it. */
type KnownWord = { bytes: Buffer; verdict: ZoneWord };

/**
 * Reads the zone after a time. Most lines have the same few words there, such as INFO, so each word is examined only
 * once.
 */
export class ZoneReader {
  /** How many lines have each word that is in the place of a zone, but is not known. */
  readonly unknownZones = new Map<string, number>();
  /** How many bytes after the time decided the last reading; 0 if bytes after those can change it. */
  reach = 0;
  private readonly words: KnownWord[] = [];
  private nextWord = 0;
  private readonly texts = new Map<string, ZoneWord>();
  private readonly rules: { readonly offsetMinutes: number };

  constructor(rules: { readonly offsetMinutes: number }) {
    this.rules = rules;
  }

  /** @param at where the clock time ends; the zone that is read changes `stamp` */
  read(line: Buffer, at: number, end: number, stamp: Stamp): void {
    const next = line[at] ?? 0;
    stamp.kind = 'local';
    if (next === blank && isSign(line[at + 1])) this.reach = 1 + readOffset(line, at + 1, end, stamp, true);
    else if (isSign(next) || next === 90 || next === 122) this.reach = readOffset(line, at, end, stamp, false);
    else if (isSeparator(next) || isLetter(next)) this.apply(stamp, this.verdictAt(line, at, end));
    else this.reach = 1;
  }

  /** @param zone the text that a form found */
  readText(zone: string, stamp: Stamp): void {
    stamp.kind = 'local';
    this.apply(stamp, this.verdictOn(` ${zone}`));
  }

  private apply(stamp: Stamp, verdict: ZoneWord): void {
    if (verdict.kind === 'none') return;
    if (verdict.kind === 'offset') toInstant(stamp, verdict.minutes);
    else this.unknownZones.set(verdict.word, (this.unknownZones.get(verdict.word) ?? 0) + 1);
  }

  private verdictAt(line: Buffer, at: number, end: number): ZoneWord {
    for (const { bytes, verdict } of this.words) {
      this.reach = bytes.length;
      if (standsAt(bytes, line, at)) return verdict;
    }
    let next = at;
    while (next < end && next < at + 3 && (isSeparator(line[next]) || isOpening(line[next]))) next++;
    if (next === at ? !isCapital(line[next]) : !isLetter(line[next]) && !isSign(line[next])) {
      this.reach = next - at + 1;
      return noZone;
    }
    this.reach = 0;
    const [text = ''] = line.toString('latin1', at, Math.min(end, at + maxTextBytes)).split('\n', 1);
    const verdict = this.verdictOn(text);
    this.keepWord(line, at, end, next, verdict);
    return verdict;
  }

  private keepWord(line: Buffer, at: number, end: number, wordAt: number, verdict: ZoneWord): void {
    const most = Math.min(end, at + maxWordBytes);
    let next = wordAt;
    while (next < most && line[next] !== blank && line[next] !== lineFeed) next++;
    if (next >= end || isSign(line[next + 1])) return;
    if (!isDecidedByWord(line.toString('latin1', wordAt, next), verdict)) return;
    this.words[this.nextWord] = { bytes: Buffer.from(line.subarray(at, Math.min(next + 1, most))), verdict };
    this.nextWord = (this.nextWord + 1) % maxKnownWords;
  }

  private verdictOn(text: string): ZoneWord {
    const known = this.texts.get(text);
    if (known !== undefined) return known;
    const offset = /^([+-])(\d\d):?(\d\d)/.exec(text);
    const verdict: ZoneWord =
      offset === null
        ? zoneWordIn(text, this.rules.offsetMinutes)
        : { kind: 'offset', minutes: (offset[1] === '-' ? -1 : 1) * (Number(offset[2]) * 60 + Number(offset[3])) };
    if (this.texts.size < maxKnownTexts) this.texts.set(text, verdict);
    return verdict;
  }
}

function standsAt(bytes: Buffer, line: Buffer, at: number): boolean {
  for (let index = 0; index < bytes.length; index++) if (bytes[index] !== line[at + index]) return false;
  return true;
}

/**
 * Reads `Z`, `+01:00`, `+0100`, `+01`; what only looks like one is part of the message.
 * @returns how many bytes were looked at
 */
function readOffset(line: Buffer, at: number, end: number, stamp: Stamp, apart: boolean): number {
  const sign = line[at];
  if (!isSign(sign)) {
    if (!isWord(line[at + 1])) stamp.kind = 'instant';
    return 2;
  }
  if (end - at < 3) return 3;
  const hours = twoDigitsAt(line, at + 1);
  const minutesAt = at + (line[at + 3] === colon ? 4 : 3);
  const hoursAlone = minutesAt === at + 3 && !isDigit(line[minutesAt]);
  if (hoursAlone && apart) return 4; // a number of the message, such as `-12 dBm`
  const minutes = hoursAlone ? 0 : twoDigitsAt(line, minutesAt);
  const offsetEnd = hoursAlone ? minutesAt : minutesAt + 2;
  const isOffset = hours >= 0 && hours <= 15 && minutes >= 0 && minutes <= 59 && !isWord(line[offsetEnd]);
  if (isOffset) toInstant(stamp, (sign === 45 ? -1 : 1) * (hours * 60 + minutes));
  return offsetEnd + 1 - at;
}

function toInstant(stamp: Stamp, minutesEast: number): void {
  const eastMs = minutesEast * 60_000;
  stamp.kind = 'instant';
  stamp.ms -= eastMs;
  if (stamp.others.length > 0) stamp.others = stamp.others.map((ms) => ms - eastMs);
}
