import type { Emit } from '../domain/progress.js';
import type { Prompter } from './prompter.js';

/** Who works with icepack, and when. */
export type Operator = {
  /** Shows what happens while it happens. */
  emit: Emit;
  /** Asks a person; undefined where nobody is there (`--batch`, no terminal). */
  ask: Prompter | undefined;
  now(): Date;
  /** Waits; ends early, without an error, when the signal is aborted. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** The operator's zone. */
  zone: string;
  /** Why that is only assumed. */
  zoneDoubt?: string;
};
