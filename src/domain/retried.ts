/** What becomes of a failure. */
export type Retry = {
  /** @returns how long to wait before the next attempt; undefined: the failure is final */
  pauseAfter(error: unknown, failures: number): number | undefined;
  /** Waits, having told what there is to tell. What it throws is the end. */
  pause(ms: number, error: unknown): Promise<unknown>;
};

/** Does something again while its failure may go away by itself. @throws the last failure */
export async function retried<T>(work: () => Promise<T>, { pauseAfter, pause }: Retry): Promise<T> {
  for (let failures = 1; ; failures++) {
    try {
      return await work();
    } catch (error) {
      const pauseMs = pauseAfter(error, failures);
      if (pauseMs === undefined) throw error;
      await pause(pauseMs, error);
    }
  }
}

/** The pause after so many failures: each is twice as long as the one before. */
export function doubling(firstMs: number, failures: number, longestMs = Number.POSITIVE_INFINITY): number {
  return Math.min(firstMs * 2 ** (failures - 1), longestMs);
}
