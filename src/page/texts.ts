import { linesOfBlock } from './inflate.js';
import { lowerBound } from './lines.js';
import { whenThere } from './wire.js';

const keptMax = 48;

/** The texts of lines: blocks are inflated when they are looked at, and the last ones kept. */
export class Texts {
  /** How many lines there are up to the end of each block. */
  readonly #ends: Uint32Array;
  readonly #counts: readonly number[];
  readonly #kept = new Map<number, string[] | 'damaged'>();
  readonly #coming = new Map<number, Promise<void>>();
  onCome: () => void = () => undefined;

  constructor(counts: readonly number[]) {
    this.#counts = counts;
    let sum = 0;
    this.#ends = Uint32Array.from(counts, (count) => {
      sum += count;
      return sum;
    });
  }

  blockOf(line: number): number {
    return lowerBound(this.#ends, line + 1);
  }

  firstOf(block: number): number {
    return (this.#ends[block] ?? 0) - (this.#counts[block] ?? 0);
  }

  countOf(block: number): number {
    return this.#counts[block] ?? 0;
  }

  /** Undefined while it is not there; then `onCome` tells. */
  now(line: number): string | { damaged: number } | undefined {
    const block = this.blockOf(line);
    const found = this.#kept.get(block);
    if (found === undefined) {
      this.#fetch(block).then(this.onCome);
      return undefined;
    }
    this.#keep(block, found);
    return found === 'damaged' ? { damaged: this.countOf(block) } : (found[line - this.firstOf(block)] ?? '');
  }

  async of(line: number): Promise<string> {
    await this.#fetch(this.blockOf(line));
    const found = this.now(line);
    return typeof found === 'string' ? found : damagedText(found?.damaged ?? 0);
  }

  #keep(block: number, found: string[] | 'damaged'): void {
    this.#kept.delete(block);
    this.#kept.set(block, found);
    for (const [oldest] of this.#kept) {
      if (this.#kept.size <= keptMax) break;
      this.#kept.delete(oldest);
    }
  }

  #fetch(block: number): Promise<void> {
    if (this.#kept.has(block)) return Promise.resolve();
    const coming = this.#coming.get(block) ?? this.#load(block);
    this.#coming.set(block, coming);
    return coming;
  }

  async #load(block: number): Promise<void> {
    const texts = await linesOfBlock(await whenThere(`b${block}`), this.countOf(block));
    this.#keep(block, texts ?? 'damaged');
    this.#coming.delete(block);
  }
}

export function damagedText(count: number): string {
  return `these ${count} lines cannot be read: this file was damaged on its way`;
}
