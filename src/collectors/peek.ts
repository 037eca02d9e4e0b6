/** Content whose beginning was looked at. */
export type Peeked = {
  head: Buffer;
  /** There is no more than the head. */
  isWhole: boolean;
  /** All of it, from the beginning. */
  content: AsyncGenerator<Buffer>;
};

/** Looks at the first bytes, so many where there are so many, without taking them away. */
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

/** Lets go of content that nobody reads on. */
export async function dispose(content: AsyncGenerator<Buffer>): Promise<void> {
  await content.next();
  await content.return(undefined);
}
