import { setTimeout as delay } from 'node:timers/promises';
import { abortable } from './abort.js';
import type { Connection } from './connection.js';
import { codeOf, isLimit, isLimitAtRequest, type OpenSession, PooledConnection } from './pooled-connection.js';
import { type CurrentConnection, orElse, ReconnectingConnection } from './reconnecting.js';
import { mayComeBack, type Patience, patientDial } from './redial.js';

/** A connection that refuses a session although none is open is asked again this often, after pauses that double. */
const maxPauses = 5;
const pauseMs = 50;

export type SessionKind = 'exec' | 'shell' | 'sftp';
export type WantedSession<T> = { kind: SessionKind; signal: AbortSignal; open: OpenSession<T> };

/** The connections of a face: a lasting one, and extra ones for sessions that the server refuses on it. */
export class ConnectionPool {
  /** The connection for every session. */
  readonly main: CurrentConnection;
  /** The connection for sessions that may break their connection. */
  readonly apart: CurrentConnection;
  readonly #dial: () => Promise<Connection>;
  readonly #redial: () => Promise<Connection>;
  readonly #main: ReconnectingConnection;
  readonly #apart: ReconnectingConnection;
  readonly #extras = new Set<Connection>();
  readonly #closing = new AbortController();
  /** How many sessions one connection takes; learned when one is refused. */
  #perConnection: number;
  /** The kinds of session that were refused even on a connection of their own. */
  readonly #refusedAlone = new Set<SessionKind>();
  #wasApart = false;

  constructor(first: Connection, dial: () => Promise<Connection>, patience: Patience) {
    this.#dial = dial;
    this.#redial = patientDial(dial, patience, this.#closing.signal);
    this.#perConnection = isUneasy(first) ? 1 : Number.POSITIVE_INFINITY;
    this.#main = new ReconnectingConnection(first, this.#redial, this.#closing.signal);
    this.#apart = new ReconnectingConnection(undefined, () => this.#dialApart(), this.#closing.signal);
    this.main = () => this.#main.current();
    this.apart = isRobust(first) ? this.main : orElse(() => this.#apart.current(), this.main);
  }

  /** Opens a session on this connection, or on a new one where the server takes no more sessions on this one. */
  async openOn<T>(current: CurrentConnection, wanted: WantedSession<T>): Promise<T> {
    const pooled = await abortable<PooledConnection>(
      wanted.signal,
      (resolve, reject) => void current().then(resolve, reject),
    );
    if (pooled.sessions >= this.#perConnection) return this.#openOnExtra(pooled, wanted.open);
    for (let pauses = 0; ; pauses++) {
      try {
        return await pooled.open(wanted.open);
      } catch (error) {
        if (isLimitAtRequest(error)) return await this.#openAlone(pooled, wanted, error);
        if (!isLimit(error) || !isBusy(pooled, error)) throw error;
        if (pooled.sessions > 0) this.#perConnection = pooled.sessions;
        if (pooled.sessions > 0 || pauses >= maxPauses) return this.#openOnExtra(pooled, wanted.open);
        // OpenSSH counts a session that has just ended until it gets round to putting it away.
        await delay(pauseMs * 2 ** pauses);
      }
    }
  }

  closeApart(): void {
    this.#apart.close();
  }

  close(): void {
    this.#closing.abort();
    this.#main.close();
    this.#apart.close();
    for (const connection of this.#extras) connection.close();
  }

  /**
   * Opens a session on a connection of its own. A refusal beside other sessions may be a limit that the server reports
   * late, or something it does not support.
   */
  async #openAlone<T>(pooled: PooledConnection, { kind, open }: WantedSession<T>, refusal: unknown): Promise<T> {
    const others = pooled.sessions;
    if (others === 0 || this.#refusedAlone.has(kind)) throw refusal;
    try {
      const opened = await this.#openOnExtra(pooled, open);
      this.#perConnection = others;
      return opened;
    } catch (error) {
      if (!isLimitAtRequest(error)) throw error;
      this.#refusedAlone.add(kind);
      throw refusal;
    }
  }

  async #openOnExtra<T>(pooled: PooledConnection, open: OpenSession<T>): Promise<T> {
    const connection = await this.#dialExtra(pooled);
    if (this.#closing.signal.aborted) connection.close();
    this.#extras.add(connection);
    return new PooledConnection(connection).open(open, () => {
      this.#extras.delete(connection);
      connection.close();
    });
  }

  /**
   * Makes an extra connection. While the main one is up, a server that hangs up takes no more connections; one that
   * refuses them is being restarted.
   */
  async #dialExtra({ connection }: PooledConnection): Promise<Connection> {
    try {
      return await this.#dial();
    } catch (error) {
      const refused = mayComeBack(error) && /connection refused/.test(error.message);
      if (connection.lost.aborted || refused) return this.#redial();
      throw error;
    }
  }

  /** Connects for `apart`; waits for the server only if this connection was up before. */
  async #dialApart(): Promise<Connection> {
    const connection = await (this.#wasApart ? this.#redial() : this.#dial());
    this.#wasApart = true;
    return connection;
  }
}

/** Whether the refused session may be accepted later, or on another connection. */
function isBusy({ sessions, used }: PooledConnection, error: unknown): boolean {
  return sessions > 0 || (used && codeOf(error) !== 'session-stalled');
}

/** Whether the server is one on which leaving a session, in any way, ends nothing but that session. */
function isRobust({ probe }: Connection): boolean {
  return /^SSH-2\.0-(?:OpenSSH|dropbear)/i.test(probe.banner ?? '');
}

/**
 * Whether the server is dropbear, which up to 2024 breaks off a session that is opened just when another one on the
 * connection ends (its issue 321).
 */
function isUneasy({ probe }: Connection): boolean {
  return /^SSH-2\.0-dropbear/i.test(probe.banner ?? '');
}
