import { createHash } from 'node:crypto';
import net from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { retried } from '../domain/retried.js';
import { trace } from '../domain/trace.js';
import { exitCode, UserError } from '../errors.js';
import { isCode } from '../fs/durable.js';

const retryMs = 20;
const patienceMs = 30_000;

/**
 * Does the work while no other process on this machine works on the same path. The kernel holds the lock, so it ends with
 * the process, however that ends.
 * @throws UserError `busy`
 */
export async function withLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  const name = nameFor(path);
  const holder = name === undefined ? undefined : await hold(name, path);
  trace('lock', () => `${holder === undefined ? 'not held here' : 'taken'}: ${path}`);
  try {
    return await work();
  } finally {
    holder?.close();
    trace('lock', () => `released: ${path}`);
  }
}

/**
 * Takes a lock among the processes of this user on this machine, at once or not at all.
 * @returns a function that releases it
 * @throws UserError `busy`
 */
export async function takeLock(what: string): Promise<() => void> {
  const name = nameFor(what);
  if (name === undefined) return () => undefined;
  try {
    const holder = await listen(name);
    holder.unref();
    trace('lock', () => `taken: ${what}`);
    return () => {
      holder.close();
      trace('lock', () => `released: ${what}`);
    };
  } catch (error) {
    if (!isCode(error, 'EADDRINUSE')) throw error;
    trace('lock', () => `busy: ${what}`);
    const hint = `See who holds it: ss -lxp | grep ${name.slice(1)}`;
    throw new UserError('busy', 'another icepack is at work on it', { exit: exitCode.busy, hint, cause: error });
  }
}

/** Whether this system has locks: abstract sockets, which leave nothing behind, exist on Linux only. */
export function holdsLocks(): boolean {
  return process.platform === 'linux';
}

/** The name of the socket that is the lock; undefined where nothing is locked. */
function nameFor(path: string): string | undefined {
  if (!holdsLocks()) return undefined;
  const name = `icepack-${process.getuid?.() ?? 0}-${createHash('sha256').update(path).digest('hex').slice(0, 16)}`;
  return `\0${name}`;
}

async function hold(name: string, path: string): Promise<net.Server> {
  return retried(() => listen(name), {
    pauseAfter(error, failures) {
      if (!isCode(error, 'EADDRINUSE')) return undefined;
      if (failures * retryMs <= patienceMs) return retryMs;
      throw new UserError('busy', `"${path}" is being changed by another icepack`, {
        exit: exitCode.busy,
        cause: error,
      });
    },
    pause: (ms) => delay(ms),
  });
}

function listen(name: string): Promise<net.Server> {
  const server = net.createServer();
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(name, () => resolve(server));
  });
}
