import type { Emit } from '../domain/progress.js';
import type { Handover } from './handover.js';
import type { Prompter } from './prompter.js';

/** The person who works with icepack, and the time. */
export type Operator = {
  /** Shows events while they happen. */
  emit: Emit;
  /** Asks a person; undefined where nobody is there (`--batch`, no terminal). */
  ask: Prompter | undefined;
  /** How texts and files get to their browser. */
  handover?: Handover;
  now(): Date;
  /** Waits; ends early, without an error, when the signal is aborted. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** The operator's zone. */
  zone: string;
  /** Why the zone is only assumed. */
  zoneDoubt?: string;
};
