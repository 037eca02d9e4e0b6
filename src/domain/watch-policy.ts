import type { Appliance } from './appliance.js';
import type { Severity } from './ticket.js';
import type { WatchCheck } from './watch-check.js';
import type { SelfPolicy } from './watch-self.js';

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
  self: SelfPolicy;
  /** The file of the page that is written after each round. */
  html?: string;
  incidents: IncidentPolicy;
};

/** What is made of events that are told. */
export type IncidentPolicy = {
  /** Whether tickets are opened. */
  tickets: boolean;
  /** Whether the evidence is collected and brought to them. */
  bundles: boolean;
  /** One kind of event in one of these is one incident. */
  groupBy: 'cluster' | 'server';
  /** So long it is waited for others of its kind before a ticket is opened. */
  waitMs: number;
  /** So many tickets in so much time; what is more becomes one. */
  cap: { count: number; perMs: number };
  /** So long after it was resolved, what happens again belongs to the same ticket. */
  reopenMs: number;
  /** What comes and goes so often within a time is one event, until it stays as it is for so long. */
  flapping: { cycles: number; withinMs: number; calmMs: number };
};

/** A server, and what is looked at there. */
export type Watched = {
  appliance: Appliance;
  checks: readonly WatchCheck[];
  /** It is being set up: nobody is told of it. */
  isStaging: boolean;
};
