import type { Redactor } from './redactor-type.js';

/** How characters of two bytes are stored. */
export type WideForm = 'utf-16le' | 'utf-16be';

/**
 * Masks secrets in UTF-16. Each unit of two bytes goes through the redactor as UTF-8, even a surrogate, so that
 * everything not masked comes back byte for byte; so do the mark at the beginning and an odd last byte.
 */
export function createWideRedactor(inner: Redactor, form: WideForm): Redactor {
  let isBegun = false;
  let odd: Buffer = Buffer.alloc(0);
  let cut: Buffer = Buffer.alloc(0);

  function* through(parts: Iterable<Buffer>): Generator<Buffer> {
    for (const part of parts) {
      const bytes = cut.length === 0 ? part : Buffer.concat([cut, part]);
      const whole = bytes.length - cutLength(bytes);
      cut = Buffer.from(bytes.subarray(whole));
      yield widen(bytes.subarray(0, whole), form);
    }
  }

  return {
    *push(chunk) {
      let bytes = odd.length === 0 ? chunk : Buffer.concat([odd, chunk]);
      odd = Buffer.from(bytes.subarray(bytes.length - (bytes.length % 2)));
      bytes = bytes.subarray(0, bytes.length - odd.length);
      if (!isBegun && bytes.length > 0) {
        isBegun = true;
        const mark = unitAt(bytes, 0, form) === 0xfeff ? 2 : 0;
        yield bytes.subarray(0, mark);
        bytes = bytes.subarray(mark);
      }
      yield* through(inner.push(narrow(bytes, form)));
    },
    *end() {
      yield* through(inner.end());
      yield widen(cut, form);
      yield odd;
    },
    counts: () => inner.counts(),
  };
}

function unitAt(bytes: Buffer, at: number, form: WideForm): number {
  return form === 'utf-16le' ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at);
}

function narrow(bytes: Buffer, form: WideForm): Buffer {
  const out = Buffer.allocUnsafe((bytes.length / 2) * 3);
  let length = 0;
  for (let at = 0; at < bytes.length; at += 2) {
    const unit = unitAt(bytes, at, form);
    if (unit < 0x80) out[length++] = unit;
    else {
      if (unit < 0x800) out[length++] = 0xc0 | (unit >> 6);
      else {
        out[length++] = 0xe0 | (unit >> 12);
        out[length++] = 0x80 | ((unit >> 6) & 0x3f);
      }
      out[length++] = 0x80 | (unit & 0x3f);
    }
  }
  return out.subarray(0, length);
}

function widen(bytes: Buffer, form: WideForm): Buffer {
  const out = Buffer.allocUnsafe(bytes.length * 2);
  let length = 0;
  for (let at = 0; at < bytes.length; ) {
    const width = Math.min(widthOf(bytes[at] ?? 0), bytes.length - at);
    let unit = (bytes[at] ?? 0) & (width === 1 ? 0xff : width === 2 ? 0x1f : 0x0f);
    for (let next = at + 1; next < at + width; next++) unit = (unit << 6) | ((bytes[next] ?? 0) & 0x3f);
    if (form === 'utf-16le') out.writeUInt16LE(unit, length);
    else out.writeUInt16BE(unit, length);
    length += 2;
    at += width;
  }
  return out.subarray(0, length);
}

/** How many bytes at the end belong to a unit that is not complete yet. */
function cutLength(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(2, bytes.length); back++) {
    const width = widthOf(bytes[bytes.length - back] ?? 0);
    if (width > 1) return width > back ? back : 0;
  }
  return 0;
}

function widthOf(first: number): number {
  if (first < 0xc0) return 1;
  return first < 0xe0 ? 2 : 3;
}
