import type { Key } from './keys.js';
import { endAt, type ValueEnd } from './value.js';

/** The form of `pam_unix(passwd:chauthtok)` */
const pam = /(?:chauthtok|auth|account|session)\)/y;
/** The form of `volume "token-x" : secret "y" not found` */
const named = /(?:secret|token) "/iy;
const sourceFile = /\.(?:java|kt|scala|groovy|py|js|ts|go|c|cc|cpp|h|rb|php|lua)$/;
const lineNumber = /:\d{1,6}(?!\w)/y;
/** The form of `/etc/passwd: Permission denied` */
const fault =
  /(?:no such file|permission denied|not a directory|is a directory|file exists|file not found|input\/output error)/iy;
const bgpCommunity = /\d{1,10}:\d{1,10}(?![^\s,;)\]])/y;

/** Whether the text after a key and a separator is not a secret in spite of them; there is an example for each case. */
export function isOrdinary(text: string, key: Key, { start, end }: ValueEnd): boolean {
  if (/^(?:OLD)?PWD$/.test(text.slice(key.start, key.end))) return text[start] === '/'; // the shell's PWD=/root
  if (/^accesskey$/i.test(text.slice(key.start, key.end))) return end - start === 1; // a key to press, in HTML
  if (isSource(text, key) || endAt(fault, text, start) !== undefined) return true;
  if (isStackFrame(text, key.end) || endAt(pam, text, start) !== undefined || endAt(named, text, start) !== undefined) {
    return true;
  }
  return key.kind.name === 'community' && endAt(bgpCommunity, text, start) !== undefined;
}

/** Whether this is a stack frame, with a line number and no token: `at x.TokenFilter.doFilter(TokenFilter.java:112)`. */
function isStackFrame(text: string, keyEnd: number): boolean {
  return endAt(lineNumber, text, keyEnd) !== undefined && sourceFile.test(text.slice(Math.max(0, keyEnd - 12), keyEnd));
}

/**
 * Whether the key is part of the name of a source file, or of the account file: `lib/passphrase.c (main): checks more`,
 * `/etc/passwd: not read`.
 */
function isSource(text: string, key: Key): boolean {
  const name = text.slice(key.start, key.end);
  if (name === 'passwd') return text.startsWith('/etc/', key.start - 5);
  return sourceFile.test(name) && (text[key.start - 1] === '/' || text.startsWith(' (', key.end));
}
