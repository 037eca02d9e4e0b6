import { spawn } from 'node:child_process';
import { programPath } from './requirements.ts';
import { binary } from './rig.ts';

/** A call of the operating system at which something happens: the N-th of its kind in a thread. */
export type Injection = { call: string; nth: number; what: 'kill' | `error=${string}` };

/**
 * Runs the built program and lets the operating system kill it, or fail, at one call. File work is done by one thread, as
 * calls are counted per thread.
 * @returns its exit code, or `null` when it was killed
 */
export function runInjected(
  args: readonly string[],
  { call, nth, what }: Injection,
  { env, cwd }: { env: Record<string, string>; cwd: string },
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const effect = what === 'kill' ? 'signal=KILL' : what;
  const strace = ['-f', '-qq', '-o', '/dev/null', '-e', `trace=${call}`, '-e', `inject=${call}:${effect}:when=${nth}`];
  const child = spawn(programPath('strace'), [...strace, process.execPath, binary, ...args], {
    env: { ...env, UV_THREADPOOL_SIZE: '1' },
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    // strace ends as what it traced: by the same signal, or with the same code.
    child.once('close', (code) =>
      resolve({ code, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() }),
    );
  });
}
