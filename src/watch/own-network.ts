import { defined } from '../domain/defined.js';
import type { SelfSeen, ServerSeen, Sighting, Stamp } from '../domain/watch-event.js';
import type { Watched, WatchPolicy } from '../domain/watch-policy.js';
import type { Heartbeat } from '../heartbeat/heartbeat.js';
import { lostAt, missingSince, withoutNetwork } from './core/own-network.js';
import { passedMs } from './core/stamp.js';
import type { OnNotice } from './notice.js';

/** So long the answers of the canaries count: a whole network that is silent asks them once. */
const freshMs = 5000;
/** So often they are asked where all is well, to know whether they live. */
const askEveryMs = 10 * 60_000;

type Canaries = NonNullable<SelfSeen['canaries']>;

/**
 * Tells silent servers from an own network that is down. Each visit is judged by what the last visits of all servers gave, not
 * a round as a whole: a round would have to wait for its slowest server before anything is told. The few servers that are
 * seen silent before enough of them are lose what began then at their next visit, long before three looks make an event.
 */
export class OwnNetwork {
  private readonly policy: WatchPolicy;
  private readonly sighting: Sighting;
  private readonly heartbeat: Pick<Heartbeat, 'ask'>;
  private readonly told: OnNotice;
  private asking: Promise<Canaries> | undefined;

  constructor(policy: WatchPolicy, sighting: Sighting, heartbeat: Pick<Heartbeat, 'ask'>, told: OnNotice) {
    this.policy = policy;
    this.sighting = sighting;
    this.heartbeat = heartbeat;
    this.told = told;
  }

  /** What is known of a server after a visit, if that could be made at all. */
  async judged(
    { appliance, checks }: Watched,
    before: ServerSeen,
    visited: ServerSeen,
    signal: AbortSignal,
  ): Promise<ServerSeen> {
    const { visitedAt } = visited;
    const lost = lostAt(before, visited, checks);
    const after = { ...visited, ...defined({ lost }) };
    if (visitedAt === undefined) return after;
    const missingNow = () => {
      const servers = { ...this.sighting.servers, [appliance.name]: after };
      return missingSince(servers, this.policy.everyMs, visitedAt, this.blind);
    };
    const isDoubtful = this.policy.self.canaries.length > 0 && missingNow() !== undefined;
    const isBlind =
      isDoubtful && (lost === undefined ? this.blind !== undefined : await this.noneAnswers(visitedAt, signal));
    this.becomes(isBlind ? missingNow() : undefined, visitedAt); // others may have answered while the canaries were asked
    return this.blind !== undefined && lost !== undefined ? withoutNetwork(before, after, this.blind, checks) : after;
  }

  /** Asks the canaries where that was not done for long. */
  async lookAfterCanaries(now: Stamp, signal: AbortSignal): Promise<void> {
    const { canariesAt, canaries = [] } = this.sighting.self ?? {};
    const isSame = canaries.map(({ name }) => name).join() === this.policy.self.canaries.map(({ name }) => name).join();
    const passed = canariesAt === undefined ? undefined : passedMs(canariesAt, now);
    if (!isSame || passed === undefined || passed >= askEveryMs) await this.ask(now, signal);
  }

  get isBlind(): boolean {
    return this.blind !== undefined;
  }

  private get blind(): Stamp | undefined {
    return this.sighting.self?.blind?.since;
  }

  private becomes(since: Stamp | undefined, at: Stamp): void {
    const before = this.blind;
    if (since !== undefined && before === undefined) {
      this.sighting.self = { ...this.sighting.self, blind: { since } };
      this.told({ what: 'blind', since });
    } else if (since === undefined && before !== undefined) {
      const { blind: _, ...rest } = this.sighting.self ?? {};
      this.sighting.self = rest;
      this.told({ what: 'sees again', since: before, at });
    }
  }

  private async noneAnswers(now: Stamp, signal: AbortSignal): Promise<boolean> {
    const canaries = await this.ask(now, signal);
    return canaries.every(({ failed }) => failed !== undefined);
  }

  private ask(now: Stamp, signal: AbortSignal): Promise<Canaries> {
    const { canaries, canariesAt } = this.sighting.self ?? {};
    const passed = canariesAt === undefined ? undefined : passedMs(canariesAt, now);
    if (canaries !== undefined && passed !== undefined && passed < freshMs) return Promise.resolve(canaries);
    this.asking ??= this.askAll(now, signal).finally(() => {
      this.asking = undefined;
    });
    return this.asking;
  }

  private async askAll(now: Stamp, signal: AbortSignal): Promise<Canaries> {
    const canaries = await Promise.all(
      this.policy.self.canaries.map(async (canary) => ({
        name: canary.name,
        ...defined({ failed: await this.heartbeat.ask(canary, signal) }),
      })),
    );
    this.sighting.self = { ...this.sighting.self, canaries, canariesAt: now };
    return canaries;
  }
}
