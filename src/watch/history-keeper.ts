import type { Sighting, Stamp } from '../domain/watch-event.js';
import type { Tally } from '../domain/watch-history.js';
import type { Watched } from '../domain/watch-policy.js';
import { reasonOf, UserError } from '../errors.js';
import type { WatchHistory } from '../state/watch-history.js';
import { happened, stagedIn } from './core/happened.js';
import { counted } from './core/tally.js';
import type { OnNotice } from './notice.js';

/**
 * Writes into the history what is otherwise than when the sighting was kept last, right before it is kept again: where that
 * is cut, it is compared once more. Where nothing happens it writes once an hour.
 */
export class HistoryKeeper {
  private readonly history: Pick<WatchHistory, 'write'>;
  private readonly now: () => Date;
  private readonly told: OnNotice;
  /** As it was when it was kept last. */
  private kept: Kept;
  private tallies: Tally[] = [];
  private isWritten = true;

  constructor(history: Pick<WatchHistory, 'write'>, kept: Kept, now: () => Date, told: OnNotice) {
    this.history = history;
    this.kept = { ...kept, sighting: copyOf(kept.sighting) };
    this.now = now;
    this.told = told;
  }

  /** Counts a round, in the sighting as long as it is not in the history. */
  count(sighting: Sighting, isWhole: boolean, { wallMs }: Stamp): void {
    const { tally, ended } = counted(sighting.self?.tally, isWhole, wallMs);
    sighting.self = { ...sighting.self, tally };
    if (ended !== undefined) this.tallies.push(ended);
  }

  /** What cannot be written is told, and written the next time: watching goes on without a history. */
  async keep(sighting: Sighting, watched: readonly Watched[]): Promise<void> {
    const staged = stagedIn(watched, sighting, this.now());
    const { staged: _, ...rest } = sighting.self ?? {};
    sighting.self = Object.keys(staged).length === 0 ? rest : { ...rest, staged };
    try {
      await this.write({ sighting: copyOf(sighting), watched });
      this.isWritten = true;
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      if (this.isWritten) this.told({ what: 'no history', why: reasonOf(error) });
      this.isWritten = false;
    }
  }

  private async write(now: Kept): Promise<void> {
    const news = happened(this.kept, now, this.now());
    if (news !== undefined) await this.history.write(news);
    this.kept = now;
    for (let first = this.tallies[0]; first !== undefined; first = this.tallies[0]) {
      await this.history.write({ type: 'rounds', ...first });
      this.tallies.shift();
    }
  }
}

type Kept = { sighting: Sighting; watched: readonly Watched[] };

/** What is in it is replaced, and never changed. */
function copyOf(sighting: Sighting): Sighting {
  return { ...sighting, servers: { ...sighting.servers } };
}
