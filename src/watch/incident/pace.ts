import { type IncidentLog, latestOf } from '../../domain/incident.js';
import type { Stamp } from '../../domain/watch-event.js';
import { UserError } from '../../errors.js';
import { HelpDeskError } from '../../helpdesk/help-desk.js';
import { isPast } from '../core/things.js';

const firstWaitMs = 30_000;
const longestWaitMs = 15 * 60_000;

/** How often something is done: one at a time, not sooner than it may be, and later after each failure. */
export class Pace {
  isBusy = false;
  /** Why it failed last; undefined once it went well. */
  failure: unknown;
  private failures = 0;
  private last: Stamp | undefined;
  private told: string | undefined;

  /**
   * Does it where it is due. What a person or a help desk has to mend is kept as the failure, and tried again later.
   * @param everyMs not sooner than so long after it was done last
   */
  async at(now: Stamp, work: () => Promise<void>, everyMs = 0): Promise<void> {
    const waitMs = this.failures === 0 ? everyMs : Math.min(firstWaitMs * 2 ** (this.failures - 1), longestWaitMs);
    if (this.isBusy || (this.last !== undefined && !isPast(this.last, waitMs, now))) return;
    this.isBusy = true;
    this.last = now;
    try {
      await work();
      this.failures = 0;
      this.failure = undefined;
    } catch (error) {
      if (!(error instanceof HelpDeskError || error instanceof UserError)) throw error;
      this.failures += 1;
      this.failure = error;
    } finally {
      this.isBusy = false;
    }
  }

  /** Is busy until something has ended that goes on by itself. */
  async while(ended: Promise<void>): Promise<void> {
    this.isBusy = true;
    try {
      await ended;
    } finally {
      this.isBusy = false;
    }
  }

  /** The failure, where it was not told yet. */
  newFailure(): unknown {
    const text = this.failure instanceof Error ? this.failure.message : undefined;
    if (text === this.told) return undefined;
    this.told = text;
    return this.failure;
  }
}

/** Whether the help desk of an incident asked to be left alone until later. */
export function isAskedToWait(log: IncidentLog, now: Stamp): boolean {
  const asked = latestOf(log, 'asked-to-wait');
  return asked !== undefined && !isPast(asked.stamp, asked.forMs, now);
}
