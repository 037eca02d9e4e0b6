import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { listTar } from '../../src/reading/facts/tar-listing.ts';
import { tarOf } from '../support/made-tar.ts';

/** Chunks of a file that says when it was closed. */
function watched(content: Buffer): { chunks: AsyncIterable<Buffer>; isClosed: () => boolean } {
  let closed = false;
  async function* read(): AsyncGenerator<Buffer> {
    try {
      for (let at = 0; at < content.length; at += 1024) yield content.subarray(at, at + 1024);
    } finally {
      closed = true;
    }
  }
  return { chunks: read(), isClosed: () => closed };
}

describe('the list of a backup', () => {
  it.each([
    ['a tar archive', tarOf({ 'a.xml': 'x' }), true],
    ['what is no archive', randomBytes(100_000), false],
    ['what is gzip only in its first bytes', Buffer.concat([Buffer.from([0x1f, 0x8b]), randomBytes(100_000)]), false],
  ])('of %s leaves its file closed', async (_what, content, isWhole) => {
    const { chunks, isClosed } = watched(content);

    expect((await listTar(chunks)).isWhole).toBe(isWhole);
    expect(isClosed()).toBe(true);
  });
});
