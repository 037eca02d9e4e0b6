/** Fewer NULs than this at the beginning of a file may be text. */
const smallestHoleBytes = 16;
const hole = Buffer.alloc(smallestHoleBytes);

/** Whether a chunk holds a hole: NULs in the place of text that was never written. */
export function hasHole(chunk: Buffer): boolean {
  return chunk.includes(hole);
}

/**
 * Ends a line at a hole. A crash leaves NULs in place of what was not written yet, so what follows them is another line.
 * @returns the end of the line that continues at `at`: after a hole in it, or at `lineEnd`
 */
export function endAtHole(chunk: Buffer, at: number, lineEnd: number): number {
  const begin = chunk.indexOf(hole, at);
  if (begin < 0 || (lineEnd >= 0 && begin >= lineEnd)) return lineEnd;
  let end = begin + hole.length;
  while (chunk[end] === 0) end++;
  return end < chunk.length ? end : lineEnd;
}

/**
 * The hole at the beginning of a file that was emptied while a program kept writing to it: as many NULs as the file had
 * bytes.
 */
export class LeadingHole {
  /** The number of bytes in such holes that were left out. */
  leftBytes = 0;
  private isPossible = true;
  private bytes = 0;

  startPart(): void {
    this.isPossible = true;
    this.bytes = 0;
  }

  /** @returns how many bytes at the beginning of the next chunk belong to the hole */
  lengthIn(chunk: Buffer): number {
    if (!this.isPossible) return 0;
    let at = 0;
    while (at < chunk.length && chunk[at] === 0) at++;
    this.bytes += at;
    this.isPossible = at === chunk.length;
    if (this.bytes < smallestHoleBytes) return 0;
    this.leftBytes += at;
    return at;
  }
}
