/** A longer line is cut. */
export const maxLineBytes = 4096;

/** @returns where a line that begins at `start` is cut, so that no character of UTF-8 is in halves */
export function cutEnd(line: Buffer, start: number, end: number): number {
  if (end - start <= maxLineBytes) return end;
  let at = start + maxLineBytes;
  while (at > start + maxLineBytes - 4 && ((line[at] ?? 0) & 0xc0) === 0x80) at--;
  return at;
}

/** @returns the end of a line without the bytes that end it */
export function withoutLineEnd(line: Buffer, start: number, end: number): number {
  let at = end;
  while (at > start && (line[at - 1] === 10 || line[at - 1] === 13)) at--;
  return at;
}
