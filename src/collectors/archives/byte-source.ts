/** Takes a stream apart as a format needs it. */
export type ByteSource = {
  /** The next bytes, at least one and at most `atMost`; undefined at the end. */
  some(atMost: number): Promise<Buffer | undefined>;
  /** Exactly `bytes` bytes; undefined when the stream ends before. */
  exactly(bytes: number): Promise<Buffer | undefined>;
  /** Skips `bytes` bytes. @returns whether they were there */
  skip(bytes: number): Promise<boolean>;
  /** Up to `bytes` bytes without consuming them; fewer at the end. */
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

/** Joins two buffers. Bytes that are put back already lie before the rest in memory, so nothing is copied. */
function joined(before: Buffer, rest: Buffer): Buffer {
  if (rest.length === 0) return before;
  if (before.buffer === rest.buffer && before.byteOffset + before.length === rest.byteOffset)
    return Buffer.from(rest.buffer, before.byteOffset, before.length + rest.length);
  return Buffer.concat([before, rest]);
}
