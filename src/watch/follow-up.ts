import type { Sighting } from '../domain/watch-event.js';
import type { PagedIncident } from './escalation/paged-incident.js';
import { Pager } from './escalation/pager.js';
import { Incidents, type IncidentTools } from './incident/incidents.js';
import { settingIn } from './status-facts.js';
import type { Watching } from './watching.js';

/** What it takes to do what follows, beside what the configuration says. */
export type FollowUpTools = Omit<IncidentTools, keyof Watching | 'store'> & {
  watch: { incidents: IncidentTools['store'] };
};

/** What follows from what was seen: incidents with their tickets and evidence, and who is told of them. */
export class FollowUp {
  private readonly incidents: Incidents;
  private readonly tools: FollowUpTools;
  private watching: Watching;
  private pagers = new Map<boolean, Pager>();

  private constructor(watching: Watching, tools: FollowUpTools, incidents: Incidents) {
    this.watching = watching;
    this.tools = tools;
    this.incidents = incidents;
  }

  static async of(watching: Watching, tools: FollowUpTools): Promise<FollowUp> {
    const incidents = await Incidents.takenUp({ ...tools, ...watching, store: tools.watch.incidents });
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
    await this.incidents.update(sighting);
    const worked = this.incidents.work(sighting, isLast);
    const paged = this.pagerFor(isLast)?.pageWhatIsDue(this.paged(), this.tools.signal);
    await Promise.all([worked, paged]);
    return { owesTicket: this.incidents.owesTicket };
  }

  private pagerFor(isLast: boolean): Pager | undefined {
    const known = this.pagers.get(isLast);
    const setting = settingIn(this.watching, isLast);
    if (known !== undefined || setting === undefined) return known;
    const channels = new Map(this.watching.channels.map((each) => [each.channel.name, each]));
    const pager = new Pager({ stamp: this.tools.stamp, setting, channels });
    this.pagers.set(isLast, pager);
    return pager;
  }

  private paged(): PagedIncident[] {
    return this.incidents.all.map(({ incident: { id, log }, facts }) => ({ id, log, facts }));
  }
}
