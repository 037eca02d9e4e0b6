import { isDigit } from './bytes.js';

const [blank, point, noBreakSpace] = [32, 46, 0xa0];
const efw = [69, 70, 87, 58];
const maxNameBytes = 64;

/** Whether a line may begin with a time: every known form has at least four digits at the head of the line. */
export function mayBeginWithTime(line: Buffer, start: number, end: number): boolean {
  const until = Math.min(end, start + 80);
  let digits = 0;
  for (let at = start; at < until; at++) if (isDigit(line[at]) && ++digits >= 4) return true;
  return line[start] === 123; // JSON lines
}

/**
 * Whether the text is `] EFW:` or `] name EFW:`, the form whose times are always UTC. @param at the place of the bracket
 */
export function isCosCore(line: Buffer, at: number, end: number): boolean {
  if (line[at + 1] !== blank) return false;
  if (isEfw(line, at + 2)) return true;
  const most = Math.min(end, at + 3 + maxNameBytes);
  let next = at + 2;
  for (let code = line[next] ?? 0; next < most && code > blank && code !== noBreakSpace; code = line[next] ?? 0) next++;
  return next > at + 2 && line[next] === blank && isEfw(line, next + 1);
}

function isEfw(line: Buffer, at: number): boolean {
  for (let index = 0; index < 3; index++) if (((line[at + index] ?? 0) & ~32) !== efw[index]) return false;
  return line[at + 3] === efw[3];
}

/** Whether ` PM` or ` p.m.` follows, also after the narrow blank that newer Java writes. */
export function isHalfOfDay(line: Buffer, at: number): boolean {
  const next = line[at] ?? 0;
  if (next === 0xe2 || next === 0xc2) return true;
  const letter = (next === blank ? (line[at + 1] ?? 0) : next) | 32;
  if (letter !== 97 && letter !== 112 && letter !== 101 && letter !== 102) return false;
  const after = line[next === blank ? at + 2 : at + 1] ?? 0;
  return after === point || (after | 32) === 109;
}
