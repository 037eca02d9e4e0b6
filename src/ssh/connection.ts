import type { Duplex } from 'node:stream';
import type ssh2 from 'ssh2';
import type { ClientChannel, SFTPWrapper } from 'ssh2';
import { printableLine } from '../domain/text.js';
import { itemError } from '../errors.js';
import { abortable } from './abort.js';
import { bytesOfName, hasBytes } from './byte-names.js';
import type { Probe } from './probe.js';
import { letSendAhead } from './send-ahead.js';

/**
 * What a new session is handed to, at once: what the server sends with its consent, an exit status too, would be missed
 * later. `lost` is aborted with a UserError when the connection below is gone.
 */
export type OnOpen<T> = (channel: ClientChannel, lost: AbortSignal) => T;

export type OpenedSftp = { sftp: SFTPWrapper; lost: AbortSignal; close(): void };

/** Where sessions are opened: one connection, or a face that spreads them over several. */
export interface SessionSource {
  /** How messages name the place. */
  readonly title: string;
  /** @throws UserError `session-refused` for another session, `request-refused` for what it should do; `connection-lost` */
  openExec<T>(command: string, signal: AbortSignal, onOpen: OnOpen<T>): Promise<T>;
  openShell<T>(signal: AbortSignal, onOpen: OnOpen<T>): Promise<T>;
  openSftp(signal: AbortSignal): Promise<OpenedSftp>;
  /** For sessions that may cost their connection, where it can be another one than that of the others. */
  readonly apart?: SessionSource;
  close(): void;
}

export interface Connection extends SessionSource {
  readonly probe: Probe;
  /** Aborted with a UserError when the connection is gone. */
  readonly lost: AbortSignal;
  /** Leads a TCP connection on from the server. @throws UserError `session-refused` */
  forward(address: string, port: number, signal: AbortSignal): Promise<Duplex>;
}

const openTimeoutMs = 30_000;
/** A server that has answered once does so soon, or takes no more sessions and does not say so. */
const nextTimeoutMs = 5000;

type Parts = {
  title: string;
  client: ssh2.Client;
  probe: Probe;
  lost: AbortSignal;
  /** Is called when something comes in a session. */
  onActivity: () => void;
};

/** A connection that is logged in to. */
export function connectionOf({ title, client, probe, lost, onActivity }: Parts): Connection {
  let sessions = 0;
  const begun = <C extends Channel>(channel: C): C => {
    sessions++;
    channel.once('close', () => sessions--);
    onActivity();
    return withActivity(channel, onActivity);
  };
  const open = async <C, T>(
    what: string,
    signal: AbortSignal,
    start: (done: (error: Error | undefined, opened: C) => void) => void,
    onOpen: (opened: C) => T,
    discard: (opened: C) => void,
    timeoutMs = sessions > 0 ? nextTimeoutMs : openTimeoutMs,
  ): Promise<T> => {
    let wanted = true;
    const limit = AbortSignal.timeout(timeoutMs); // held here until the answer has come
    try {
      return await abortable<T>(AbortSignal.any([signal, lost, limit]), (resolve, reject) => {
        start((error, opened) => {
          if (error) {
            setImmediate(() => reject(refused(title, what, error))); // a lost connection is told right after
          } else if (wanted) resolve(onOpen(opened));
          else discard(opened);
        });
      });
    } catch (error) {
      if (error !== limit.reason) throw error;
      const seconds = timeoutMs / 1000;
      throw itemError('session-stalled', `${title} has not answered for ${seconds} s to the request for ${what}`);
    } finally {
      wanted = false;
    }
  };
  return {
    title,
    probe,
    lost,
    openExec: (command, signal, onOpen) =>
      open<ClientChannel, ReturnType<typeof onOpen>>(
        'a command',
        signal,
        (done) => client.exec(wireOf(command), done),
        (channel) => onOpen(begun(letSendAhead(channel)), lost),
        leave,
      ),
    // Wide and tall: fewer wrapped lines and pagers to undo.
    openShell: (signal, onOpen) =>
      open<ClientChannel, ReturnType<typeof onOpen>>(
        'a shell',
        signal,
        (done) => client.shell({ term: 'vt100', cols: 500, rows: 1000 }, done),
        (channel) => onOpen(begun(channel), lost),
        leave,
      ),
    openSftp: (signal) =>
      open<SFTPWrapper, OpenedSftp>(
        'SFTP',
        signal,
        (done) => client.sftp(done),
        (sftp) => ({ sftp: begun(letSendAhead(sftp)), lost, close: () => sftp.end() }),
        (sftp) => void sftp.end(),
      ),
    forward: (address, port, signal) =>
      open<Duplex, Duplex>(
        `a connection to ${address}:${port}`,
        signal,
        (done) => client.forwardOut('127.0.0.1', 0, address, port, done),
        letSendAhead,
        (stream) => void stream.destroy(),
        openTimeoutMs,
      ),
    close: () => {
      client.end();
      client.destroy();
    },
  };
}

/** Names in a command may be no UTF-8; ssh2 takes bytes, too, which `@types/ssh2` does not know. */
function wireOf(command: string): string {
  return hasBytes(command) ? (bytesOfName(command) as unknown as string) : command;
}

type Channel = { once(event: 'close', listener: () => void): unknown };

/** Tells of all that comes in a channel, without reading it. */
function withActivity<C extends object>(channel: C, onActivity: () => void): C {
  const { push } = channel as { push?: (data: unknown) => unknown };
  if (push === undefined) return channel;
  const telling = (...data: [unknown]) => {
    onActivity();
    return push.apply(channel, data);
  };
  Object.defineProperty(channel, 'push', { value: telling });
  return channel;
}

/** It came when nobody waited for it any longer. */
function leave(channel: ClientChannel): void {
  channel.on('error', () => undefined);
  channel.close();
  channel.resume();
}

/** A refused channel is one session too many; what is refused on a channel is not there at all. */
function refused(title: string, what: string, error: Error) {
  const message = `${title} refused ${what}: ${printableLine(error.message)}`;
  if ('reason' in error) return itemError('session-refused', message, error);
  const begun = what === 'SFTP' && !/unable to start subsystem/i.test(error.message);
  return begun
    ? itemError('sftp-broken', sftpTrouble(title, error), error)
    : itemError('request-refused', message, error);
}

function sftpTrouble(title: string, error: Error): string {
  const why = /packet/i.test(error.message)
    ? 'something else talks first, such as a login script that prints text'
    : printableLine(error.message);
  return `SFTP on ${title} does not begin as it should: ${why}`;
}
