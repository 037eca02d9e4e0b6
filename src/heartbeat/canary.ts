import { once } from 'node:events';
import net from 'node:net';
import type { Canary } from '../domain/watch-self.js';
import { reasonOf } from '../errors.js';

const limitMs = 3000;

/** Asks a place for a connection, which is given up at once. @returns why there is none; undefined where there is one */
export async function askCanary({ host, port }: Canary, signal: AbortSignal): Promise<string | undefined> {
  const limit = AbortSignal.timeout(limitMs);
  const socket = net.connect({ host, port });
  try {
    await once(socket, 'connect', { signal: AbortSignal.any([signal, limit]) });
    return undefined;
  } catch (error) {
    signal.throwIfAborted();
    return limit.aborted ? `no answer within ${limitMs / 1000} s` : reasonOf(error);
  } finally {
    socket.destroy();
  }
}
