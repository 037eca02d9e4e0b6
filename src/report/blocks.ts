import type { Lines } from '../reading/reading.js';
import { deflate } from './deflate.js';
import type { BlockLimit } from './page-data.js';

export const blockLimit: BlockLimit = { lines: 2048, bytes: 256 * 1024 };

/** So many are deflated at once. */
const atOnce = 4;

export type Block = { lines: number; deflated: Buffer };

export type Packed = {
  /** Those that fit; all of them where `bytes` is within the limit. */
  blocks: Block[];
  /** As base64. */
  bytes: number;
  /** The texts that were asked for, by their place. */
  texts: Map<number, string>;
};

export type PackOptions = {
  /** Which lines; all of them where it is undefined. */
  keep: Uint8Array | undefined;
  /** Beyond that nothing is kept in memory; what it takes is only counted. */
  maxBytes: number;
  /** The places of lines whose texts are wanted beside. */
  wanted: ReadonlySet<number>;
  signal: AbortSignal | undefined;
};

/** Puts the texts of all lines into blocks, in one pass over the bundle. */
export async function packBlocks(lines: Lines, { keep, maxBytes, wanted, signal }: PackOptions): Promise<Packed> {
  const writer = new BlockWriter(maxBytes);
  const texts = new Map<number, string>();
  let place = 0;
  for await (const batch of lines.texts(signal)) {
    for (const text of batch) {
      if (wanted.has(place)) texts.set(place, text);
      if (keep?.[place] !== 0 && writer.add(text)) await writer.room();
      place++;
    }
  }
  return { ...(await writer.end()), texts };
}

/** Gathers lines until a block is full; deflates some blocks beside each other. */
class BlockWriter {
  #texts: string[] = [];
  #length = 0;
  #bytes = 0;
  readonly #blocks: Block[] = [];
  readonly #working = new Set<Promise<void>>();
  readonly #maxBytes: number;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** @returns whether a block was begun to be deflated */
  add(text: string): boolean {
    this.#texts.push(text);
    this.#length += text.length;
    if (this.#texts.length < blockLimit.lines && this.#length < blockLimit.bytes) return false;
    this.#flush();
    return true;
  }

  async room(): Promise<void> {
    while (this.#working.size >= atOnce) await Promise.race(this.#working);
  }

  async end(): Promise<{ blocks: Block[]; bytes: number }> {
    if (this.#texts.length > 0) this.#flush();
    await Promise.all(this.#working);
    return { blocks: this.#blocks, bytes: this.#bytes };
  }

  #flush(): void {
    const place = this.#blocks.length;
    const lines = this.#texts.length;
    const text = Buffer.from(this.#texts.join('\n'));
    this.#texts = [];
    this.#length = 0;
    this.#blocks.push({ lines, deflated: Buffer.alloc(0) });
    const work = this.#deflate(place, lines, text).finally(() => this.#working.delete(work));
    this.#working.add(work);
  }

  async #deflate(place: number, lines: number, text: Buffer): Promise<void> {
    const deflated = await deflate(text);
    this.#bytes += Math.ceil(deflated.length / 3) * 4;
    if (this.#bytes <= this.#maxBytes) this.#blocks[place] = { lines, deflated };
  }
}
