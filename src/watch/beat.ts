import type { Sighting, Stamp } from '../domain/watch-event.js';
import { reasonOf } from '../errors.js';
import type { Workplace } from '../servers/workplace.js';
import { passedMs } from './core/stamp.js';
import { pingedAfter } from './deadman.js';
import { HistoryKeeper } from './history-keeper.js';
import type { OnNotice } from './notice.js';
import type { Rounds } from './rounds.js';
import { statusFacts } from './status-facts.js';
import { writeStatusFiles } from './status-page.js';
import type { Watcher } from './watcher.js';
import type { Watching } from './watching.js';

const longestMs = 60_000;
/** So much may two clocks differ that tick at their own pace. */
const clockIsSetMs = 2000;

type Tools = Pick<Workplace, 'watch' | 'heartbeat' | 'operator'> & { stamp(): Promise<Stamp> };

/**
 * Keeps what was seen, once a minute; and where the rounds were whole tells that to everybody who waits for it: whoever looks
 * at the page, the dead man's switch, the service manager. Where a round hangs, all of them miss it.
 */
export class Beat {
  private readonly tools: Tools;
  private readonly told: OnNotice;
  private readonly signal: AbortSignal;
  private keptAt: Stamp | undefined;
  private beatAt: Stamp | undefined;
  private isKept = true;
  private isHeard = true;
  private isReady = false;
  private clock: Stamp | undefined;
  private going: Promise<void> | undefined;
  private readonly history: HistoryKeeper;

  /** @param kept what was seen and kept before, and what is watched */
  constructor(
    tools: Tools,
    told: OnNotice,
    signal: AbortSignal,
    kept: { sighting: Sighting; watched: Watching['watched'] },
  ) {
    this.tools = tools;
    this.told = told;
    this.signal = signal;
    this.history = new HistoryKeeper(tools.watch.history, kept, tools.operator.now, told);
  }

  /** Begins what is due, unless the last time it was begun it has not ended yet. */
  look(watcher: Watcher, watching: Watching, rounds: Rounds): Promise<void> {
    this.going ??= this.lookNow(watcher, watching, rounds).finally(() => {
      this.going = undefined;
    });
    return this.going;
  }

  /** After the only round. @throws UserError `local-write` */
  async once(watcher: Watcher, watching: Watching): Promise<void> {
    const now = await this.tools.stamp();
    await this.all(watcher, watching, now);
    await this.tools.watch.write(watcher.sighting);
  }

  /** After the last round. @throws UserError `local-write` */
  async end({ sighting }: Watcher, { watched }: Watching): Promise<void> {
    await this.tell(['STOPPING=1']);
    await this.going?.catch(() => undefined); // told to whoever began it
    await this.history.keep(sighting, watched);
    await this.tools.watch.write(sighting);
  }

  private async lookNow(watcher: Watcher, watching: Watching, rounds: Rounds): Promise<void> {
    const now = await this.tools.stamp();
    this.lookAtClock(now);
    const everyMs = Math.min(longestMs, watching.policy.everyMs);
    const isDue = (last: Stamp | undefined) => last === undefined || (passedMs(last, now) ?? everyMs) >= everyMs;
    if (isDue(this.beatAt) && rounds.areWhole()) {
      await this.all(watcher, watching, now);
      [this.beatAt, this.keptAt] = [now, now];
    } else if (isDue(this.keptAt)) {
      if (this.keptAt !== undefined) this.history.count(watcher.sighting, false, now); // the first round may take its time
      await this.keep(watcher, watching);
      this.keptAt = now;
    }
  }

  private async all(watcher: Watcher, watching: Watching, now: Stamp): Promise<void> {
    await watcher.ownNetwork.lookAfterCanaries(now, this.signal);
    this.history.count(watcher.sighting, true, now);
    await this.keep(watcher, watching);
    await this.beat(watcher, watching, now);
  }

  private lookAtClock(now: Stamp): void {
    const { clock: before = now } = this;
    this.clock = now;
    const passed = passedMs(before, now);
    const byMs = passed === undefined ? 0 : now.wallMs - before.wallMs - passed;
    if (Math.abs(byMs) > clockIsSetMs) this.told({ what: 'clock set', byMs });
  }

  private async keep({ sighting }: Watcher, { watched }: Watching): Promise<void> {
    try {
      await this.history.keep(sighting, watched);
      await this.tools.watch.writeOften(sighting);
      if (!this.isKept) this.told({ what: 'kept again' });
      this.isKept = true;
    } catch (error) {
      if (this.isKept) this.told({ what: 'not kept', why: reasonOf(error) });
      this.isKept = false;
    }
  }

  private async beat(watcher: Watcher, watching: Watching, now: Stamp): Promise<void> {
    const { watched, policy, organization } = watching;
    const { sighting } = watcher;
    const {
      self: { deadman },
      html,
    } = policy;
    if (deadman !== undefined) {
      const isWritten = this.isKept && sighting.self?.unwritten === undefined;
      const pinged = await pingedAfter(sighting.self, deadman, isWritten, now, this.tools.heartbeat, this.signal);
      sighting.self = { ...sighting.self, ...pinged };
    }
    const facts = await statusFacts(watching, sighting, this.tools);
    if (html !== undefined) {
      const page = await writeStatusFiles(html, facts, organization).catch(reasonOf); // watching goes on without a page
      const { page: _, ...rest } = sighting.self ?? {};
      sighting.self = page === undefined ? rest : { ...rest, page };
    }
    const firing = facts.servers.flatMap(({ things }) => things).filter(({ state }) => state === 'firing').length;
    const status = `STATUS=${watched.length} watched, ${firing} firing${sighting.self?.blind ? ', blind' : ''}`;
    await this.tell([...(this.isReady ? [] : ['READY=1']), 'WATCHDOG=1', status]);
    this.isReady = true;
  }

  private async tell(words: readonly string[]): Promise<void> {
    try {
      await this.tools.heartbeat.tell(words);
      this.isHeard = true;
    } catch (error) {
      if (this.isHeard) this.told({ what: 'not heard', why: reasonOf(error) });
      this.isHeard = false;
    }
  }
}
