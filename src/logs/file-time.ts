/** A clock that shows an earlier time was never set. */
const unsetBeforeMs = Date.UTC(2000, 0, 1);

/** The time of a file, if it can be believed. */
export function believedTime(at: Date | undefined): Date | undefined {
  return at !== undefined && at.getTime() >= unsetBeforeMs ? at : undefined;
}
