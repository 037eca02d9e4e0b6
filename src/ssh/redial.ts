import { setTimeout as delay } from 'node:timers/promises';
import { UserError } from '../errors.js';
import type { Connection } from './connection.js';
import { probeOf } from './probe.js';

/** How long a server that was there is waited for; a restart takes it away for up to a minute. */
export type Patience = {
  patienceMs?: number;
  firstPauseMs?: number;
  /** Is told once, when the waiting begins, and for how long at most. */
  onAway?: (reason: UserError, forMs: number) => void;
  onBack?: () => void;
};

const longestPauseMs = 8000;

/**
 * Dials a place that was there before: again and again, with pauses that double, where it may come back. When it did not
 * in all that time, whoever asks later gets one attempt.
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
    for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
      try {
        const connection = await dial();
        comeBack();
        return connection;
      } catch (error) {
        if (!mayComeBack(error)) throw error;
        isSpent ||= performance.now() + pauseMs > untilMs;
        if (isSpent || closing.aborted) throw error;
        goAway(error);
        await delay(pauseMs, undefined, { signal: closing }).catch(() => undefined); // looked at by the next attempt
        if (closing.aborted) throw error;
      }
    }
  };
}

/** Refused, reset, no way there, no answer: before any credential was sent, which is not tried twice. */
export function mayComeBack(error: unknown): error is UserError {
  return error instanceof UserError && error.code === 'unreachable' && probeOf(error)?.credentialSent === undefined;
}
