/** A clock that shows less was never set. */
const unsetBeforeMs = Date.UTC(2000, 0, 1);

/** The time of a file as far as it says anything. */
export function believedTime(at: Date | undefined): Date | undefined {
  return at !== undefined && at.getTime() >= unsetBeforeMs ? at : undefined;
}
