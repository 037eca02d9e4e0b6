/** Words of several lists, all looked for in one pass (Aho and Corasick). */
export type Anchors = {
  /** Where the first word that begins at `from` or later ends; -1: there is none. */
  firstIn(bytes: Uint8Array, from: number): number;
  /** By list: whether one of its words is in a text. */
  listsIn(text: string): boolean[];
};

const alphabet = 256;

const made = new Map<string, Anchors>();

/** @param lists words in lower case; texts may have them in any. Bytes, or texts in latin1. */
export function anchorsOf(lists: readonly (readonly string[])[]): Anchors {
  const key = lists.map((words) => words.join('\n')).join('\n\n');
  const anchors = made.get(key) ?? createAnchors(lists); // every redactor has the same ones
  made.set(key, anchors);
  return anchors;
}

function createAnchors(lists: readonly (readonly string[])[]): Anchors {
  const { next, found } = automaton(lists);
  const ends = Uint8Array.from(found, (each) => Math.min(1, each.length));
  const rows = next.map((state) => (ends[state] === 1 ? -1 : state * alphabet));
  return {
    firstIn(bytes, from) {
      let row = 0;
      for (let at = from; at < bytes.length; at++) {
        row = rows[row + (bytes[at] as number)] as number;
        if (row < 0) return at;
      }
      return -1;
    },
    listsIn(text) {
      const result = lists.map(() => false);
      let state = 0;
      for (let at = 0; at < text.length; at++) {
        state = next[state * alphabet + (text.charCodeAt(at) & 0xff)] as number;
        if (ends[state] === 1) for (const list of found[state] ?? []) result[list] = true;
      }
      return result;
    },
  };
}

/** The state after each state and byte, and the lists whose words end in a state. */
function automaton(lists: readonly (readonly string[])[]): { next: Int32Array; found: number[][] } {
  const { children, found } = trie(lists);
  const next = new Int32Array(children.length * alphabet);
  const queue = [{ state: 0, shorter: 0 }];
  for (let each = queue.shift(); each !== undefined; each = queue.shift()) {
    const { state, shorter } = each;
    const row = state * alphabet;
    next.copyWithin(row, shorter * alphabet, (shorter + 1) * alphabet);
    if (state !== 0) found[state]?.push(...(found[shorter] ?? []));
    for (const [byte, child] of children[state] ?? []) {
      queue.push({ state: child, shorter: state === 0 ? 0 : (next[row + byte] ?? 0) });
      next[row + byte] = child;
      next[row + upperCase(byte)] = child;
    }
  }
  return { next, found };
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
