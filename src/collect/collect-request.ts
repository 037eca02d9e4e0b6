import type { HandOver } from '../capture/meet-captures.js';
import type { Appliance } from '../domain/appliance.js';
import type { CaptureWish } from '../domain/capture-choice.js';
import type { Intent } from '../domain/journal.js';
import type { Selection } from '../domain/selection.js';
import type { Run } from '../state/runs.js';
import type { SubmitOptions } from '../tickets/submission.js';

/** What is to be collected, when everything is known. */
export type CollectRequest = {
  appliances: Appliance[];
  label: string;
  at: Date;
  reference: string | undefined;
  /** Do not adopt a ticket of the same incident. */
  newTicket: boolean;
  intent: Intent;
  selection: Selection;
  keepRemote: boolean;
  /** Mask the secrets in texts. */
  redact: boolean;
  /** How many servers at the same time. */
  jobs: number;
  /** Register a ticket also when no server could be reached. */
  submitAnyway: boolean;
  /**
   * Stay until the window is over, and take its logs then: `twice` has a first bundle before that, `once` has one bundle, in
   * the end.
   */
  wait: false | 'once' | 'twice';
  /** Which captures are taken along. */
  captures: CaptureWish;
  /** Captures that were at work at a server, by its name. */
  handOvers?: ReadonlyMap<string, HandOver>;
  /** The run whose missing evidence this one collects. */
  continues?: Run;
  submit: SubmitOptions;
};
