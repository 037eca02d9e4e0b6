/** Content whose beginning was looked at. */
export type Peeked = {
  head: Buffer;
  /** The head is everything; nothing follows it. */
  isWhole: boolean;
  /** The whole content, from its beginning. */
  content: AsyncGenerator<Buffer>;
};

/** Looks at the first `headBytes` bytes, or fewer if there are no more, without consuming them. */
export async function peek(content: AsyncIterable<Buffer>, headBytes: number): Promise<Peeked> {
  const chunks = content[Symbol.asyncIterator]();
  const taken: Buffer[] = [];
  let length = 0;
  let isWhole = false;
  let failure: unknown;
  try {
    while (length < headBytes) {
      const next = await chunks.next();
      isWhole = next.done === true;
      if (next.done) break;
      taken.push(next.value);
      length += next.value.length;
    }
  } catch (error) {
    failure = error; // told to whoever reads on
  }
  return {
    head: Buffer.from(Buffer.concat(taken).subarray(0, headBytes)),
    isWhole,
    content: whole(taken, failure, chunks),
  };
}

async function* whole(taken: Buffer[], failure: unknown, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  for (let first = taken.shift(); first !== undefined; first = taken.shift()) yield first; // none is kept longer
  if (failure !== undefined) throw failure;
  yield* { [Symbol.asyncIterator]: () => rest };
}

/** Closes content that nobody reads to its end. */
export async function dispose(content: AsyncGenerator<Buffer>): Promise<void> {
  await content.next();
  await content.return(undefined);
}
