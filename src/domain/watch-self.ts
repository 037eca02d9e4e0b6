import type { SecretReference } from './appliance.js';

/** A place that is not watched and takes connections as long as the own network works. */
export type Canary = {
  /** As it is written, e.g. `tcp://192.0.2.1:53`. */
  name: string;
  host: string;
  port: number;
};

/** Who is pinged as long as the watch is well, and alarms when that ends. */
export type Deadman = { url: string | SecretReference };

/** What tells that the watch itself is well. */
export type SelfPolicy = { canaries: readonly Canary[]; deadman?: Deadman };
