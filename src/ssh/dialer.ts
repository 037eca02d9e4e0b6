import { setTimeout as delay } from 'node:timers/promises';
import type { ShownHostKey } from '../domain/host-key.js';
import { UserError } from '../errors.js';
import { askHostKey, connect } from './connect.js';
import type { ConnectTarget } from './connect-target.js';
import type { Connection } from './connection.js';
import { onlyOnce } from './only-once.js';
import { probeOf } from './probe.js';
import { mayComeBack } from './redial.js';

/** Connects to servers, directly or through jump hosts, which are logged in to once for all servers behind them. */
export interface Dialer {
  /** @throws UserError, see `connect`; that of a jump host when the way ends there */
  dial(target: ConnectTarget, signal: AbortSignal): Promise<Connection>;
  /** Asks for a host key and sends nothing secret to whom it belongs. */
  askHostKey(target: ConnectTarget, signal: AbortSignal): Promise<ShownHostKey>;
}

/** A server that drops new connections for the moment is tried again after these. */
const busyPausesMs = [500, 1500];

type Hop = {
  /**
   * Its failure is kept: a credential that was refused is not tried for every server behind it. One that was there
   * before may come back.
   */
  connection: Promise<Connection>;
  users: number;
};

export function openDialer(): Dialer {
  const hops = new Map<string, Hop>();
  const wereThere = new Set<string>();

  async function withWay<T>(
    target: ConnectTarget,
    signal: AbortSignal,
    work: (through: Connection | undefined) => Promise<T>,
  ): Promise<{ result: T; leave: () => void }> {
    if (target.via === undefined) return { result: await work(undefined), leave: () => undefined };
    const hop = hopTo(target.via, signal);
    hop.users++;
    const leave = onlyOnce(() => {
      hop.users--;
      if (hop.users === 0) closeHop(target.via as ConnectTarget, hop);
    });
    try {
      return { result: await work(await hop.connection), leave };
    } catch (error) {
      leave();
      throw error;
    }
  }

  function hopTo(target: ConnectTarget, signal: AbortSignal): Hop {
    const known = hops.get(wayName(target));
    if (known !== undefined) return known;
    const made: Hop = { connection: dial(target, signal), users: 0 };
    hops.set(wayName(target), made);
    made.connection.then(
      (opened) => {
        wereThere.add(wayName(target));
        opened.lost.addEventListener('abort', () => forget(target, made), { once: true });
      },
      (error) => {
        // Whoever needs the way gets the error.
        if (wereThere.has(wayName(target)) && mayComeBack(error)) forget(target, made);
      },
    );
    return made;
  }

  function closeHop(target: ConnectTarget, hop: Hop): void {
    hop.connection.then(
      (opened) => {
        if (hop.users > 0) return; // somebody came along meanwhile
        forget(target, hop);
        opened.close();
      },
      () => undefined, // it never opened
    );
  }

  function forget(target: ConnectTarget, hop: Hop): void {
    if (hops.get(wayName(target)) === hop) hops.delete(wayName(target));
  }

  async function dial(target: ConnectTarget, signal: AbortSignal): Promise<Connection> {
    const { result, leave } = await withWay(target, signal, (through) =>
      patiently(() => connect(target, signal, through), signal),
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
      const { result, leave } = await withWay(target, signal, (through) =>
        patiently(() => askHostKey(target, signal, through), signal),
      );
      leave();
      return result;
    },
  };
}

/** Tries again where the server hung up before anything was said: it has too many connections just now. */
async function patiently<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (const pauseMs of busyPausesMs) {
    try {
      return await work();
    } catch (error) {
      if (!hungUpAtOnce(error)) throw error;
      await delay(pauseMs, undefined, { signal }).catch(() => undefined); // the next attempt throws the signal's reason
    }
  }
  return work();
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

function wayName(target: ConnectTarget): string {
  const before = target.via === undefined ? '' : `${wayName(target.via)} > `;
  return `${before}${target.user}@${target.address}:${target.port}`;
}
