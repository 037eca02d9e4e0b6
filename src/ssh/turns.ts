import { onlyOnce } from './only-once.js';

export type Turns = ReturnType<typeof openTurns>;

/** Lets `limit` pieces of work run at once; the others wait for their turn. */
export function openTurns(limit: number) {
  let free = limit;
  const waiting: (() => void)[] = [];
  const listeners = new Set<() => void>();
  const giveBack = () => {
    const next = waiting.shift();
    if (next === undefined) free++;
    else next();
  };
  return {
    async take(signal: AbortSignal): Promise<() => void> {
      signal.throwIfAborted();
      if (free > 0) free--;
      else await turn(signal);
      return onlyOnce(giveBack);
    },
    wanted: () => waiting.length > 0,
    onWanted: (giveUp: () => void) => {
      listeners.add(giveUp);
      return () => void listeners.delete(giveUp);
    },
  };

  function turn(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const mine = () => {
        signal.removeEventListener('abort', leave);
        resolve();
      };
      const leave = () => {
        const place = waiting.indexOf(mine);
        if (place >= 0) waiting.splice(place, 1);
        reject(signal.reason);
      };
      waiting.push(mine);
      signal.addEventListener('abort', leave, { once: true });
      for (const giveUp of [...listeners]) giveUp();
    });
  }
}
