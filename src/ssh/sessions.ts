import type { ClientChannel } from 'ssh2';
import type { Connection, OpenedSftp, SessionSource } from './connection.js';
import { ConnectionPool, type WantedSession } from './connection-pool.js';
import type { OpenSession } from './pooled-connection.js';
import type { CurrentConnection } from './reconnecting.js';
import type { Patience } from './redial.js';
import { openTurns, type Turns } from './turns.js';

/** The sessions of a face: never more than allowed at once, spread over as many connections as the server needs. */
export interface Sessions extends SessionSource {
  /**
   * Calls `giveUp` whenever somebody has to wait for a session, so that an idle one is given up. @returns a function that
   * ends that
   */
  onWanted(giveUp: () => void): () => void;
  /** Whether somebody waits for a session. */
  wanted(): boolean;
}

/** How long a server may take to agree that a session is closed. */
const closeGraceMs = 3000;

type OpenWanted = <T>(wanted: WantedSession<T>) => Promise<T>;

/**
 * @param first the existing connection
 * @param dial makes another one, when that is lost or takes no second session
 */
export function openSessions(
  first: Connection,
  dial: () => Promise<Connection>,
  limit: number,
  patience: Patience = {},
): Sessions {
  const turns = openTurns(limit);
  const pool = new ConnectionPool(first, dial, patience);
  const sourceOn = (current: CurrentConnection) =>
    sourceOf(first.title, (wanted) => inTurn(turns, wanted, (held) => pool.openOn(current, held)));
  return {
    ...sourceOn(pool.main),
    apart: { ...sourceOn(pool.apart), close: () => pool.closeApart() },
    onWanted: turns.onWanted,
    wanted: turns.wanted,
    close: () => pool.close(),
  };
}

function sourceOf(title: string, session: OpenWanted): Omit<SessionSource, 'close'> {
  return {
    title,
    openExec: (command, signal, onOpen) => {
      const open: OpenSession<ReturnType<typeof onOpen>> = (connection, ended) =>
        connection.openExec(command, signal, (channel, lost) => onOpen(watched(channel, ended), lost));
      return session({ kind: 'exec', signal, open });
    },
    openShell: (signal, onOpen) => {
      const open: OpenSession<ReturnType<typeof onOpen>> = (connection, ended) =>
        connection.openShell(signal, (channel, lost) => onOpen(watched(channel, ended), lost));
      return session({ kind: 'shell', signal, open });
    },
    openSftp: (signal) =>
      session({ kind: 'sftp', signal, open: (connection, ended) => openSftp(connection, signal, ended) }),
  };
}

async function openSftp(connection: Connection, signal: AbortSignal, ended: () => void): Promise<OpenedSftp> {
  const opened = await connection.openSftp(signal);
  opened.sftp.once('close', ended);
  const close = () => {
    opened.close();
    soon(ended);
  };
  return { ...opened, close };
}

/** Takes a turn, opens a session, and gives the turn back when the session has closed. */
async function inTurn<T>(
  turns: Turns,
  wanted: WantedSession<T>,
  openWanted: (wanted: WantedSession<T>) => Promise<T>,
): Promise<T> {
  const giveBack = await turns.take(wanted.signal);
  try {
    return await openWanted({ ...wanted, open: endingWithItsConnection(wanted.open, giveBack) });
  } catch (error) {
    giveBack();
    throw error;
  }
}

/** @param onEnd is called when the session has ended, by itself or with its connection */
function endingWithItsConnection<T>(open: OpenSession<T>, onEnd: () => void): OpenSession<T> {
  return async (connection, release) => {
    const ended = () => {
      connection.lost.removeEventListener('abort', ended);
      release();
      onEnd();
    };
    connection.lost.addEventListener('abort', ended, { once: true });
    try {
      return await open(connection, ended);
    } catch (error) {
      connection.lost.removeEventListener('abort', ended); // the turn may still be used on another connection
      throw error;
    }
  };
}

/** Calls `ended` when the server says that the session has closed, or when it stays silent for too long. */
function watched(channel: ClientChannel, ended: () => void): ClientChannel {
  channel.once('close', ended);
  const close = channel.close.bind(channel);
  channel.close = () => {
    close();
    soon(ended);
  };
  return channel;
}

function soon(work: () => void): void {
  setTimeout(work, closeGraceMs).unref();
}
