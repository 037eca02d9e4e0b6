import { programPath } from './requirements.ts';

/** What makes work durable, and gives it its name. */
export const durableCalls = ['fsync', 'rename', 'link', 'unlink'] as const;

/** For `RunOptions`: under strace, with one thread for files, so that the n-th call is the same one each time. */
export function straced(...trace: string[]): { under: string[]; env: Record<string, string> } {
  return {
    under: [programPath('strace'), '-f', '--seccomp-bpf', '-qq', ...trace],
    env: { UV_THREADPOOL_SIZE: '1' },
  };
}
