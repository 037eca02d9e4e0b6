/** How often a crash test kills: `ICEPACK_KILLS`, else many times in CI and a few on the way. */
export function killsWanted(inCi: number, otherwise: number): number {
  return Number(process.env['ICEPACK_KILLS'] ?? (process.env['CI'] ? inCi : otherwise));
}

/** Stands in the message of a failure: the same seed kills at the same moments, as far as the machine allows. */
export const seed = Number(process.env['ICEPACK_SEED'] ?? Date.now() % 1_000_000);

/** The same numbers from 0 to 1 for the same seed (mulberry32). */
export function randomOf(start: number): () => number {
  let state = start;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** The large numbers: `npm run torture`. */
export const torture = Number(process.env['ICEPACK_KILLS'] ?? 0) >= 200;
