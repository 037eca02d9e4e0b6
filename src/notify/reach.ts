import net from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import { reasonOf } from '../errors.js';
import { NotifyError } from './channel.js';
import { isUntrusted } from './http-failure.js';

const withinMs = 10_000;

/** Proves that somebody who may be trusted listens at an address, and asks for nothing. @throws NotifyError */
export function reach(url: URL, signal: AbortSignal): Promise<string> {
  signal.throwIfAborted();
  const secure = url.protocol === 'https:';
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const port = Number(url.port || (secure ? 443 : 80));
  const servername = net.isIP(host) ? {} : { servername: host };
  const socket = secure
    ? connect({ host, port, ...servername, rejectUnauthorized: true })
    : net.connect({ host, port });
  const aborted = () => socket.destroy(new Error('stopped'));
  signal.addEventListener('abort', aborted);
  return new Promise<string>((resolve, reject) => {
    const failed = (error: unknown) => {
      const kind = isUntrusted(error) ? 'refused' : 'unavailable';
      reject(
        signal.aborted ? signal.reason : new NotifyError(kind, `${url.origin}: ${reasonOf(error)}`, { cause: error }),
      );
    };
    socket.setTimeout(withinMs, () => failed(new Error('no answer')));
    socket.once('error', failed);
    socket.once(secure ? 'secureConnect' : 'connect', () => {
      resolve(`${url.origin} answers${secure ? `, ${(socket as TLSSocket).getProtocol()}` : ''}`);
    });
  }).finally(() => {
    signal.removeEventListener('abort', aborted);
    socket.destroy();
  });
}
