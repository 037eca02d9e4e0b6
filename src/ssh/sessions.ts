import { setTimeout as delay } from 'node:timers/promises';
import type { ClientChannel } from 'ssh2';
import { abortable } from './abort.js';
import type { Connection, SessionSource } from './connection.js';
import { codeOf, type LastingLine, type Line, lastingLine, lineOf, openOn } from './lines.js';
import { mayComeBack, type Patience, patientDial } from './redial.js';
import { openTurns } from './turns.js';

/** The sessions of a face: never more than allowed at once, on as many connections as the server wants them spread over. */
export interface Sessions extends SessionSource {
  /** Calls whenever somebody has to wait for a session, so that an idle one is given up. @returns what ends that */
  onWanted(giveUp: () => void): () => void;
  /** Whether somebody waits for a session. */
  wanted(): boolean;
}

/** How long a server may take to agree that a session is closed. */
const closeGraceMs = 3000;
/** A connection that refuses a session although it has none is asked again so often, after a pause that doubles. */
const maxPauses = 5;
const pauseMs = 50;

type Kind = 'exec' | 'shell' | 'sftp';
type Open<T> = (connection: Connection, release: () => void) => Promise<T>;
type Wanted<T> = { kind: Kind; signal: AbortSignal; open: Open<T> };

/**
 * @param first the connection that is there
 * @param dial makes another one, when that is lost or takes no second session
 */
export function openSessions(
  first: Connection,
  dial: () => Promise<Connection>,
  limit: number,
  patience: Patience = {},
): Sessions {
  const turns = openTurns(limit);
  const extras = new Set<Connection>();
  const closing = new AbortController();
  const redial = patientDial(dial, patience, closing.signal);
  const main = lastingLine(first, redial, closing.signal);
  let wasApart = false;
  const dialApart = async () => {
    const connection = await (wasApart ? redial() : dial());
    wasApart = true;
    return connection;
  };
  const apart = lastingLine(undefined, dialApart, closing.signal);
  /** How many sessions one connection takes; found out when one is refused. */
  let perConnection = isUneasy(first) ? 1 : Number.POSITIVE_INFINITY;
  /** What was refused on a connection of its own, too. */
  const refusedAlone = new Set<Kind>();

  /** While the main one is there, a server that hangs up takes no more of them; one that refuses is being restarted. */
  const dialExtra = async (line: Line): Promise<Connection> => {
    try {
      return await dial();
    } catch (error) {
      const refused = mayComeBack(error) && /connection refused/.test(error.message);
      if (line.connection.lost.aborted || refused) return redial();
      throw error;
    }
  };

  async function onExtra<T>(line: Line, open: Open<T>): Promise<T> {
    const connection = await dialExtra(line);
    if (closing.signal.aborted) connection.close();
    extras.add(connection);
    return openOn(lineOf(connection), open, () => {
      extras.delete(connection);
      connection.close();
    });
  }

  async function place<T>(lasting: LastingLine, { kind, signal, open }: Wanted<T>): Promise<T> {
    const line = await abortable<Line>(signal, (resolve, reject) => void lasting.current().then(resolve, reject));
    if (line.sessions >= perConnection) return onExtra(line, open);
    for (let pauses = 0; ; pauses++) {
      try {
        return await openOn(line, open, () => undefined);
      } catch (error) {
        const others = line.sessions;
        if (isLimitAtRequest(error)) {
          if (others === 0 || refusedAlone.has(kind)) throw error;
          return await aloneOr(error, kind, others, () => onExtra(line, open));
        }
        if (!isLimit(error)) throw error;
        if (others > 0) perConnection = others;
        else if (!line.used || codeOf(error) === 'session-stalled') throw error;
        if (others > 0 || pauses >= maxPauses) return onExtra(line, open);
        // OpenSSH counts a session that has just ended until it gets round to putting it away.
        await delay(pauseMs * 2 ** pauses);
      }
    }
  }

  /** What is refused beside other sessions may be a limit that is told late, or nothing that the server knows. */
  async function aloneOr<T>(refusal: unknown, kind: Kind, others: number, ask: () => Promise<T>): Promise<T> {
    try {
      const opened = await ask();
      perConnection = others;
      return opened;
    } catch (error) {
      if (!isLimitAtRequest(error)) throw error;
      refusedAlone.add(kind);
      throw refusal;
    }
  }

  /** Takes a turn, opens a session, and gives the turn back when the session has closed. */
  async function session<T>(lasting: LastingLine, { kind, signal, open }: Wanted<T>): Promise<T> {
    const giveBack = await turns.take(signal);
    const held: Open<T> = async (connection, release) => {
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
    };
    try {
      return await place(lasting, { kind, signal, open: held });
    } catch (error) {
      giveBack();
      throw error;
    }
  }

  const sourceOn = (lasting: LastingLine): Omit<SessionSource, 'close'> => ({
    title: first.title,
    openExec: (command, signal, onOpen) => {
      const open: Open<ReturnType<typeof onOpen>> = (connection, ended) =>
        connection.openExec(command, signal, (channel, lost) => onOpen(watched(channel, ended), lost));
      return session(lasting, { kind: 'exec', signal, open });
    },
    openShell: (signal, onOpen) => {
      const open: Open<ReturnType<typeof onOpen>> = (connection, ended) =>
        connection.openShell(signal, (channel, lost) => onOpen(watched(channel, ended), lost));
      return session(lasting, { kind: 'shell', signal, open });
    },
    openSftp: (signal) =>
      session(lasting, {
        kind: 'sftp',
        signal,
        open: async (connection, ended) => {
          const opened = await connection.openSftp(signal);
          opened.sftp.once('close', ended);
          const close = () => {
            opened.close();
            soon(ended);
          };
          return { ...opened, close };
        },
      }),
  });

  return {
    ...sourceOn(main),
    apart: { ...sourceOn(isRobust(first) ? main : orElse(apart, main)), close: apart.close },
    onWanted: turns.onWanted,
    wanted: turns.wanted,
    close: () => {
      closing.abort();
      main.close();
      apart.close();
      for (const connection of extras) connection.close();
    },
  };
}

/** Where the server takes no second connection, the first one has to do. */
function orElse(apart: LastingLine, main: LastingLine): LastingLine {
  let chosen = apart;
  return {
    async current() {
      try {
        return await chosen.current();
      } catch (error) {
        if (chosen === main || !mayComeBack(error)) throw error;
        chosen = main;
        return main.current();
      }
    },
    close: apart.close,
  };
}

/** A server that does not answer to another session has all it takes. */
function isLimit(error: unknown): boolean {
  return ['session-refused', 'session-stalled'].includes(codeOf(error) ?? '');
}

function isLimitAtRequest(error: unknown): boolean {
  return ['request-refused', 'sftp-broken'].includes(codeOf(error) ?? '');
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

/** These end a session and nothing else, however it is left. */
function isRobust({ probe }: Connection): boolean {
  return /^SSH-2\.0-(?:OpenSSH|dropbear)/i.test(probe.banner ?? '');
}

/** Dropbear up to 2024 breaks off a session that is opened just when another one of the connection ends (its issue 321). */
function isUneasy({ probe }: Connection): boolean {
  return /^SSH-2\.0-dropbear/i.test(probe.banner ?? '');
}
