import type { WideForm } from './wide-text.js';

/** How a text is written: a byte or more a character (ASCII, Latin-1, UTF-8 …), two, or four. */
export type TextForm = 'bytes' | WideForm | 'utf-32';

/**
 * What a file is by how it begins; undefined: no text.
 * @param meant it is known to be a text: then single NULs are what a crash left in it
 */
export function textForm(head: Buffer, meant = false): TextForm | undefined {
  const mark = head.toString('latin1', 0, 4);
  if (mark === '\xff\xfe\0\0' || mark === '\0\0\xfe\xff') return 'utf-32';
  if (mark.startsWith('\xff\xfe')) return 'utf-16le';
  if (mark.startsWith('\xfe\xff')) return 'utf-16be';
  if (!head.includes(0)) return 'bytes';
  return unmarked(head) ?? (meant ? 'bytes' : undefined);
}

const fewestPairs = 4;

/** Without a mark most characters show what it is: a letter beside a NUL. */
function unmarked(head: Buffer): TextForm | undefined {
  let [little, big] = [0, 0];
  const pairs = Math.floor(head.length / 2);
  if (pairs < fewestPairs) return undefined;
  for (let pair = 0; pair < pairs; pair++) {
    const [first = 0, second = 0] = head.subarray(2 * pair, 2 * pair + 2);
    if (second === 0 && isWritten(first)) little++;
    if (first === 0 && isWritten(second)) big++;
  }
  if (little * 2 > pairs) return 'utf-16le';
  return big * 2 > pairs ? 'utf-16be' : undefined;
}

function isWritten(byte: number): boolean {
  return (byte >= 32 && byte < 127) || (byte >= 9 && byte <= 13);
}
