import { setTimeout as delay } from 'node:timers/promises';
import type { ClientChannel } from 'ssh2';
import { UserError } from '../errors.js';
import type { Connection, SessionSource } from './connection.js';
import { onlyOnce } from './only-once.js';

/** The sessions of one face: never more than allowed at once, on as many connections as the server wants them spread over. */
export interface Sessions extends SessionSource {
  /** Calls whenever somebody has to wait for a session, so that an idle one is given up. @returns what ends that */
  onWanted(giveUp: () => void): () => void;
  /** Whether somebody waits for a session. */
  wanted(): boolean;
}

/** A face that loses its connection is connected to again, so often in one run. */
const maxReconnects = 5;
/** How long a server may take to agree that a session is closed. */
const closeGraceMs = 3000;
/** A connection that refuses a session although it has none is asked again so often, after a pause that doubles. */
const maxPauses = 5;
const pauseMs = 50;

type Line = {
  connection: Connection;
  sessions: number;
  /** It has taken a session; one that is refused on it means that others are not gone yet. */
  used: boolean;
  /** ssh2 leaves a session open on which the request was refused, and hands it to nobody. */
  spoiled: boolean;
};

/**
 * @param first the connection that is there
 * @param dial makes another one, when that is lost or takes no second session
 */
export function openSessions(first: Connection, dial: () => Promise<Connection>, limit: number): Sessions {
  const turns = openTurns(limit);
  const extras = new Set<Connection>();
  let main: Promise<Line> = Promise.resolve(lineOf(first));
  let reconnects = 0;
  let closed = false;
  /** How many sessions one connection takes; found out when one is refused. */
  let perConnection = isUneasy(first) ? 1 : Number.POSITIVE_INFINITY;

  const mainLine = async (): Promise<Line> => {
    for (;;) {
      const current = main;
      const line = await current;
      const outworn = line.spoiled && line.sessions === 0;
      if (closed || !(outworn || line.connection.lost.aborted)) return line;
      if (main !== current) continue; // somebody else is at it
      if (!outworn && reconnects++ >= maxReconnects) throw line.connection.lost.reason;
      const redialled = dial().then(lineOf);
      main = redialled;
      redialled.catch(() => {
        main = current; // the next one tries again
      });
    }
  };

  const extraLine = async (): Promise<Line> => {
    const connection = await dial();
    if (closed) connection.close();
    extras.add(connection);
    return lineOf(connection);
  };

  type Release = () => void;
  async function place<T>(open: (connection: Connection, release: Release) => Promise<T>): Promise<T> {
    const line = await mainLine();
    if (line.sessions >= perConnection) return on(await extraLine(), open);
    for (let pauses = 0; ; pauses++) {
      try {
        return await on(line, open);
      } catch (error) {
        if (!(error instanceof UserError) || error.code !== 'session-refused') throw error;
        if (line.sessions > 0) perConnection = line.sessions;
        else if (!line.used) throw error;
        if (line.sessions > 0 || pauses >= maxPauses) return on(await extraLine(), open);
        // OpenSSH counts a session that has just ended until it gets round to putting it away.
        await delay(pauseMs * 2 ** pauses);
      }
    }
  }

  async function on<T>(line: Line, open: (connection: Connection, release: Release) => Promise<T>): Promise<T> {
    line.sessions++;
    const release = onlyOnce(() => {
      line.sessions--;
      if (extras.delete(line.connection) || (line.spoiled && line.sessions === 0)) line.connection.close();
    });
    try {
      const opened = await open(line.connection, release);
      line.used = true;
      return opened;
    } catch (error) {
      const code = error instanceof UserError ? error.code : undefined;
      if (code !== 'session-refused') line.used = true;
      if (code === 'request-refused' || code === 'sftp-broken') line.spoiled = true;
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

function lineOf(connection: Connection): Line {
  return { connection, sessions: 0, used: false, spoiled: false };
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
  const listeners = new Set<() => void>();
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
      listeners.add(giveUp);
      return () => void listeners.delete(giveUp);
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
      for (const giveUp of [...listeners]) giveUp();
    });
  }
}

/** Dropbear up to 2024 breaks off a session that is opened just when another one of the connection ends (its issue 321). */
function isUneasy({ probe }: Connection): boolean {
  return /^SSH-2\.0-dropbear/i.test(probe.banner ?? '');
}
