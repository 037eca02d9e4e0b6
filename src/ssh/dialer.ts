import { setTimeout as delay } from 'node:timers/promises';
import type { ShownHostKey } from '../domain/host-key.js';
import { retried } from '../domain/retried.js';
import { UserError } from '../errors.js';
import { askHostKey, connect } from './connect.js';
import type { ConnectTarget } from './connect-target.js';
import type { Connection } from './connection.js';
import { JumpHosts } from './jump-hosts.js';
import { probeOf } from './probe.js';

/** Connects to servers, directly or through jump hosts. A jump host is logged in to once for all servers behind it. */
export interface Dialer {
  /** @throws UserError, see `connect`; that of a jump host when the connection fails there */
  dial(target: ConnectTarget, signal: AbortSignal): Promise<Connection>;
  /** Asks for a host key and sends nothing secret to that server. */
  askHostKey(target: ConnectTarget, signal: AbortSignal): Promise<ShownHostKey>;
  /** Logs in to a jump host for all who go through it. @returns a function that releases it; until then it stays open */
  holdJumpHost(hop: ConnectTarget, signal: AbortSignal): Promise<() => void>;
}

/** Pauses before new attempts at a server that drops new connections for the moment. */
const busyPausesMs = [500, 1500];

export function openDialer(): Dialer {
  const jumpHosts = new JumpHosts(dial);

  async function dial(target: ConnectTarget, signal: AbortSignal): Promise<Connection> {
    const { result, leave } = await jumpHosts.through(target, signal, (through) =>
      retryWhileBusy(() => connect(target, signal, through), signal),
    );
    result.lost.addEventListener('abort', leave, { once: true });
    return {
      ...result,
      close: () => {
        result.close();
        leave();
      },
    };
  }

  return {
    dial,
    async askHostKey(target, signal) {
      const { result, leave } = await jumpHosts.through(target, signal, (through) =>
        retryWhileBusy(() => askHostKey(target, signal, through), signal),
      );
      leave();
      return result;
    },
    async holdJumpHost(hop, signal) {
      return (await jumpHosts.through({ ...hop, via: hop }, signal, async () => undefined)).leave;
    },
  };
}

/** Tries again where the server hung up before anything was said: it has too many connections at the moment. */
async function retryWhileBusy<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
  return retried(work, {
    pauseAfter: (error, failures) => (hungUpAtOnce(error) ? busyPausesMs[failures - 1] : undefined),
    pause: (ms) => delay(ms, undefined, { signal }).catch(() => undefined), // the next attempt throws the signal's reason
  });
}

function hungUpAtOnce(error: unknown): boolean {
  const probe = probeOf(error);
  if (!(error instanceof UserError) || error.code !== 'unreachable' || probe === undefined) return false;
  return (
    (probe.reached === 'tcp' || probe.reached === 'ssh') &&
    probe.hostKey === undefined &&
    /closed the connection|ECONNRESET|connection lost|MaxStartups/i.test(error.message)
  );
}
