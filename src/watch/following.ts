import type { Sighting, Stamp } from '../domain/watch-event.js';
import { reasonOf, UserError } from '../errors.js';
import type { WatchNotes } from '../state/watch-notes.js';
import { isPast } from './core/things.js';
import { StateAlarm, type Unwritten } from './escalation/state-alarm.js';
import { FollowUp, type FollowUpTools } from './follow-up.js';
import { troublesIn } from './incident/troubles.js';
import type { OnNotice } from './notice.js';
import { Rounds } from './rounds.js';
import { settingIn } from './status-facts.js';
import type { Watching } from './watching.js';

type Tools = Omit<FollowUpTools, 'watch'> & { watch: WatchNotes; onNotice: OnNotice };

/** So often is tried whether the state can be written again. */
const tryEveryMs = 10_000;

/**
 * Follows up what is seen, as long as what is done can be written down. Where it cannot, nothing is done and people are told
 * that; when it can again, it begins anew from what is on the disk, as after a restart: nothing is lost, nothing done twice.
 */
export class Following {
  private readonly tools: Tools;
  private readonly alarm: StateAlarm;
  private readonly work = new Rounds();
  private watching: Watching;
  /** None where an earlier process could not write anything, until this one can. */
  private followUp: FollowUp | undefined;
  private unwritten: UserError | undefined;
  private triedAt: Stamp | undefined;
  private mending: Promise<void> | undefined;

  private constructor(watching: Watching, tools: Tools, alarm: StateAlarm) {
    this.watching = watching;
    this.tools = tools;
    this.alarm = alarm;
  }

  static async of(watching: Watching, tools: Tools): Promise<Following> {
    const following = new Following(watching, tools, new StateAlarm(tools.watch.alarm, tools.stamp));
    if (!(await following.alarm.isRaised())) following.followUp = await FollowUp.of(watching, tools);
    return following;
  }

  /** Why nothing is followed. */
  get why(): string | undefined {
    return this.unwritten && reasonOf(this.unwritten);
  }

  /** Goes on with what another configuration says, once all that was begun has ended. */
  change(watching: Watching): void {
    this.watching = watching;
    this.followUp?.change(watching);
  }

  /** Begins what is due. @param fail is told of what nobody can mend */
  begin(sighting: Sighting, fail: (error: unknown) => void): void {
    if (this.followUp !== undefined && this.unwritten === undefined) {
      this.work.begin(this.look(sighting, false).then(() => undefined, fail));
      return;
    }
    this.mending ??= this.mend(sighting)
      .catch(fail)
      .finally(() => {
        this.mending = undefined;
      });
  }

  /** Does all that is due, once. */
  async once(sighting: Sighting): Promise<{ owesTicket: boolean }> {
    if (this.followUp === undefined) await this.mend(sighting);
    return this.followUp === undefined ? { owesTicket: false } : this.look(sighting, true);
  }

  /** Returns when all that was begun has ended. */
  async ended(): Promise<void> {
    await this.work.ended();
    await this.mending;
  }

  /** @throws UserError `local-write` where nothing is followed */
  refuseUnwritten(): void {
    if (this.unwritten !== undefined) throw this.unwritten;
  }

  private async look(sighting: Sighting, isLast: boolean): Promise<{ owesTicket: boolean }> {
    try {
      return (await this.followUp?.look(sighting, { isLast })) ?? { owesTicket: false };
    } catch (error) {
      await this.note(error, sighting);
      return { owesTicket: false };
    }
  }

  /** @throws all but that the state cannot be written */
  private async note(error: unknown, sighting: Sighting): Promise<void> {
    if (!(error instanceof UserError && error.code === 'local-write')) throw error;
    if (this.unwritten === undefined) this.tools.onNotice({ what: 'not followed', why: reasonOf(error) });
    this.unwritten = error;
    const ways = this.ways();
    if (ways === undefined) return;
    const told = await this.alarm.raise(this.facts(sighting), ways, this.tools.signal);
    if (told !== undefined) this.tools.onNotice({ what: 'alarm', told });
  }

  private async mend(sighting: Sighting): Promise<void> {
    const now = await this.tools.stamp();
    if (this.triedAt !== undefined && !isPast(this.triedAt, tryEveryMs, now)) return;
    this.triedAt = now;
    await this.work.ended(); // what was begun does not go on beside what begins anew
    try {
      await this.tools.watch.prove();
      this.followUp = await FollowUp.of(this.watching, this.tools);
    } catch (error) {
      return this.note(error, sighting);
    }
    if (this.unwritten !== undefined) this.tools.onNotice({ what: 'followed again' });
    this.unwritten = undefined;
    const channels = new Map(this.watching.channels.map((each) => [each.channel.name, each]));
    await this.alarm.over(this.facts(sighting), { channels }, this.tools.signal);
  }

  private ways() {
    const setting = settingIn(this.watching);
    const channels = new Map(this.watching.channels.map((each) => [each.channel.name, each]));
    return setting && { setting, channels };
  }

  private facts(sighting: Sighting): Unwritten {
    const { watched, policy, about } = this.watching;
    const bad = troublesIn(watched, sighting, { blind: policy.blind, groupBy: policy.incidents.groupBy });
    return { why: this.why ?? '', bad, about };
  }
}
