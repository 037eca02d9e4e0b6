/** Takes a stream apart as a format needs it. */
export type ByteSource = {
  /** The next bytes, at least one and at most so many; undefined at the end. */
  some(atMost: number): Promise<Buffer | undefined>;
  /** So many bytes; undefined when the stream ends before. */
  exactly(bytes: number): Promise<Buffer | undefined>;
  /** Passes over so many bytes. @returns whether they were there */
  skip(bytes: number): Promise<boolean>;
  /** Up to so many bytes, which stay where they are; fewer at the end. */
  peek(bytes: number): Promise<Buffer>;
  putBack(bytes: Buffer): void;
};

export function byteSource(chunks: AsyncIterable<Buffer>): ByteSource {
  const iterator = chunks[Symbol.asyncIterator]();
  let rest: Buffer = Buffer.alloc(0);
  const source: ByteSource = {
    async some(atMost) {
      while (rest.length === 0) {
        const next = await iterator.next();
        if (next.done) return undefined;
        rest = next.value;
      }
      const taken = rest.subarray(0, atMost);
      rest = rest.subarray(taken.length);
      return taken;
    },
    async exactly(bytes) {
      const taken = await gather(bytes);
      if (taken.length === bytes) return taken;
      source.putBack(taken);
      return undefined;
    },
    async skip(bytes) {
      for (let left = bytes; left > 0; ) {
        const taken = await source.some(left);
        if (taken === undefined) return false;
        left -= taken.length;
      }
      return true;
    },
    async peek(bytes) {
      const seen = await gather(bytes);
      source.putBack(seen);
      return seen;
    },
    putBack(bytes) {
      rest = joined(bytes, rest);
    },
  };
  async function gather(bytes: number): Promise<Buffer> {
    const first = await source.some(bytes);
    if (first === undefined || first.length === bytes) return first ?? Buffer.alloc(0);
    const parts = [first];
    for (let left = bytes - first.length; left > 0; ) {
      const taken = await source.some(left);
      if (taken === undefined) break;
      parts.push(taken);
      left -= taken.length;
    }
    return Buffer.concat(parts);
  }
  return source;
}

/** What was taken and is put back lies before the rest already: nothing is copied. */
function joined(before: Buffer, rest: Buffer): Buffer {
  if (rest.length === 0) return before;
  if (before.buffer === rest.buffer && before.byteOffset + before.length === rest.byteOffset)
    return Buffer.from(rest.buffer, before.byteOffset, before.length + rest.length);
  return Buffer.concat([before, rest]);
}
