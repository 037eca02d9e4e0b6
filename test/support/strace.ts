import { programPath } from './requirements.ts';

/** What makes work last, and gives it its name. */
export const durableCalls = ['fsync', 'rename', 'link', 'unlink'] as const;

/**
 * For `RunOptions`: under strace, with one thread for files, so that the n-th call is the same one each time.
 * @param inject what becomes of a call, e.g. `fsync:signal=KILL:when=3`
 * @param log where the calls are written down
 */
export function straced(
  calls: readonly string[],
  { inject, log = '/dev/null' }: { inject?: string; log?: string },
): { under: string[]; env: Record<string, string> } {
  const what = ['-e', `trace=${calls.join()}`, ...(inject === undefined ? [] : ['-e', `inject=${inject}`]), '-o', log];
  return {
    under: [programPath('strace'), '-f', '-qq', ...what],
    env: { UV_THREADPOOL_SIZE: '1' },
  };
}
