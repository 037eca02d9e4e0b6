import type { ClientChannel } from 'ssh2';
import { UserError } from '../errors.js';
import type { Connection, SessionSource } from './connection.js';

/** The sessions of one face: never more than allowed at once, on as many connections as the server wants them spread over. */
export interface Sessions extends SessionSource {
  /** Calls whenever somebody has to wait for a session, so that an idle one is given up. */
  onWanted(giveUp: () => void): void;
  /** Whether somebody waits for a session. */
  wanted(): boolean;
}

/** A face that loses its connection is connected to again, so often in one run. */
const maxReconnects = 5;
/** How long a server may take to agree that a session is closed. */
const closeGraceMs = 1000;

type Line = { connection: Connection; sessions: number };

/**
 * @param first the connection that is there
 * @param dial makes another one, when that is lost or takes no second session
 */
export function openSessions(first: Connection, dial: () => Promise<Connection>, limit: number): Sessions {
  const turns = openTurns(limit);
  const extras = new Set<Connection>();
  let main: Promise<Line> = Promise.resolve({ connection: first, sessions: 0 });
  let reconnects = 0;
  let closed = false;
  /** How many sessions one connection takes; found out when one is refused. */
  let perConnection = Number.POSITIVE_INFINITY;

  const mainLine = async (): Promise<Line> => {
    const line = await main;
    if (!line.connection.lost.aborted || closed) return line;
    if (reconnects >= maxReconnects) throw line.connection.lost.reason;
    const again = main;
    reconnects++;
    const redialled = dial().then((connection) => ({ connection, sessions: 0 }));
    if (main === again) main = redialled;
    return redialled;
  };

  const extraLine = async (): Promise<Line> => {
    const connection = await dial();
    extras.add(connection);
    return { connection, sessions: 0 };
  };

  type Release = () => void;
  async function place<T>(open: (connection: Connection, release: Release) => Promise<T>): Promise<T> {
    const line = await mainLine();
    if (line.sessions >= perConnection) return on(await extraLine(), open);
    try {
      return await on(line, open);
    } catch (error) {
      const crowded = error instanceof UserError && error.code === 'session-refused' && line.sessions > 0;
      if (!crowded) throw error;
      perConnection = line.sessions;
      return on(await extraLine(), open);
    }
  }

  async function on<T>(line: Line, open: (connection: Connection, release: Release) => Promise<T>): Promise<T> {
    line.sessions++;
    const release = onlyOnce(() => {
      line.sessions--;
      if (extras.delete(line.connection)) line.connection.close();
    });
    try {
      return await open(line.connection, release);
    } catch (error) {
      release();
      throw error;
    }
  }

  /** Takes a turn, opens a session, and gives the turn back when the session has closed. */
  async function session<T>(
    signal: AbortSignal,
    open: (connection: Connection, ended: () => void) => Promise<T>,
  ): Promise<T> {
    const giveBack = await turns.take(signal);
    try {
      return await place(async (connection, release) => {
        const ended = () => {
          connection.lost.removeEventListener('abort', ended);
          release();
          giveBack();
        };
        connection.lost.addEventListener('abort', ended, { once: true });
        try {
          return await open(connection, ended);
        } catch (error) {
          connection.lost.removeEventListener('abort', ended); // the turn may still be used on another connection
          throw error;
        }
      });
    } catch (error) {
      giveBack();
      throw error;
    }
  }

  return {
    title: first.title,
    openExec: (command, signal, onOpen) =>
      session(signal, (connection, ended) =>
        connection.openExec(command, signal, (channel, lost) => onOpen(watched(channel, ended), lost)),
      ),
    openShell: (signal, onOpen) =>
      session(signal, (connection, ended) =>
        connection.openShell(signal, (channel, lost) => onOpen(watched(channel, ended), lost)),
      ),
    openSftp: (signal) =>
      session(signal, async (connection, ended) => {
        const opened = await connection.openSftp(signal);
        opened.sftp.once('close', ended);
        const close = () => {
          opened.close();
          soon(ended);
        };
        return { ...opened, close };
      }),
    onWanted: turns.onWanted,
    wanted: turns.wanted,
    close: () => {
      closed = true;
      main.then(({ connection }) => connection.close()).catch(() => undefined); // it never came up again
      for (const connection of extras) connection.close();
    },
  };
}

/** A session has ended when the server says so; one that is silent does not keep us from the next. */
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

/** So many at once, the others one after the other. */
function openTurns(limit: number) {
  let free = limit;
  const waiting: (() => void)[] = [];
  const listeners: (() => void)[] = [];
  const giveBack = () => {
    const next = waiting.shift();
    if (next === undefined) free++;
    else next();
  };
  return {
    async take(signal: AbortSignal): Promise<() => void> {
      signal.throwIfAborted();
      if (free > 0) free--;
      else await turn(signal);
      return onlyOnce(giveBack);
    },
    wanted: () => waiting.length > 0,
    onWanted: (giveUp: () => void) => {
      listeners.push(giveUp);
    },
  };

  function turn(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const mine = () => {
        signal.removeEventListener('abort', leave);
        resolve();
      };
      const leave = () => {
        const place = waiting.indexOf(mine);
        if (place >= 0) waiting.splice(place, 1);
        reject(signal.reason);
      };
      waiting.push(mine);
      signal.addEventListener('abort', leave, { once: true });
      for (const giveUp of listeners) giveUp();
    });
  }
}

function onlyOnce(work: () => void): () => void {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    work();
  };
}
