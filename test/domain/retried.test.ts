import { describe, expect, it } from 'vitest';
import { doubling, retried } from '../../src/domain/retried.ts';

/** Fails so often, and counts. */
function failing(times: number) {
  const attempts = { count: 0 };
  const work = async () => {
    attempts.count++;
    if (attempts.count <= times) throw new Error(`failure ${attempts.count}`);
    return 'done';
  };
  return { attempts, work };
}

describe('what is tried again', () => {
  it('waits after each failure, longer each time, until it goes well', async () => {
    const { work, attempts } = failing(3);
    const paused: string[] = [];

    const result = await retried(work, {
      pauseAfter: (_error, failures) => doubling(500, failures, 1500),
      pause: async (ms, error) => paused.push(`${error}: ${ms}`),
    });

    expect(result).toBe('done');
    expect(attempts.count).toBe(4);
    expect(paused).toEqual(['Error: failure 1: 500', 'Error: failure 2: 1000', 'Error: failure 3: 1500']);
  });

  it('ends with its last failure, without another pause, where that is final', async () => {
    const { work, attempts } = failing(9);
    let pauses = 0;

    const result = retried(work, {
      pauseAfter: (_error, failures) => (failures < 3 ? 1 : undefined),
      pause: async () => pauses++,
    });

    await expect(result).rejects.toThrow('failure 3');
    expect([attempts.count, pauses]).toEqual([3, 2]);
  });

  it('ends with what ends its pause', async () => {
    const { work, attempts } = failing(9);

    const result = retried(work, {
      pauseAfter: () => 1,
      pause: () => Promise.reject(new Error('interrupted')),
    });

    await expect(result).rejects.toThrow('interrupted');
    expect(attempts.count).toBe(1);
  });
});
