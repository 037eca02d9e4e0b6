/**
 * Finds the first of some texts in each line of a buffer. Where the next one is is remembered, so that a buffer without
 * any is searched once and not once per line.
 */
export class KeySearch {
  private readonly keys: readonly Buffer[];
  /** By key: where it is next in the buffer, from `seenFrom` on. */
  private readonly next: number[];
  private readonly seenFrom: number[];
  private buffer: Buffer = Buffer.alloc(0);
  /** The key that was found last is tried first. */
  private usual = 0;

  constructor(keys: readonly string[]) {
    this.keys = keys.map((key) => Buffer.from(key));
    this.next = this.keys.map(() => -1);
    this.seenFrom = this.keys.map(() => -1);
  }

  /** @returns where the line goes on behind a key; -1 where there is none in it */
  behind(buffer: Buffer, start: number, end: number): number {
    if (buffer !== this.buffer) this.look(buffer);
    const found = this.behindKey(this.usual, start, end);
    if (found >= 0) return found;
    for (let key = 0; key < this.keys.length; key++) {
      const at = key === this.usual ? -1 : this.behindKey(key, start, end);
      if (at < 0) continue;
      this.usual = key;
      return at;
    }
    return -1;
  }

  private look(buffer: Buffer): void {
    this.buffer = buffer;
    this.seenFrom.fill(-1);
  }

  private behindKey(index: number, start: number, end: number): number {
    const key = this.keys[index];
    if (key === undefined) return -1;
    const seenFrom = this.seenFrom[index] ?? -1;
    let at = this.next[index] ?? -1;
    if (seenFrom < 0 || seenFrom > start || at < start) {
      at = this.buffer.indexOf(key, start);
      if (at < 0) at = this.buffer.length;
      this.next[index] = at;
      this.seenFrom[index] = start;
    }
    return at + key.length <= end ? at + key.length : -1;
  }
}
