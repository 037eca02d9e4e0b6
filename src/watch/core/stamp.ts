import type { Stamp } from '../../domain/watch-event.js';

/** The time that passed, whatever was done to the clock on the wall; undefined where that cannot be known: over a boot. */
export function passedMs(from: Stamp, to: Stamp): number | undefined {
  return from.boot === to.boot && to.upMs >= from.upMs ? to.upMs - from.upMs : undefined;
}
