import type { Canary, Deadman } from '../domain/watch-self.js';

/** How a watch finds out whether it hears anything, and makes itself heard. */
export interface Heartbeat {
  /** @returns why a canary does not answer; undefined where it does */
  ask(canary: Canary, signal: AbortSignal): Promise<string | undefined>;
  /** Looks whether the URL is there, and pings nobody. @throws UserError */
  resolve(deadman: Deadman): Promise<void>;
  /** @throws Error why whoever waits for it was not told */
  ping(deadman: Deadman, isWell: boolean, signal: AbortSignal): Promise<void>;
  /** Tells the service manager that started this process, if there is one. @throws Error */
  tell(words: readonly string[]): Promise<void>;
}
