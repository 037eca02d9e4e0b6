import type { SelfSeen, Stamp } from '../domain/watch-event.js';
import type { Deadman } from '../domain/watch-self.js';
import { reasonOf } from '../errors.js';
import type { Heartbeat } from '../heartbeat/heartbeat.js';
import { passedMs } from './core/stamp.js';

const leastMs = 60_000;

/**
 * Pings the dead man's switch after a whole round, once a minute. A watch that is blind says nothing: silence is what the
 * other side waits for.
 * @param isWritten false where the state cannot be written: that is said to be a failure
 * @returns when that was, and whether it was heard; nothing where it was not done
 */
export async function pingedAfter(
  seen: SelfSeen | undefined,
  deadman: Deadman,
  isWritten: boolean,
  now: Stamp,
  heartbeat: Pick<Heartbeat, 'ping'>,
  signal: AbortSignal,
): Promise<Pick<SelfSeen, 'pinged'>> {
  const { blind, pinged } = seen ?? {};
  const passed = pinged === undefined ? undefined : passedMs(pinged.at, now);
  if (blind !== undefined || (passed !== undefined && passed < leastMs)) return {};
  try {
    await heartbeat.ping(deadman, isWritten, signal);
    return { pinged: { at: now } };
  } catch (error) {
    signal.throwIfAborted();
    return { pinged: { at: now, failed: reasonOf(error) } };
  }
}
