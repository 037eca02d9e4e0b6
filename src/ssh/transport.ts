import { once } from 'node:events';
import net from 'node:net';
import type { Duplex } from 'node:stream';
import { reasonOf } from '../errors.js';
import { socketReason, unreachable } from './connect-failures.js';
import { type ConnectTarget, timeoutOf } from './connect-target.js';
import type { Connection } from './connection.js';
import type { Probe } from './probe.js';

/**
 * Opens the stream for SSH: a TCP connection of our own, or one that the jump host makes.
 * @throws UserError `unreachable`
 */
export async function openTransport(
  target: ConnectTarget,
  probe: Probe,
  signal: AbortSignal,
  through?: Connection,
): Promise<Duplex> {
  const timeoutMs = timeoutOf(target);
  // Referred to below, too: a time-out that only a combined signal knows may be collected before it fires.
  const limit = AbortSignal.timeout(timeoutMs);
  const either = AbortSignal.any([signal, limit]);
  try {
    const transport =
      through === undefined
        ? await openSocket(target, probe, either)
        : await through.forward(target.address, target.port, either);
    probe.reached = 'tcp';
    return transport;
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    const reason = through === undefined ? socketReason(error) : reasonOf(error);
    throw unreachable(target, limit.aborted ? `no answer within ${timeoutMs / 1000} s` : reason, error);
  }
}

async function openSocket(target: ConnectTarget, probe: Probe, signal: AbortSignal): Promise<net.Socket> {
  const socket = net.connect({ host: target.address, port: target.port, noDelay: true });
  socket.on('lookup', (_error, address: string) => {
    if (address && !probe.addresses.includes(address)) probe.addresses.push(address);
    if (address) probe.reached = 'dns';
  });
  try {
    await once(socket, 'connect', { signal });
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}
