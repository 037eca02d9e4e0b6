import { setTimeout as delay } from 'node:timers/promises';
import { doubling, retried } from '../domain/retried.js';
import { UserError } from '../errors.js';
import type { Connection } from './connection.js';
import { probeOf } from './probe.js';

/** How long to wait for a server that was there before; a restart takes it away for up to a minute. */
export type Patience = {
  patienceMs?: number;
  firstPauseMs?: number;
  /** Is called once, when the waiting begins, with the longest time it may take. */
  onAway?: (reason: UserError, forMs: number) => void;
  onBack?: () => void;
};

const longestPauseMs = 8000;

/**
 * Dials a server that was there before, again and again with pauses that double, as long as it may come back. If it did
 * not come back in that time, later calls get one attempt each.
 */
export function patientDial(
  dial: () => Promise<Connection>,
  { patienceMs = 90_000, firstPauseMs = 500, onAway, onBack }: Patience,
  closing: AbortSignal,
): () => Promise<Connection> {
  let isSpent = false;
  let isAway = false;
  const goAway = (reason: UserError) => {
    if (!isAway) onAway?.(reason, patienceMs);
    isAway = true;
  };
  const comeBack = () => {
    if (isAway) onBack?.();
    isAway = false;
    isSpent = false;
  };

  return async () => {
    const untilMs = performance.now() + (isSpent ? 0 : patienceMs);
    const connection = await retried(dial, {
      pauseAfter(error, failures) {
        if (!mayComeBack(error)) return undefined;
        const pauseMs = doubling(firstPauseMs, failures, longestPauseMs);
        isSpent ||= performance.now() + pauseMs > untilMs;
        if (isSpent || closing.aborted) return undefined;
        goAway(error);
        return pauseMs;
      },
      async pause(pauseMs, error) {
        await delay(pauseMs, undefined, { signal: closing }).catch(() => undefined); // looked at by the next line
        if (closing.aborted) throw error;
      },
    });
    comeBack();
    return connection;
  };
}

/**
 * Whether the server may come back: refused, reset, no route or no answer, and no credential was sent, for none is tried
 * twice.
 */
export function mayComeBack(error: unknown): error is UserError {
  return error instanceof UserError && error.code === 'unreachable' && probeOf(error)?.credentialSent === undefined;
}
