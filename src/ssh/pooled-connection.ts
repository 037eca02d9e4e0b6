import { UserError } from '../errors.js';
import type { Connection } from './connection.js';
import { onlyOnce } from './only-once.js';

/** Opens a session; `release` is called when the session has ended. */
export type OpenSession<T> = (connection: Connection, release: () => void) => Promise<T>;

/** A connection that counts its open sessions. */
export class PooledConnection {
  readonly connection: Connection;
  #sessions = 0;
  #used = false;
  /** ssh2 leaves a session open on which the request was refused, and hands it to nobody. */
  #hasLeftover = false;

  constructor(connection: Connection) {
    this.connection = connection;
  }

  get sessions(): number {
    return this.#sessions;
  }

  /** Whether it has taken a session before: then a refusal means that earlier sessions are not closed yet. */
  get used(): boolean {
    return this.#used;
  }

  get needsReplacing(): boolean {
    return this.#hasLeftover && this.#sessions === 0;
  }

  /** Opens a session, which is counted until it is released. @param onRelease is called when it is released */
  async open<T>(open: OpenSession<T>, onRelease: () => void = () => undefined): Promise<T> {
    this.#sessions++;
    const release = onlyOnce(() => {
      this.#sessions--;
      if (this.needsReplacing) this.connection.close();
      onRelease();
    });
    try {
      const opened = await open(this.connection, release);
      this.#used = true;
      return opened;
    } catch (error) {
      if (codeOf(error) !== 'session-refused') this.#used = true;
      if (isLimitAtRequest(error)) this.#hasLeftover = true;
      release();
      throw error;
    }
  }
}

/** Whether no more sessions are taken; a server that does not answer to another one has reached its limit. */
export function isLimit(error: unknown): boolean {
  return ['session-refused', 'session-stalled'].includes(codeOf(error) ?? '');
}

/** Whether a limit may show at the request: a server may accept a session and refuse its request. */
export function isLimitAtRequest(error: unknown): boolean {
  return ['request-refused', 'sftp-broken'].includes(codeOf(error) ?? '');
}

export function codeOf(error: unknown): string | undefined {
  return error instanceof UserError ? error.code : undefined;
}
