import type { Key } from './keys.js';
import { endAt, type ValueEnd } from './value.js';

/** pam_unix(passwd:chauthtok) */
const pam = /(?:chauthtok|auth|account|session)\)/y;
/** `volume "token-x" : secret "y" not found` */
const named = /(?:secret|token) "/iy;
const sourceFile = /\.(?:java|kt|scala|groovy|py|js|ts|go|c|cc|cpp|h|rb|php|lua)$/;
const lineNumber = /:\d{1,6}(?!\w)/y;
const bgpCommunity = /\d{1,10}:\d{1,10}(?![^\s,;)\]])/y;

/** Whether what stands after a key and a separator is no secret, for all that: each with an example. */
export function isOrdinary(text: string, key: Key, { start }: ValueEnd): boolean {
  if (/^(?:OLD)?PWD$/.test(text.slice(key.start, key.end))) return text[start] === '/'; // the shell's PWD=/root
  if (isStackFrame(text, key.end) || endAt(pam, text, start) !== undefined || endAt(named, text, start) !== undefined) {
    return true;
  }
  return key.kind.name === 'community' && endAt(bgpCommunity, text, start) !== undefined;
}

/** `at x.TokenFilter.doFilter(TokenFilter.java:112)`: the number of a line, and no token. */
function isStackFrame(text: string, keyEnd: number): boolean {
  return endAt(lineNumber, text, keyEnd) !== undefined && sourceFile.test(text.slice(Math.max(0, keyEnd - 12), keyEnd));
}
