/** The words of several lists, all searched for in one pass (Aho and Corasick). */
export type Anchors = {
  /** Where the first word that begins at `from` or later ends; -1: there is none. */
  firstIn(bytes: Uint8Array, from: number): number;
  /** The lists that have a word in a text, in order. */
  listsIn(text: string): number[];
};

const made = new Map<string, Anchors>();

/** @param lists words in lower case; upper and lower case match alike. Bytes, or texts in latin1. */
export function anchorsOf(lists: readonly (readonly string[])[]): Anchors {
  const key = lists.map((words) => words.join('\n')).join('\n\n');
  const anchors = made.get(key) ?? createAnchors(lists); // every redactor has the same ones
  made.set(key, anchors);
  return anchors;
}

function createAnchors(lists: readonly (readonly string[])[]): Anchors {
  const { next, found, classes, width } = automaton(lists);
  const ends = Uint8Array.from(found, (each) => Math.min(1, each.length));
  const rows = next.map((state) => (ends[state] === 1 ? -1 : state * width));
  return {
    firstIn(bytes, from) {
      let row = 0;
      for (let at = from; at < bytes.length; at++) {
        row = rows[row + (classes[bytes[at] as number] as number)] as number;
        if (row < 0) return at;
      }
      return -1;
    },
    listsIn(text) {
      const result: number[] = [];
      let state = 0;
      for (let at = 0; at < text.length; at++) {
        state = next[state * width + (classes[text.charCodeAt(at) & 0xff] as number)] as number;
        if (ends[state] === 1) for (const list of found[state] ?? []) if (!result.includes(list)) result.push(list);
      }
      return result.sort((a, b) => a - b);
    },
  };
}

type Automaton = {
  /** The next state for each state and class of bytes. */
  next: Int32Array;
  /** The lists whose words end in each state. */
  found: number[][];
  /**
   * The class of each byte. Bytes that are in no word share one class, and so do both cases of a letter: the small table
   * stays in the cache.
   */
  classes: Uint8Array;
  width: number;
};

function automaton(lists: readonly (readonly string[])[]): Automaton {
  const { classes, width } = classesOf(lists);
  const { children, found } = trie(lists);
  const next = new Int32Array(children.length * width);
  const queue = [{ state: 0, shorter: 0 }];
  for (let each = queue.shift(); each !== undefined; each = queue.shift()) {
    const { state, shorter } = each;
    const row = state * width;
    next.copyWithin(row, shorter * width, (shorter + 1) * width);
    if (state !== 0) found[state]?.push(...(found[shorter] ?? []));
    for (const [byte, child] of children[state] ?? []) {
      const place = row + (classes[byte] ?? 0);
      queue.push({ state: child, shorter: state === 0 ? 0 : (next[place] ?? 0) });
      next[place] = child;
    }
  }
  return { next, found, classes, width };
}

function classesOf(lists: readonly (readonly string[])[]): { classes: Uint8Array; width: number } {
  const bytes = new Set(Buffer.from(lists.flat().join(''), 'latin1'));
  const classes = new Uint8Array(256);
  let width = 1;
  for (const byte of bytes) {
    classes[byte] = width;
    classes[upperCase(byte)] = width++;
  }
  return { classes, width };
}

function trie(lists: readonly (readonly string[])[]): { children: Map<number, number>[]; found: number[][] } {
  const children = [new Map<number, number>()];
  const found: number[][] = [[]];
  for (const [list, words] of lists.entries()) {
    for (const word of words) {
      let state = 0;
      for (const byte of Buffer.from(word, 'latin1')) {
        const child = children[state]?.get(byte) ?? children.push(new Map()) - 1;
        children[state]?.set(byte, child);
        if (found.length <= child) found.push([]);
        state = child;
      }
      found[state]?.push(list);
    }
  }
  return { children, found };
}

function upperCase(byte: number): number {
  return byte >= 97 && byte <= 122 ? byte - 32 : byte;
}
