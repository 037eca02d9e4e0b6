import type { CollectorId } from './collector-id.js';

/** How long steps may take; `timeouts` of the configuration. */
export type Timeouts = {
  /** The time for each of: the TCP connection, the greeting, and a third of the handshake with login. */
  connectMs: number;
  /** One command on the InCenter CLI. */
  commandMs: number;
  /** One kind of evidence of one server. */
  collectorMs: Record<CollectorId, number>;
};
