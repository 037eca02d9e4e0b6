import type { Duplex } from 'node:stream';
import type ssh2 from 'ssh2';
import type { ClientChannel, SFTPWrapper } from 'ssh2';
import { bytesOfName, hasBytes } from './byte-names.js';
import { ChannelOpener } from './channel-opener.js';
import type { Probe } from './probe.js';
import { widenReceiveWindow } from './send-ahead.js';

/**
 * Receives a new session at once: what the server sends together with its consent, even an exit status, would be missed
 * later. `lost` is aborted with a UserError when the connection below is gone.
 */
export type OnOpen<T> = (channel: ClientChannel, lost: AbortSignal) => T;

export type OpenedSftp = { sftp: SFTPWrapper; lost: AbortSignal; close(): void };

/** Where sessions are opened: one connection, or a face that spreads them over several. */
export interface SessionSource {
  /** How messages name the endpoint. */
  readonly title: string;
  /**
   * @throws UserError `session-refused` when another session is refused, `request-refused` when its request is;
   * `connection-lost`
   */
  openExec<T>(command: string, signal: AbortSignal, onOpen: OnOpen<T>): Promise<T>;
  openShell<T>(signal: AbortSignal, onOpen: OnOpen<T>): Promise<T>;
  openSftp(signal: AbortSignal): Promise<OpenedSftp>;
  /** The source for sessions that may break their connection, where a connection apart from the others is possible. */
  readonly apart?: SessionSource;
  close(): void;
}

export interface Connection extends SessionSource {
  readonly probe: Probe;
  /** Aborted with a UserError when the connection is gone. */
  readonly lost: AbortSignal;
  /** Opens a TCP connection from the server to another address. @throws UserError `session-refused` */
  forward(address: string, port: number, signal: AbortSignal): Promise<Duplex>;
}

type Parts = {
  title: string;
  client: ssh2.Client;
  probe: Probe;
  lost: AbortSignal;
  /** Is called when something comes in a session. */
  onActivity: () => void;
};

/** The terminal is wide and tall, so that fewer wrapped lines and pagers must be undone. */
const terminal = { term: 'vt100', cols: 500, rows: 1000 };

/** A connection that is logged in to. */
export function connectionOf({ title, client, probe, lost, onActivity }: Parts): Connection {
  const channels = new ChannelOpener(title, lost, onActivity);
  return {
    title,
    probe,
    lost,
    openExec: (command, signal, onOpen) =>
      channels.openSession(
        {
          what: 'a command',
          start: (done) => client.exec(wireOf(command), done),
          onOpen: (channel: ClientChannel) => onOpen(widenReceiveWindow(channel), lost),
          discard: leave,
        },
        signal,
      ),
    openShell: (signal, onOpen) =>
      channels.openSession(
        {
          what: 'a shell',
          start: (done) => client.shell(terminal, done),
          onOpen: (channel: ClientChannel) => onOpen(channel, lost),
          discard: leave,
        },
        signal,
      ),
    openSftp: (signal) =>
      channels.openSession(
        {
          what: 'SFTP',
          start: (done) => client.sftp(done),
          onOpen: (sftp: SFTPWrapper) => ({ sftp: widenReceiveWindow(sftp), lost, close: () => sftp.end() }),
          discard: (sftp) => void sftp.end(),
        },
        signal,
      ),
    forward: (address, port, signal) =>
      channels.open(
        {
          what: `a connection to ${address}:${port}`,
          start: (done) => client.forwardOut('127.0.0.1', 0, address, port, done),
          onOpen: (stream: ClientChannel) => widenReceiveWindow(stream),
          discard: (stream) => void stream.destroy(),
        },
        signal,
      ),
    close: () => {
      client.end();
      client.destroy();
    },
  };
}

/** A command as it is sent. Names in it may not be UTF-8; ssh2 also takes bytes, which `@types/ssh2` does not know. */
function wireOf(command: string): string {
  return hasBytes(command) ? (bytesOfName(command) as unknown as string) : command;
}

/** Closes a channel that came after nobody waited for it any longer. */
function leave(channel: ClientChannel): void {
  channel.on('error', () => undefined);
  channel.close();
  channel.resume();
}
