import pLimit from 'p-limit';
import { defined } from '../../domain/defined.js';
import { latestOf, type NewIncidentEntry } from '../../domain/incident.js';
import { latest } from '../../domain/journal.js';
import type { Sighting, Stamp } from '../../domain/watch-event.js';
import { reasonOf, UserError } from '../../errors.js';
import type { StoredIncident } from '../../state/incidents.js';
import type { Heard } from '../core/heard.js';
import { type Decision, isReplaced, opening, type Terms, whatBecomes, whyClosed } from '../core/incidents.js';
import { isPast } from '../core/things.js';
import type { IncidentFacts } from '../escalation/page-facts.js';
import { referencePrefix } from './draft.js';
import { entryOf } from './entry-of.js';
import { collectingLimit, type Held, held } from './held.js';
import type { IncidentTools } from './incident-tools.js';
import { deskRefusals, isLetInNow, isOfDesk } from './refused-by-desk.js';
import { answersIn, overIn, silenceIn, troublesIn } from './troubles.js';
import { subjectOf, titleOf } from './words.js';

/** Makes incidents of the events that are told, and has for each what is owed: its ticket, what that is told, its evidence. */
export class Incidents {
  private tools: IncidentTools;
  private readonly oneAtATime = pLimit(1);
  private readonly collecting = collectingLimit();
  private held: Held[] = [];
  /** What is wrong with those that are left alone. */
  private readonly damaged = new Set<string>();

  private constructor(tools: IncidentTools) {
    this.tools = tools;
  }

  /** Takes up those that are open. What is damaged is told, and left alone. */
  static async takenUp(tools: IncidentTools): Promise<Incidents> {
    const incidents = new Incidents(tools);
    const { known, damaged } = await tools.store.open();
    for (const error of damaged) incidents.leaveAlone(error);
    incidents.held = known.map(held);
    return incidents;
  }

  /** Whether there are some of which it cannot be read what became of them. */
  get isDamaged(): boolean {
    return this.damaged.size > 0;
  }

  /** It is told once. */
  private leaveAlone({ message: text }: UserError): void {
    if (!this.damaged.has(text)) this.tools.tell({ text, tone: 'bad' });
    this.damaged.add(text);
  }

  /** Goes on with what another configuration says. */
  change(changed: Pick<IncidentTools, 'watched' | 'policy' | 'about' | 'settings' | 'escalation'>): void {
    const { watched, policy, about, settings, escalation } = changed;
    this.tools = { ...this.tools, watched, policy, about, settings, escalation };
  }

  /** All that are open, with what people are told of them beside what their journals say. */
  get all(): { incident: StoredIncident; facts: IncidentFacts }[] {
    return this.held.map((each) => ({ incident: each.incident, facts: this.factsOf(each) }));
  }

  private factsOf({ incident, ticket }: Held): IncidentFacts {
    const { about } = this.tools;
    const registered = latest(incident.ticket, 'registered');
    const trouble = ticket.failure === undefined ? undefined : reasonOf(ticket.failure);
    return {
      ...{ organization: about.organization, zone: about.zone, titleOf: (server) => titleOf(server, about) },
      ...defined({ ticket: registered && { key: registered.key, url: registered.url }, ticketTrouble: trouble }),
    };
  }

  private get terms(): Terms {
    const { policy, escalation } = this.tools;
    return { ...policy.incidents, wantsSummary: escalation?.summary !== undefined };
  }

  /** Whether a ticket is owed that there could be. */
  get owesTicket(): boolean {
    return this.held.some(({ incident, ticket }) => ticket.failure !== undefined || waitsForDesk(incident));
  }

  /** What was seen, and what other monitors said, makes incidents, joins them, ends them. */
  update(sighting: Sighting, heard: readonly Heard[] = []): Promise<void> {
    return this.oneAtATime(async () => {
      const { watched, policy, stamp, maintenances } = this.tools;
      const now = await stamp();
      const grouping = { blind: policy.blind, groupBy: policy.incidents.groupBy };
      const troubles = troublesIn(watched, sighting, grouping, heard);
      const open = this.held.map(({ incident }) => incident).filter(({ log }) => !isOfDesk(log));
      const { known } = await maintenances.list();
      const silence = silenceIn(watched, sighting, known, new Date(now.wallMs));
      const decisions = whatBecomes(troubles, open, overIn(watched, sighting, heard), this.terms, now, silence);
      for (const decision of decisions) await this.carryOut(decision, now);
    });
  }

