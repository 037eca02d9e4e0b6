import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { OpenedSftp } from '../../src/ssh/connection.ts';
import { callsOn } from '../../src/ssh/files/sftp-calls.ts';
import type { Done } from '../../src/ssh/files/sftp-request.ts';

const never = new AbortController().signal;
const isNothing = (value: unknown) => value === undefined;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Writes that are all under way at once, and a server that answers when it is told to. */
function startWrites(count: number) {
  const opened = { sftp: new EventEmitter(), lost: never, close: () => undefined } as unknown as OpenedSftp;
  const call = callsOn(opened, 'the drop')(never);
  const waiting: Done<void>[] = [];
  const writes = Array.from({ length: count }, () => call<void>('/in/a.zip', (done) => waiting.push(done), isNothing));
  const all = Promise.allSettled(writes);
  return { all, answer: () => waiting.shift()?.(undefined, undefined) };
}

describe('a server that answers slowly, one request after the other', () => {
  it('is waited for as long as answers come, also by the request whose turn is last', async () => {
    const { all, answer } = startWrites(32);
    for (let turn = 0; turn < 32; turn++) {
      await vi.advanceTimersByTimeAsync(2000);
      answer();
    }

    expect((await all).map(({ status }) => status)).toEqual(Array.from({ length: 32 }, () => 'fulfilled'));
  });

  it('is given up when 30 s have passed without any', async () => {
    const { all, answer } = startWrites(3);
    await vi.advanceTimersByTimeAsync(20_000);
    answer();
    await vi.advanceTimersByTimeAsync(29_000);
    let isOver = false;
    all.then(() => {
      isOver = true;
    });
    await vi.advanceTimersByTimeAsync(0);
    expect(isOver).toBe(false);
    await vi.advanceTimersByTimeAsync(12_000);

    const [first, second] = await all;
    expect(first?.status).toBe('fulfilled');
    expect(second).toMatchObject({
      status: 'rejected',
      reason: { code: expect.stringMatching(/^(transfer-stalled|session-lost)$/) },
    });
  });
});
