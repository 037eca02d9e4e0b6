import type { FaceId } from './appliance.js';
import type { CollectorId } from './collector-id.js';
import type { Text } from './command.js';
import type { ItemStatus } from './manifest.js';
import type { Completeness } from './outcome.js';

/** What work reports while it goes on. Every kind is rendered by `ui/`, or it does not compile. */
export type ProgressEvent =
  | { type: 'run-started'; run: string; servers: { name: string; title: string }[]; text: string }
  | { type: 'face-up'; server: string; face: FaceId }
  | { type: 'face-down'; server: string; face: FaceId; reason: string; hint?: Text }
  /** It was up and has gone; it is dialled again, for so long at most. */
  | { type: 'face-away'; server: string; face: FaceId; reason: string; forMs: number }
  | { type: 'clock-measured'; server: string; offsetMs: number; errorMs: number; zone: string }
  | { type: 'item-started'; server: string; collector: CollectorId; limitMs?: number }
  | { type: 'item-progress'; server: string; collector: CollectorId; bytes: number; totalBytes?: number }
  | {
      type: 'item-ended';
      server: string;
      collector: CollectorId;
      path: string;
      status: ItemStatus;
      bytes?: number;
      reason?: string;
    }
  /** A kind of evidence of a server; what it lost because a face was down is told when the server has ended, with all losses. */
  | { type: 'collector-ended'; server: string; collector: CollectorId; items: ProgressItem[]; losses: ProgressLoss[] }
  | { type: 'server-ended'; server: string; completeness: Completeness | 'unreachable'; losses?: ProgressLoss[] }
  | { type: 'step-started'; step: Step; text: string }
  | { type: 'step-progress'; step: Step; bytes: number; totalBytes: number }
  | { type: 'step-ended'; step: Step; text: string }
  | { type: 'warning'; text: string; server?: string; hint?: Text }
  /** What ended the program before there was a result; the stack is there where it is a bug. */
  | { type: 'error'; code: string; text: string; hint?: Text; stack?: string }
  /** `asked`: a question follows that cannot be answered without it. */
  | { type: 'note'; text: Text; asked?: true };

type ProgressItem = { path: string; status: ItemStatus; bytes?: number; reason?: string };

/** Why something is missing or not whole, and the paths it cost. */
export type ProgressLoss = { reason: string; face?: FaceId; also?: string[]; paths: string[] };

export type Step = 'help-desk' | 'wait' | 'register' | 'report' | 'zip' | 'attach' | 'upload' | 'cleanup';

export type Emit = (event: ProgressEvent) => void;
