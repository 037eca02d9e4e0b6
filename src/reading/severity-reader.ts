import { isDigit, isLetter } from '../logs/bytes.js';
import { KeySearch } from './key-search.js';
import { guesses, levelKeys, levelLetters, levelWords, messageKeys, none, syslogLevels } from './severity-words.js';

/** Where a level may stand, in the order in which they are tried. */
export type LevelPlace = 'priority' | 'key' | 'word' | 'letter';
export const levelPlaces: readonly LevelPlace[] = ['priority', 'key', 'word', 'letter'];

const [less, greater, colon, opening, closing, bar, leftParen, rightParen] = [60, 62, 58, 91, 93, 124, 40, 41];
const [blank, comma, quote, backslash] = [32, 44, 34, 92];
/** A level is among so many words at the head of a line; those that begin with a digit are of the time. */
const maxWords = 6;
const maxHeadBytes = 240;
const maxMessageBytes = 400;

type Word = { bytes: Buffer; severity: number };
const words = new Map<number, Word>(
  Object.entries(levelWords).map(([word, severity]) => {
    const bytes = Buffer.from(word);
    return [codeOf(bytes, 0, bytes.length), { bytes, severity }];
  }),
);
const letters = new Map(Object.entries(levelLetters).map(([letter, severity]) => [letter.charCodeAt(0), severity]));

/** Length, first three letters and the last one: few other words share it, and those are compared. */
function codeOf(line: Buffer, at: number, end: number): number {
  const letter = (place: number) => (line[place] ?? 0) & 31;
  return ((end - at) << 20) | (letter(at) << 15) | (letter(at + 1) << 10) | (letter(at + 2) << 5) | letter(end - 1);
}

/** Reads the severity of lines, as the log writes it. One object is reused, because this runs for every line. */
export class SeverityReader {
  severity: number = none;
  /** Where the message begins and ends; `isBare`: time and level are not before it any more. */
  messageAt = 0;
  messageEnd = 0;
  isBare = false;
  readonly isGuessed: boolean;
  private readonly places: readonly LevelPlace[];
  private readonly keys = new KeySearch(levelKeys);
  private readonly messages = new KeySearch(messageKeys);
  /** Where the last level word was, behind the beginning of its line. */
  private wordAt = 0;

  /** @param places where levels stand in this log, the likeliest first; none: its words are guessed from */
  constructor(places: readonly LevelPlace[] = levelPlaces) {
    this.places = places;
    this.isGuessed = places.length === 0;
  }

  /** @returns where the level was; undefined where there is none */
  read(line: Buffer, start: number, end: number): LevelPlace | undefined {
    this.severity = none;
    this.messageAt = start;
    this.messageEnd = end;
    this.isBare = false;
    for (const place of this.places) if (this.readAt(place, line, start, end)) return place;
    if (this.isGuessed) this.guess(line, start, end);
    return undefined;
  }

  private readAt(place: LevelPlace, line: Buffer, start: number, end: number): boolean {
    if (place === 'word') return this.readWord(line, start, end);
    if (place === 'key') return this.readKey(line, start, end);
    return place === 'priority' ? this.readPriority(line, start, end) : this.readLetter(line, start, end);
  }

  private readPriority(line: Buffer, start: number, end: number): boolean {
    if (line[start] !== less) return false;
    let at = start + 1;
    let value = 0;
    for (; at < end && at < start + 4 && isDigit(line[at]); at++) value = value * 10 + (line[at] ?? 0) - 48;
    if (at === start + 1 || line[at] !== greater || value > 191) return false;
    this.severity = syslogLevels[value & 7] ?? none;
    return true;
  }

  private readKey(line: Buffer, start: number, end: number): boolean {
    const at = this.keys.behind(line, start, end);
    if (at < 0) return false;
    const severity = isDigit(line[at]) ? numbered(line, at, end) : this.namedAt(line, at, end);
    if (severity === undefined) return false;
    this.severity = severity;
    const message = this.messages.behind(line, start, end);
    if (message >= 0) this.takeMessage(line, message, end);
    return true;
  }

  private namedAt(line: Buffer, at: number, end: number): number | undefined {
    const wordEnd = endOfLetters(line, at, end);
    return wordEnd === at + 1 ? letters.get(line[at] ?? 0) : wordOf(line, at, wordEnd)?.severity;
  }

