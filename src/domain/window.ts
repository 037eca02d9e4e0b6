/** A span of time, both ends inclusive. */
export type Window = { since: Date; until: Date };

/** How far the clock of an appliance is ahead of ours, and how wrong that figure may be. */
export type ClockOffset = { offsetMs: number; errorMs: number };

/** The window around an event. The guide asks for at least 30 minutes on each side (chapter 3, The Logs Folder). */
export function windowAround(at: Date, before: { beforeMs: number; afterMs: number }): Window {
  return { since: new Date(at.getTime() - before.beforeMs), until: new Date(at.getTime() + before.afterMs) };
}

/** A clock that could not be read is taken to be wrong by no more than this. */
export const unknownClockMs = 5 * 60_000;

/** The same window as the appliance's clock shows it, widened by what we do not know about that clock. */
export function onClockOf(window: Window, offset: ClockOffset | undefined): Window {
  const { offsetMs, errorMs } = offset ?? { offsetMs: 0, errorMs: unknownClockMs };
  return {
    since: new Date(window.since.getTime() + offsetMs - errorMs),
    until: new Date(window.until.getTime() + offsetMs + errorMs),
  };
}
