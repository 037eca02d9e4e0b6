import { UserError } from '../../errors.js';

/** Whether the connection broke off in the middle, or only the session. */
export function isBrokenOff(error: unknown): boolean {
  return (error instanceof UserError && error.code === 'connection-lost') || isSessionLost(error);
}

function isSessionLost(error: unknown): boolean {
  return error instanceof UserError && error.code === 'session-lost';
}

/** Counts the attempts at something that may be repeated when it breaks off, and says how the next one is made. */
export class Retries {
  /** How often it was repeated. */
  count = 0;
  /** The next attempt gets a session of its own, because this work may have broken the session that all share. */
  alone = false;
  private readonly most: number;
  private readonly signal: AbortSignal;

  constructor(most: number, signal: AbortSignal) {
    this.most = most;
    this.signal = signal;
  }

  /** Allows one more attempt. @throws the error when no attempt is left, or another one would not help */
  after(error: unknown): void {
    if (!isBrokenOff(error) || this.signal.aborted || this.count >= this.most) throw error;
    const sessionLost = isSessionLost(error);
    if (sessionLost && this.alone) throw error;
    this.alone = sessionLost;
    this.count++;
  }
}
