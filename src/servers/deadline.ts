import { setMaxListeners } from 'node:events';
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
  const deadline = new AbortController();
  const timedOut = itemError(
    'timed-out',
    `not done within ${formatDuration(ms)}${setBy === undefined ? '' : ` (${setBy})`}`,
  );
  const timer = setTimeout(() => deadline.abort(timedOut), ms);
  try {
    const limited = AbortSignal.any([signal, deadline.signal]);
    setMaxListeners(0, limited); // everything that is under way listens
    return await work(limited);
  } catch (error) {
    if (deadline.signal.aborted && !signal.aborted) throw timedOut;
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
