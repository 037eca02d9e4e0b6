import type { FileHandle } from 'node:fs/promises';

const windowBytes = 16 * 1024;

/** Random access to a file through one window: what is asked for in ascending order is read about once. */
export class FileWindow {
  readonly bytes: number;
  bytesRead = 0;
  readonly #handle: FileHandle;
  #start = 0;
  #window: Buffer = Buffer.alloc(0);

  constructor(handle: FileHandle, bytes: number) {
    this.#handle = handle;
    this.bytes = bytes;
  }

  /** @returns exactly `length` bytes; undefined where the file does not hold them */
  async at(offset: number, length: number): Promise<Buffer | undefined> {
    if (!(offset >= 0 && length >= 0 && offset + length <= this.bytes)) return undefined;
    if (offset < this.#start || offset + length > this.#start + this.#window.length) await this.#move(offset, length);
    const from = offset - this.#start;
    const found = this.#window.subarray(from, from + length);
    return found.length === length ? found : undefined; // it was cut while it was read
  }

  /** The bytes from one place to another, in pieces. */
  async *between(from: number, to: number, pieceBytes = 64 * 1024): AsyncGenerator<Buffer> {
    for (let offset = from; offset < to; ) {
      const piece = await this.#read(offset, Math.min(pieceBytes, to - offset));
      if (piece.length === 0) return;
      offset += piece.length;
      yield piece;
    }
  }

  async #move(offset: number, length: number): Promise<void> {
    this.#window = await this.#read(offset, Math.min(Math.max(length, windowBytes), this.bytes - offset));
    this.#start = offset;
  }

  async #read(offset: number, length: number): Promise<Buffer> {
    const { buffer, bytesRead } = await this.#handle.read(Buffer.allocUnsafe(length), 0, length, offset);
    this.bytesRead += bytesRead;
    return buffer.subarray(0, bytesRead);
  }
}