  private takeMessage(line: Buffer, at: number, end: number): void {
    this.messageAt = at;
    this.isBare = true;
    if (line[at - 1] !== quote) return;
    const limit = Math.min(end, at + maxMessageBytes);
    let next = at;
    while (next < limit && (line[next] !== quote || line[next - 1] === backslash)) next++;
    this.messageEnd = next;
  }

  private readWord(line: Buffer, start: number, end: number): boolean {
    if (this.wordAt > 0 && this.takeWord(line, start, start + this.wordAt, end)) return true;
    const limit = Math.min(end, start + maxHeadBytes);
    let counted = 0;
    let at = start;
    while (at < limit && counted < maxWords) {
      if (!isWordByte(line[at])) {
        at++;
        continue;
      }
      if (this.takeWord(line, start, at, end)) return true;
      if (!isDigit(line[at])) counted++;
      while (at < limit && isWordByte(line[at])) at++;
    }
    return false;
  }

  /** Takes a level word: one in capitals, or between signs as `[error]` and `error:`. */
  private takeWord(line: Buffer, start: number, at: number, end: number): boolean {
    if (!isLetter(line[at]) || (at > start && isWordByte(line[at - 1]))) return false;
    const wordEnd = endOfLetters(line, at, end);
    if (isWordByte(line[wordEnd])) return false;
    const isSingle = wordEnd === at + 1;
    const found = isSingle ? letters.get(line[at] ?? 0) : wordOf(line, at, wordEnd)?.severity;
    if (found === undefined) return false;
    if (!isBetweenSigns(line, at, wordEnd) && (isSingle || !isCapitals(line, at, wordEnd))) return false;
    this.severity = found;
    this.wordAt = at - start;
    this.messageAt = wordEnd;
    this.isBare = true;
    return true;
  }

  /** `E1120 10:32:05` of glog, and `E, [2026-…` of Ruby. */
  private readLetter(line: Buffer, start: number, end: number): boolean {
    const severity = letters.get(line[start] ?? 0);
    if (severity === undefined || end - start < 6) return false;
    const isGlog = [1, 2, 3, 4].every((at) => isDigit(line[start + at]));
    const isRuby = line[start + 1] === comma && line[start + 2] === blank && line[start + 3] === opening;
    if (!isGlog && !isRuby) return false;
    this.severity = severity;
    return true;
  }

  private guess(line: Buffer, start: number, end: number): void {
    const text = line.toString('latin1', start, Math.min(end, start + maxMessageBytes));
    this.severity = guesses.find(({ pattern }) => pattern.test(text))?.severity ?? none;
  }
}

/** A level as a number: of syslog below 8, else in tens as JSON loggers of Node write it. */
function numbered(line: Buffer, at: number, end: number): number | undefined {
  let value = 0;
  for (let next = at; next < end && next < at + 3 && isDigit(line[next]); next++)
    value = value * 10 + (line[next] ?? 0) - 48;
  if (value < 8) return syslogLevels[value];
  return value < 10 || value > 60 ? undefined : [1, 1, 2, 3, 4, 5][Math.floor(value / 10) - 1];
}

function wordOf(line: Buffer, at: number, end: number): Word | undefined {
  const word = words.get(codeOf(line, at, end));
  if (word === undefined || word.bytes.length !== end - at) return undefined;
  for (let index = 0; index < word.bytes.length; index++)
    if (((line[at + index] ?? 0) & ~32) !== word.bytes[index]) return undefined;
  return word;
}

function endOfLetters(line: Buffer, at: number, end: number): number {
  let next = at;
  while (next < end && isLetter(line[next])) next++;
  return next;
}

function isCapitals(line: Buffer, at: number, end: number): boolean {
  for (let index = at; index < end; index++) if (((line[index] ?? 0) & 32) !== 0) return false;
  return true;
}

function isBetweenSigns(line: Buffer, at: number, end: number): boolean {
  const [before, behind] = [line[at - 1], line[end]];
  const opens = before === opening || before === less || before === leftParen || before === bar;
  return (
    opens || behind === closing || behind === greater || behind === rightParen || behind === colon || behind === bar
  );
}

/** Whether a byte goes on with a word: letters, digits, `_`, `-`, `.`, `/`, `@` and what is no ASCII. */
function isWordByte(code = 0): boolean {
  if ((code >= 97 && code <= 122) || (code >= 64 && code <= 90) || code >= 128) return true;
  return (code >= 45 && code <= 57) || code === 95;
}
