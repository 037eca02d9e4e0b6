import { matcher } from './matcher.js';
import type { Texts } from './texts.js';
import { sourceOf, whenThere } from './wire.js';
import type { Asked, Told } from './worker-words.js';

const inFlight = 4;
const timesMax = 20_000;
const regexMs = 10_000;

export type SearchState = 'working' | 'done' | 'stopped' | 'too-slow' | 'bad-pattern';

/** One search through all lines, in a worker that ends with it. */
export class Search {
  /** 1 for each line it was found in. */
  readonly hits: Uint8Array;
  count = 0;
  state: SearchState = 'working';
  damaged = 0;
  readonly #worker: Worker | undefined;
  readonly #texts: Texts;
  readonly #order: number[];
  readonly #blocks: number;
  #answered = 0;
  #limit: number | undefined;
  readonly #onNews: () => void;

  /** @param order of blocks, those to be looked at first in front */
  constructor(query: string, isRegex: boolean, lines: number, texts: Texts, order: number[], onNews: () => void) {
    this.hits = new Uint8Array(lines);
    this.#texts = texts;
    this.#order = order;
    this.#blocks = order.length;
    this.#onNews = onNews;
    try {
      matcher(query, isRegex);
    } catch {
      this.state = 'bad-pattern'; // as it is typed: told beside the field
      return;
    }
    this.#worker = startWorker();
    this.#worker.addEventListener('message', ({ data }: MessageEvent<Told>) => this.#told(data));
    this.#ask({ type: 'search', query, isRegex });
    if (isRegex) this.#limit = window.setTimeout(() => this.stop('too-slow'), regexMs);
    for (let place = 0; place < inFlight; place++) this.#next();
    if (this.#blocks === 0) this.stop('done');
  }

  /** How much of all lines was looked at. */
  get share(): number {
    return this.#blocks === 0 ? 1 : this.#answered / this.#blocks;
  }

  /** When the first lines were that it was found in. */
  times(at: ArrayLike<number>): number[] {
    const found: number[] = [];
    for (let line = 0; line < this.hits.length && found.length < timesMax; line++)
      if (this.hits[line] === 1) found.push(at[line] ?? 0);
    return found;
  }

  stop(state: SearchState = 'stopped'): void {
    if (this.state !== 'working') return;
    this.state = state;
    window.clearTimeout(this.#limit);
    this.#worker?.terminate();
    this.#onNews();
  }

  #ask(asked: Asked): void {
    this.#worker?.postMessage(asked);
  }

  async #next(): Promise<void> {
    const block = this.#order.shift();
    if (block === undefined) return;
    const base64 = await whenThere(`b${block}`);
    if (this.state === 'working') this.#ask({ type: 'block', block, base64, count: this.#texts.countOf(block) });
  }

  #told({ block, hits }: Told): void {
    if (this.state !== 'working') return;
    this.#answered++;
    if (hits === undefined) this.damaged++;
    const first = this.#texts.firstOf(block);
    for (const hit of hits ?? []) this.hits[first + hit] = 1;
    this.count += hits?.length ?? 0;
    if (this.#answered === this.#blocks) {
      this.stop('done');
      return;
    }
    this.#next();
    this.#onNews();
  }
}

type Policies = { createPolicy(name: string, rules: { createScriptURL(url: string): string }): Policy };
type Policy = { createScriptURL(url: string): string };

/** The only thing that is ever made of a text of the page: our own worker, of its own element. */
const policy = (window as { trustedTypes?: Policies }).trustedTypes?.createPolicy('icepack', {
  createScriptURL: (url) => url,
});

function startWorker(): Worker {
  const url = URL.createObjectURL(new Blob([sourceOf('worker')], { type: 'text/javascript' }));
  try {
    return new Worker(policy?.createScriptURL(url) ?? url);
  } finally {
    URL.revokeObjectURL(url);
  }
}
