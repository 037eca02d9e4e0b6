import type { ColumnName, PageData } from '../report/page-data.js';
import { fromBase64, inflate } from './inflate.js';

export function pageData(): PageData {
  return JSON.parse(sourceOf('data')) as PageData;
}

export function sourceOf(id: string): string {
  return document.getElementById(id)?.textContent ?? '';
}

const againMs = 40;

/** The content of an element that may still be on its way. */
export async function whenThere(id: string): Promise<string> {
  for (;;) {
    const isWhole = document.readyState !== 'loading';
    const found = document.getElementById(id);
    // One behind which something stands is whole.
    if (isWhole || found?.nextSibling) return found?.textContent ?? '';
    await new Promise((resolve) => setTimeout(resolve, againMs));
  }
}

/** Reads a column number by number. */
export class Column {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  static async named(name: ColumnName): Promise<Column> {
    return new Column(await inflate(fromBase64(sourceOf(`c-${name}`))));
  }

  next(): number {
    const bytes = this.#bytes;
    let byte = bytes[this.#at++] ?? 0;
    if (byte < 128) return byte;
    let value = byte - 128;
    for (let factor = 128; byte >= 128; factor *= 128) {
      byte = bytes[this.#at++] ?? 0;
      value += (byte & 127) * factor;
    }
    return value;
  }

  nextSigned(): number {
    const value = this.next();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }
}
