import type { Connection } from './connection.js';
import { PooledConnection } from './pooled-connection.js';
import { mayComeBack } from './redial.js';

/** How often a face that loses its connection is connected to again in one run. */
const maxReconnects = 5;

/** Gives a connection that is up, as far as is known. */
export type CurrentConnection = () => Promise<PooledConnection>;

/** A connection that is made again when it is needed and was lost. */
export class ReconnectingConnection {
  readonly #dial: () => Promise<Connection>;
  readonly #closing: AbortSignal;
  #latest: Promise<PooledConnection> | undefined;
  #reconnects = 0;

  /** @param first the existing connection; undefined where it is dialled when needed */
  constructor(first: Connection | undefined, dial: () => Promise<Connection>, closing: AbortSignal) {
    this.#latest = first && Promise.resolve(new PooledConnection(first));
    this.#dial = dial;
    this.#closing = closing;
  }

  /** Dials again where the connection was lost, once for all who wait. */
  async current(): Promise<PooledConnection> {
    for (;;) {
      const latest = this.#latest ?? this.#replace(undefined);
      const pooled = await latest;
      const { needsReplacing, connection } = pooled;
      if (this.#closing.aborted || !(needsReplacing || connection.lost.aborted)) return pooled;
      if (this.#latest !== latest) continue; // somebody else is at it
      if (!needsReplacing && this.#reconnects++ >= maxReconnects) throw connection.lost.reason;
      this.#replace(latest);
    }
  }

  close(): void {
    this.#latest?.then(({ connection }) => connection.close()).catch(() => undefined); // it never came up again
  }

  #replace(before: Promise<PooledConnection> | undefined): Promise<PooledConnection> {
    const dialling = this.#dial().then((connection) => new PooledConnection(connection));
    this.#latest = dialling;
    dialling.catch(() => {
      this.#latest = before; // the next one tries again
    });
    return dialling;
  }
}

/** Uses the first connection where the server takes no second one. */
export function orElse(apart: CurrentConnection, main: CurrentConnection): CurrentConnection {
  let chosen = apart;
  return async () => {
    try {
      return await chosen();
    } catch (error) {
      if (chosen === main || !mayComeBack(error)) throw error;
      chosen = main;
      return main();
    }
  };
}
