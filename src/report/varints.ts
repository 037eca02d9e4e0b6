/** Gathers whole numbers in 7-bit groups, lowest first: small ones take one byte. */
export class Varints {
  #bytes = Buffer.allocUnsafe(1 << 16);
  #length = 0;

  add(value: number): void {
    if (this.#length + 8 > this.#bytes.length) this.#bytes = Buffer.concat([this.#bytes], this.#bytes.length * 2);
    let rest = value;
    while (rest >= 128) {
      this.#bytes[this.#length++] = 128 + (rest % 128);
      rest = Math.floor(rest / 128);
    }
    this.#bytes[this.#length++] = rest;
  }

  /** 0, -1, 1, -2 … become 0, 1, 2, 3 … */
  addSigned(value: number): void {
    this.add(value < 0 ? -2 * value - 1 : 2 * value);
  }

  bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }
}