  private async carryOut(decision: Decision, stamp: Stamp): Promise<void> {
    if (decision.do === 'open') return this.open(decision, stamp);
    const found = this.held.find(({ incident }) => incident.id === decision.incident)?.incident;
    await found?.log.write(entryOf(decision, stamp));
  }

  private async open({ do: _, members, ...facts }: Extract<Decision, { do: 'open' }>, stamp: Stamp): Promise<void> {
    const { store, about, tell } = this.tools;
    const reference = this.newReference(facts.group, stamp);
    const joined = members.map((member): NewIncidentEntry => ({ type: 'joined', stamp, ...member }));
    const incident = await store.create({ stamp, reference, ...facts }, joined);
    this.held.push(held(incident));
    tell({ text: `${incident.id} opened: ${subjectOf(incident.log, about)}`, tone: 'bad' });
  }

  /** The minute tells it from others of its group; that which it takes the place of may have begun in the same one. */
  private newReference(group: string, { wallMs }: Stamp): string {
    const prefix = this.prefixOf(group);
    const known = new Set(this.held.map(({ incident }) => opening(incident.log).reference));
    for (let minute = wallMs; ; minute += 60_000) {
      const reference = `${prefix}${new Date(minute).toISOString().replace(/\D/g, '').slice(0, 12)}`;
      if (!known.has(reference)) return reference;
    }
  }

  private prefixOf(group: string): string {
    const { watched, about } = this.tools;
    const [name = ''] = group.split('|');
    const own = watched.filter(({ appliance }) => appliance.name === name || appliance.cluster === name);
    const servers = (own.length > 0 ? own : watched).map(({ appliance }) => appliance.address);
    return referencePrefix([about.organization ?? '', group, ...servers.sort()]);
  }

  /**
   * Does what is due and is not being done. @param isLast nothing comes later that would join: no ticket waits for it
   * @returns once all of it was done, but for collecting, which goes on
   */
  async work(sighting: Sighting, isLast: boolean): Promise<void> {
    const now = await this.tools.stamp();
    const done = await Promise.allSettled(this.held.map((each) => this.workOn(each, sighting, isLast, now)));
    for (const each of done) if (each.status === 'rejected') throw each.reason;
    await this.noteDesk(now);
  }

  /** A help desk that does not let us in is an incident of its own, until it does. */
  private async noteDesk(now: Stamp): Promise<void> {
    const known = this.held.find(({ incident }) => isOfDesk(incident.log));
    const isLetIn =
      known !== undefined &&
      deskRefusals(this.held, this.tools, now).length === 0 &&
      (await isLetInNow(known, this.tools, now));
    await this.oneAtATime(async () => {
      const open = this.held.map(({ incident }) => incident).filter(({ log }) => isOfDesk(log));
      const refused = deskRefusals(this.held, this.tools, now);
      const over = () => (isLetIn && refused.length === 0 ? 'it lets icepack in' : undefined);
      for (const decision of whatBecomes(refused, open, over, this.terms, now)) await this.carryOut(decision, now);
    });
  }

  private async workOn(each: Held, sighting: Sighting, isLast: boolean, now: Stamp): Promise<void> {
    const { incident } = each;
    const { policy } = this.tools;
    try {
      await incident.log.refresh();
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      return this.leaveAlone(error); // until it can be read again
    }
    if (isReplaced(incident.log)) return this.close(each, now);
    const isFull = isLast || isPast(opening(incident.log).stamp, policy.incidents.waitMs, now);
    if (policy.incidents.tickets && opening(incident.log).kind !== 'blind' && isFull) {
      const { mindTicket } = await import('./mind-ticket.js');
      await mindTicket(each, this.tools, now);
    }
    if (policy.incidents.bundles) {
      const { mindEvidence } = await import('./mind-evidence.js');
      await mindEvidence(each, answersIn(this.tools.watched, sighting), this.tools, this.collecting, now);
    }
    await this.close(each, now);
  }

  /** Where it is over, and nothing is done for it any more. */
  private async close(each: Held, now: Stamp): Promise<void> {
    const { incident, ticket, telling, evidence } = each;
    const { store, tell } = this.tools;
    const why = whyClosed(incident.log, this.terms, now);
    if (why === undefined || ticket.isBusy || telling.isBusy || evidence.isBusy) return;
    await this.oneAtATime(async () => {
      await store.close(incident, why);
      this.held = this.held.filter((other) => other !== each);
    });
    tell({ text: `${incident.id} closed: ${why}` });
  }
}

/** Whether it has no ticket because its help desk asked to be left alone. */
function waitsForDesk({ log, ticket }: StoredIncident): boolean {
  return latestOf(log, 'asked-to-wait') !== undefined && latest(ticket, 'registered') === undefined;
}
