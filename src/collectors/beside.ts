import { PassThrough } from 'node:stream';

/**
 * Passes chunks on, and shows each to an observer; each side waits for the other, so nothing piles up. The observer may
 * stop early, and its result need not be awaited when the chunks ended early.
 */
export function beside<T>(
  chunks: AsyncIterable<Buffer>,
  look: (copy: AsyncIterable<Buffer>) => Promise<T>,
): { chunks: AsyncGenerator<Buffer>; looked: Promise<T> } {
  const copy = new PassThrough();
  copy.on('error', () => undefined); // whoever looks gets it
  const looked = look(copy).finally(() => copy.destroy()); // who has seen enough holds nobody up
  looked.catch(() => undefined); // whoever asks gets it
  async function* passing(): AsyncGenerator<Buffer> {
    try {
      for await (const chunk of chunks) {
        await handOver(copy, chunk);
        yield chunk;
      }
      copy.end();
    } finally {
      if (!copy.writableEnded) copy.destroy();
    }
  }
  return { chunks: passing(), looked };
}

/** Writes one chunk and waits until it has been taken, or until nobody reads any more. */
export function handOver(copy: PassThrough, chunk: Buffer): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      copy.off('close', done);
      resolve();
    };
    copy.once('close', done); // who looks has seen enough; a write that is under way ends with nobody's word then
    if (copy.destroyed) done();
    else copy.write(chunk, done);
  });
}
