import { describe, expect, it } from 'vitest';
import { beside } from '../../src/collectors/beside.ts';

const megabyte = Buffer.alloc(1_000_000);

async function* chunksOf(count: number, failure?: Error): AsyncGenerator<Buffer> {
  for (let n = 0; n < count; n++) yield megabyte;
  if (failure !== undefined) throw failure;
}

async function bytesOf(chunks: AsyncIterable<Buffer>, most = Number.POSITIVE_INFINITY): Promise<number> {
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes >= most) break;
  }
  return bytes;
}

describe('looking at chunks as they pass', () => {
  it('both get all of them', async () => {
    const { chunks, looked } = beside(chunksOf(20), bytesOf);

    expect([await bytesOf(chunks), await looked]).toEqual([20_000_000, 20_000_000]);
  });

  it('whoever looks may stop early, and the others come all the same', async () => {
    const { chunks, looked } = beside(chunksOf(20), (copy) => bytesOf(copy, 1));

    expect([await bytesOf(chunks), await looked]).toEqual([20_000_000, 1_000_000]);
  });

  it('whoever looks may leave the rest where it is (field-B01)', async () => {
    const { chunks, looked } = beside(chunksOf(20), async (copy) => {
      const first = await copy[Symbol.asyncIterator]().next();
      return first.value?.length;
    });

    expect([await bytesOf(chunks), await looked]).toEqual([20_000_000, 1_000_000]);
  });

  it('whoever looks is let go when the chunks are no longer wanted', async () => {
    const { chunks, looked } = beside(chunksOf(20), bytesOf);

    await bytesOf(chunks, 1);

    await expect(looked).rejects.toThrow('Premature close');
  });

  it('what ends the chunks early is told to who takes them', async () => {
    const { chunks } = beside(chunksOf(3, new Error('the source failed')), bytesOf);

    await expect(bytesOf(chunks)).rejects.toThrow('the source failed');
  });

  it('no more are taken than whoever looks has looked at', async () => {
    let taken = 0;
    async function* counted() {
      for await (const chunk of chunksOf(100)) {
        taken++;
        yield chunk;
      }
    }
    let goOn: () => void = () => undefined;
    const slow = async (copy: AsyncIterable<Buffer>) => {
      for await (const _chunk of copy) {
        await new Promise<void>((resolve) => {
          goOn = resolve;
        });
        break;
      }
    };
    const { chunks } = beside(counted(), slow);
    const reading = bytesOf(chunks);
    await new Promise((resolve) => setTimeout(resolve, 50));
    const takenMeanwhile = taken;
    goOn();

    expect(await reading).toBe(100_000_000);
    expect(takenMeanwhile).toBeLessThan(5);
  });
});
