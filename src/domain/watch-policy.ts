import type { Appliance } from './appliance.js';
import type { Severity } from './ticket.js';
import type { WatchCheck } from './watch-check.js';

/** How servers are watched. */
export type WatchPolicy = {
  everyMs: number;
  /** How soon something is looked at again that waits to become an event, or to be over. */
  retryMs: number;
  /** So many connections at the same time, of all servers together. */
  connections: number;
  /** That there is no answer for so long is an event of its own. */
  blind: { forMs: number; severity: Severity };
  /** What is looked at, by the name of the server. */
  checks: ReadonlyMap<string, readonly WatchCheck[]>;
  /** The servers that are being set up, by name. */
  staging: ReadonlySet<string>;
};

/** A server, and what is looked at there. */
export type Watched = {
  appliance: Appliance;
  checks: readonly WatchCheck[];
  /** It is being set up: nobody is told of it. */
  isStaging: boolean;
};
