/** So many months are kept of what the watch has done: what is older than a year helps nobody. */
const keptMonths = 14;

/** e.g. `2026-11`, in UTC. */
export function monthOf(at: Date): string {
  return at.toISOString().slice(0, 7);
}

/** The months that are no longer kept. A clock that is wrong by years makes one month more, and none old. */
export function noLongerKept(months: readonly string[]): string[] {
  return [...new Set(months)].sort().slice(0, -keptMonths);
}
