/** Bytes that are compared in line after line, four at a time. */
export class SameBytes {
  length = 0;
  private readonly bytes: Uint8Array<ArrayBuffer>;
  private readonly view: DataView;

  /** @param most the most bytes that are kept */
  constructor(most: number) {
    this.bytes = new Uint8Array(most);
    this.view = new DataView(this.bytes.buffer);
  }

  set(lines: Buffer, from: number, to: number): void {
    this.length = Math.min(to - from, this.bytes.length);
    this.bytes.set(lines.subarray(from, from + this.length));
  }

  standAt(lines: DataView, at: number): boolean {
    const { bytes, view } = this;
    let index = this.length;
    if (at + index > lines.byteLength) return false;
    while (index >= 4) {
      index -= 4;
      if (lines.getInt32(at + index) !== view.getInt32(index)) return false;
    }
    while (index > 0) {
      index--;
      if (lines.getUint8(at + index) !== bytes[index]) return false;
    }
    return true;
  }
}

export function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
