/** What an archive may hold at most, so that whoever opens a foreign one has bounded work. */
export const limits = {
  entries: 20_000,
  /** All names, with what belongs to them. */
  directoryBytes: 16 * 1024 * 1024,
  /** Unpacked, all together. */
  totalBytes: 8 * 1024 ** 3,
  /** Beyond `freeBytes`, content is at most so many times as large as what it is packed in. */
  ratio: 200,
  freeBytes: 64 * 1024 * 1024,
  nameCharacters: 1024,
  partBytes: 255,
  parts: 32,
};

/** Whether so much would come of so little that it can only be meant to fill memory and disks. */
export function isBomb(bytes: number, packedBytes: number): boolean {
  return bytes > limits.freeBytes && bytes > limits.ratio * packedBytes;
}
