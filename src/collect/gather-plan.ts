import type { Extras } from '../collectors/extras.js';
import type { CollectorId } from '../domain/collector-id.js';
import type { Window } from '../domain/window.js';
import type { Leftover, Traces } from './leftovers.js';

export type GatherPlan = {
  run: string;
  /** When the event was, by our clock. */
  at: Date;
  window: Window;
  /** Kinds that were not asked for, and by which option. */
  skipped: ReadonlyMap<CollectorId, string>;
  cliCommands: readonly string[];
  extras: Extras;
  keepRemote: boolean;
  /** Mask the secrets in texts. */
  redact: boolean;
  stagingFolder: string;
  traces: Traces;
  /** What earlier runs left on this server. */
  leftovers: readonly Leftover[];
  /** The zone of the last run, when there was one. */
  lastZone: string | undefined;
};
