import { formatDuration } from '../domain/quantities.js';
import { itemError } from '../errors.js';

/**
 * Runs work that may take so long and no longer.
 * @throws UserError `timed-out`, or whatever the work throws
 */
export async function withDeadline<T>(
  ms: number,
  signal: AbortSignal,
  work: (limited: AbortSignal) => Promise<T>,
  /** The key of the configuration that sets it. */
  setBy?: string,
): Promise<T> {
  // Held here until the end: a time-out that only a combined signal refers to may be collected before it fires.
  const deadline = AbortSignal.timeout(ms);
  try {
    return await work(AbortSignal.any([signal, deadline]));
  } catch (error) {
    if (deadline.aborted && !signal.aborted)
      throw itemError(
        'timed-out',
        `not done within ${formatDuration(ms)}${setBy === undefined ? '' : ` (${setBy})`}`,
        error,
      );
    throw error;
  }
}
