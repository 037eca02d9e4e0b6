import { PassThrough, Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { chunksOf } from '../../src/ssh/files/stream-limits.ts';

const never = new AbortController().signal;
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('the chunks of a stream', () => {
  it('come as they are, in their order, to the end', async () => {
    const stream = new PassThrough();
    const came: string[] = [];
    for (const text of ['one', 'two', 'three']) stream.write(text);
    setImmediate(() => stream.end('four'));

    for await (const chunk of chunksOf(stream, never, 'server')) came.push(chunk.toString());

    expect(came.join(' ')).toBe('one two three four');
  });

  it('are held back while nobody takes them, and none is lost then', async () => {
    const stream = new PassThrough({ highWaterMark: 64 * 1024 });
    const chunks = chunksOf(stream, never, 'server');
    const first = chunks.next();
    await settled();
    stream.write(Buffer.alloc(1));
    expect((await first).value).toHaveLength(1);

    let offered = 0;
    while (stream.write(Buffer.alloc(32 * 1024))) {
      offered++;
      await settled();
      if (offered > 1000) break;
    }
    stream.end();
    let bytes = 0;
    for await (const chunk of chunks) bytes += chunk.length;

    expect(offered).toBeLessThan(40); // 512 kB here, and what the stream itself may hold
    expect(bytes).toBe((offered + 1) * 32 * 1024);
  });

  it.each(['breaks', 'is no longer wanted'])('are given up to what came before it %s', async (how) => {
    const stopped = new AbortController();
    const stream = new Readable({ read: () => undefined });
    const chunks = chunksOf(stream, stopped.signal, 'server');
    const first = chunks.next();
    await settled();
    for (let part = 0; part < 60; part++) stream.push(Buffer.alloc(32 * 1024));
    let bytes = (await first).value?.length ?? 0;
    await settled();

    if (how === 'breaks') stream.destroy();
    else stopped.abort(new Error('no longer'));
    const drained = (async () => {
      for await (const chunk of chunks) bytes += chunk.length;
    })();

    if (how === 'breaks') await drained;
    else await expect(drained).rejects.toThrow('no longer');
    expect(bytes).toBe(60 * 32 * 1024);
  });

  it('end with the reason of whoever wants no more', async () => {
    const stopped = new AbortController();
    const stream = new PassThrough();
    const next = chunksOf(stream, stopped.signal, 'server').next();
    await settled();

    stopped.abort(new Error('no longer'));

    await expect(next).rejects.toThrow('no longer');
    expect(stream.listenerCount('data')).toBe(0);
  });
});
