import type { Flaw } from './archive.js';

/** So many of a kind are told one by one. */
const toldOfAKind = 5;

/** Gathers what is wrong; a hostile archive may have a flaw in each of its entries. */
export class FlawList {
  readonly #told: Flaw[] = [];
  readonly #counts = new Map<Flaw['id'], number>();

  add(id: Flaw['id'], text: string, entry?: string): void {
    const count = (this.#counts.get(id) ?? 0) + 1;
    this.#counts.set(id, count);
    if (count <= toldOfAKind) this.#told.push(entry === undefined ? { id, text } : { id, entry, text });
  }

  all(): Flaw[] {
    const more = [...this.#counts].filter(([, count]) => count > toldOfAKind);
    return [
      ...this.#told,
      ...more.map(([id, count]): Flaw => ({ id, text: `and ${count - toldOfAKind} more like it` })),
    ];
  }
}
