import type { FaceId } from './appliance.js';
import type { Severity } from './ticket.js';

/** What is looked at, at each visit of a server, and when that is an event. */
export type WatchCheck = WatchTerms & Look;

type WatchTerms = {
  /** As the configuration calls it, e.g. `data`. */
  name: string;
  /** What people call the event, e.g. `data volume over 90 %`. */
  event: string;
  severity: Severity;
  /** How often it is looked at. */
  everyMs: number;
  /** So long it must be bad, while it was watched, before it is an event. */
  forMs: number;
  /** So long it must be well again before the event is over. */
  clearForMs: number;
};

export type Look =
  /** Whether SSH answers, at any of these faces or at all of them. */
  | { kind: 'reach'; faces: readonly FaceId[]; bad: 'all' | 'any' }
  /** Whether the pinned host keys are shown. */
  | { kind: 'hostKey' }
  /** Whether the face gives a prompt. */
  | { kind: 'service'; face: 'cli' }
  /** What a command of the host OS prints. */
  | { kind: 'service'; face: 'hostOs'; command: string; ok: RegExp }
  /** How full the mount points are that match; one without a wildcard has to be there. */
  | { kind: 'volume'; mounts: readonly string[]; abovePercent: number; clearPercent: number }
  /** What `each` prints of each virtual machine that `command` lists. */
  | { kind: 'vm'; command: string; each: string; ok: RegExp; stopped?: RegExp };

export const watchKinds = ['reach', 'hostKey', 'service', 'volume', 'vm'] as const;
