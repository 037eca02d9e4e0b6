import { digitAt, isDigit, isSign, isWord } from './bytes.js';
import type { Stamp } from './stamp-fields.js';

const [blank, point, colon] = [32, 46, 58];

/** Every time that is read has at least four digits at the head of its line. */
export function mayBeginWithTime(line: Buffer, start: number, end: number): boolean {
  const until = Math.min(end, start + 80);
  let digits = 0;
  for (let at = start; at < until; at++) if (isDigit(line[at]) && ++digits >= 4) return true;
  return line[start] === 123; // JSON lines
}

/** `Z`, `+01:00`, `+0100`, `+01`; what only looks like one is the message. */
export function readOffset(line: Buffer, next: number, end: number, stamp: Stamp, apart: boolean): boolean {
  const sign = line[next];
  if (!isSign(sign)) {
    if (!isWord(line[next + 1])) stamp.kind = 'instant';
    return true;
  }
  if (end - next < 3) return true;
  const hours = digitAt(line, next + 1) * 10 + digitAt(line, next + 2);
  const minutesAt = next + (line[next + 3] === colon ? 4 : 3);
  const hoursAlone = minutesAt === next + 3 && !isDigit(line[minutesAt]);
  if (hoursAlone && apart) return true; // a number of the message, such as `-12 dBm`
  const minutes = hoursAlone ? 0 : digitAt(line, minutesAt) * 10 + digitAt(line, minutesAt + 1);
  if (!(hours <= 15) || !(minutes <= 59) || isWord(line[hoursAlone ? minutesAt : minutesAt + 2])) return true;
  stamp.kind = 'instant';
  const eastMs = (sign === 45 ? -1 : 1) * (hours * 60 + minutes) * 60_000;
  stamp.ms -= eastMs;
  if (stamp.others.length > 0) stamp.others = stamp.others.map((ms) => ms - eastMs);
  return true;
}

/** `] EFW:` or `] name EFW:`: the form whose times are always UTC. */
export function isCosCore(line: Buffer, at: number, end: number): boolean {
  return /^\] (?:\S{1,64} )?EFW:/i.test(line.toString('latin1', at, Math.min(end, at + 72)));
}

/** ` PM`, ` p.m.`, also behind the narrow blank that newer Java writes. */
export function isHalfOfDay(line: Buffer, at: number): boolean {
  const next = line[at] ?? 0;
  if (next === 0xe2 || next === 0xc2) return true;
  const letter = (next === blank ? (line[at + 1] ?? 0) : next) | 32;
  if (letter !== 97 && letter !== 112 && letter !== 101 && letter !== 102) return false;
  const after = line[next === blank ? at + 2 : at + 1] ?? 0;
  return after === point || (after | 32) === 109;
}
