import { setTimeout } from 'node:timers/promises';
import type { Sighting, Stamp } from '../domain/watch-event.js';
import type { ReportedList } from '../state/reported.js';
import type { WatchNotes } from '../state/watch-notes.js';
import { type Heard, heardOf } from './core/heard.js';
import { isPast } from './core/things.js';
import { isHeld } from './escalation/case.js';
import { tellOfDamage } from './escalation/damage-alarm.js';
import { incidentStanding } from './escalation/incident-standing.js';
import type { PagedIncident } from './escalation/paged-incident.js';
import { Pager } from './escalation/pager.js';
import type { IncidentTools } from './incident/incident-tools.js';
import { Incidents } from './incident/incidents.js';
import { endWhatIsSaidWell } from './maintenance/end-what-is-well.js';
import { Reminder } from './maintenance/reminder.js';
import { Replies } from './replies/replies.js';
import { tokenOf } from './replies/token.js';
import { settingIn } from './status-facts.js';
import type { Watching } from './watching.js';

/** What it takes to do what follows, beside what the configuration says. */
export type FollowUpTools = Omit<IncidentTools, keyof Watching | 'store' | 'maintenances'> & {
  watch: Pick<WatchNotes, 'incidents' | 'reported' | 'maintenances' | 'reminded' | 'replies' | 'damage'>;
};

/** Nobody is told before answers are read, unless that takes longer than this. */
const headStartMs = 500;
const lookForDamageMs = 60_000;

/** What follows from what was seen: incidents with their tickets and evidence, and who is told of them; and what they answer. */
export class FollowUp {
  private readonly incidents: Incidents;
  private readonly replies: Replies;
  private readonly reminder: Reminder;
  private readonly tools: FollowUpTools;
  private watching: Watching;
  private pagers = new Map<boolean, Pager>();
  private taken: ReportedList | undefined;
  private lookedForDamage: Stamp | undefined;

  private constructor(watching: Watching, tools: FollowUpTools, incidents: Incidents) {
    this.watching = watching;
    this.tools = tools;
    this.incidents = incidents;
    this.replies = new Replies(tools);
    this.reminder = new Reminder(tools);
  }

  static async of(watching: Watching, tools: FollowUpTools): Promise<FollowUp> {
    const incidents = await Incidents.takenUp({
      ...tools,
      ...watching,
      store: tools.watch.incidents,
      maintenances: tools.watch.maintenances,
    });
    return new FollowUp(watching, tools, incidents);
  }

  /** Goes on with what another configuration says. */
  change(watching: Watching): void {
    this.watching = watching;
    this.pagers = new Map();
    this.incidents.change(watching);
  }

  /**
   * Does what is due. @param isLast nothing is seen later: nobody waits for what may join
   * @returns once all that was begun has ended, but for collecting, which goes on by itself
   */
  async look(sighting: Sighting, { isLast }: { isLast: boolean }): Promise<{ owesTicket: boolean }> {
    await this.incidents.update(sighting, await this.hear());
    const answered = this.takeAnswers();
    await (isLast ? answered : Promise.race([answered, setTimeout(headStartMs, undefined, { ref: false })]));
    const worked = this.incidents.work(sighting, isLast);
    const paged = this.pagerFor(isLast)?.pageWhatIsDue(this.paged(), this.tools.signal);
    const reminded = this.reminder.look(this.watching, sighting);
    const warned = this.tellOfDamage();
    for (const each of await Promise.allSettled([worked, paged, answered, reminded, warned]))
      if (each.status === 'rejected') throw each.reason;
    return { owesTicket: this.incidents.owesTicket };
  }

  /** What other monitors have said, as it counts now. */
  private async hear(): Promise<Heard[]> {
    const { reported, maintenances } = this.tools.watch;
    const list = await reported.list();
    const [isNew, { watched }] = [list !== this.taken, this.watching];
    this.taken = list;
    if (list.known.length === 0) return [];
    const now = new Date((await this.tools.stamp()).wallMs);
    const { known } = await maintenances.list();
    if (isNew) {
      await endWhatIsSaidWell(watched, list.known, known, maintenances, now);
      await reported.prune((name) => watched.some(({ appliance }) => appliance.name === name));
    }
    return heardOf(watched, list.known, known, now);
  }

  private async takeAnswers(): Promise<void> {
    const { escalation, channels } = this.watching;
    if (escalation === undefined) return;
    const now = await this.tools.stamp();
    const isWaiting = this.incidents.all.some(({ incident: { log } }) => {
      const standing = incidentStanding(log);
      return standing?.phase === 'firing' && !isHeld(standing, now);
    });
    await this.replies.look(
      channels.map(({ channel }) => channel),
      escalation,
      isWaiting,
    );
  }

  /** Who is to know that incidents are left alone is told, as long as they are. */
  private async tellOfDamage(): Promise<void> {
    const setting = settingIn(this.watching);
    if (!this.incidents.isDamaged || setting === undefined) return;
    const { watch, stamp, signal, tell } = this.tools;
    const now = await stamp();
    if (this.lookedForDamage !== undefined && !isPast(this.lookedForDamage, lookForDamageMs, now)) return;
    this.lookedForDamage = now;
    const damaged = (await watch.incidents.open()).damaged.map(({ message }) => message);
    if (damaged.length === 0) return; // somebody has mended it
    const channels = new Map(this.watching.channels.map((each) => [each.channel.name, each]));
    const told = await tellOfDamage(damaged, watch.damage, { setting, channels }, now, signal);
    if (told !== undefined) tell({ text: told, tone: 'warn' });
  }

  private pagerFor(isLast: boolean): Pager | undefined {
    const known = this.pagers.get(isLast);
    const setting = settingIn(this.watching, isLast);
    if (known !== undefined || setting === undefined) return known;
    const channels = new Map(this.watching.channels.map((each) => [each.channel.name, each]));
    const { stamp, watch } = this.tools;
    const tokenFor = async (incident: string, who: string) => tokenOf(await watch.replies.secret(), incident, who);
    const pager = new Pager({ stamp, setting, channels, tokenOf: tokenFor });
    this.pagers.set(isLast, pager);
    return pager;
  }

  private paged(): PagedIncident[] {
    return this.incidents.all.map(({ incident: { id, log }, facts }) => ({ id, log, facts }));
  }
}
