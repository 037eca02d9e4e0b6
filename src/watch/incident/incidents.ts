import pLimit from 'p-limit';
import { defined } from '../../domain/defined.js';
import { latestOf, type NewIncidentEntry, ticketGone } from '../../domain/incident.js';
import { latest } from '../../domain/journal.js';
import type { OutputLine } from '../../domain/line.js';
import { printableLine } from '../../domain/text.js';
import type { Sighting, Stamp } from '../../domain/watch-event.js';
import type { Watched, WatchPolicy } from '../../domain/watch-policy.js';
import { reasonOf, UserError } from '../../errors.js';
import { HelpDeskError } from '../../helpdesk/help-desk.js';
import type { IncidentStore, StoredIncident } from '../../state/incidents.js';
import type { Maintenances } from '../../state/maintenances.js';
import { endsToldOf } from '../core/flapping.js';
import type { Heard } from '../core/heard.js';
import {
  type Decision,
  isResolved,
  opening,
  type Terms,
  type Trouble,
  whatBecomes,
  whyClosed,
} from '../core/incidents.js';
import { isPast } from '../core/things.js';
import type { IncidentFacts } from '../escalation/page-facts.js';
import { referencePrefix } from './draft.js';
import { entryOf } from './entry-of.js';
import type { EvidenceTools } from './evidence.js';
import { isAskedToWait, Pace } from './pace.js';
import { isOfDesk, refusalIn } from './refused-by-desk.js';
import { goneText } from './standing.js';
import { tellRestMs } from './tell-rest.js';
import type { TicketTools } from './ticket.js';
import { answersIn, overIn, silenceIn, troublesIn } from './troubles.js';
import { subjectOf, titleOf } from './words.js';

export type IncidentTools = TicketTools &
  EvidenceTools & {
    store: IncidentStore;
    maintenances: Pick<Maintenances, 'list'>;
    watched: readonly Watched[];
    policy: Pick<WatchPolicy, 'blind' | 'incidents'>;
    /** Tells whoever reads the messages of a watch. */
    tell(line: OutputLine): void;
  };

/** An incident, with what goes on for it here. */
type Held = { incident: StoredIncident } & Record<'ticket' | 'telling' | 'looking' | 'evidence' | 'delivering', Pace>;

const lookEveryMs = 60_000;
const deliverEveryMs = 10 * 60_000;
/** So long is waited for a ticket before evidence is collected without one. */
const ticketWithinMs = 5 * 60_000;
/** So many are collected for at the same time. */
const collectAtOnce = 2;

/** Makes incidents of the events that are told, and has for each what is owed: its ticket, what that is told, its evidence. */
export class Incidents {
  private tools: IncidentTools;
  private readonly oneAtATime = pLimit(1);
  private readonly collecting = pLimit(collectAtOnce);
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
    const reference = `${this.prefixOf(facts.group)}${new Date(stamp.wallMs).toISOString().replace(/\D/g, '').slice(0, 12)}`;
    const joined = members.map((member): NewIncidentEntry => ({ type: 'joined', stamp, ...member }));
    const incident = await store.create({ stamp, reference, ...facts }, joined);
    this.held.push(held(incident));
    tell({ text: `${incident.id} opened: ${subjectOf(incident.log, about)}`, tone: 'bad' });
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
    const isLetIn = known !== undefined && this.refusals(now).length === 0 && (await this.triesDesk(known, now));
    await this.oneAtATime(async () => {
      const open = this.held.map(({ incident }) => incident).filter(({ log }) => isOfDesk(log));
      const refused = this.refusals(now);
      const over = () => (isLetIn && refused.length === 0 ? 'it lets icepack in' : undefined);
      for (const decision of whatBecomes(refused, open, over, this.terms, now)) await this.carryOut(decision, now);
    });
  }

  /** What help desks refused us last for the incidents that have tickets there, or would. */
  private refusals(now: Stamp): Trouble[] {
    if (!this.tools.policy.incidents.tickets) return [];
    const paces = this.held
      .filter(({ incident }) => !isOfDesk(incident.log))
      .flatMap(({ ticket, telling, looking }) => [ticket, telling, looking]);
    return refusalIn(
      paces.map(({ failure }) => failure),
      new Date(now.wallMs),
    );
  }

  /** @returns whether it was asked now, and lets us in */
  private async triesDesk({ looking }: Held, now: Stamp): Promise<boolean> {
    const { askDesk } = await import('./ticket.js');
    let isLetIn = false;
    const ask = async () => {
      await askDesk(this.tools);
      isLetIn = true;
    };
    await looking.at(now, ask, lookEveryMs);
    return isLetIn;
  }

  private async workOn(each: Held, sighting: Sighting, isLast: boolean, now: Stamp): Promise<void> {
    const { incident } = each;
    const { policy, store, tell } = this.tools;
    try {
      await incident.log.refresh();
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      return this.leaveAlone(error); // until it can be read again
    }
    const isFull = isLast || isPast(opening(incident.log).stamp, policy.incidents.waitMs, now);
    if (policy.incidents.tickets && opening(incident.log).kind !== 'blind' && isFull) await this.mindTicket(each, now);
    if (policy.incidents.bundles) await this.mindEvidence(each, answersIn(this.tools.watched, sighting), now);
    const why = whyClosed(incident.log, this.terms, now);
    if (why === undefined || each.ticket.isBusy || each.telling.isBusy || each.evidence.isBusy) return;
    await this.oneAtATime(async () => {
      await store.close(incident, why);
      this.held = this.held.filter((other) => other !== each);
    });
    tell({ text: `${incident.id} closed: ${why}` });
  }

  private async mindTicket({ incident, ticket, telling, looking }: Held, now: Stamp): Promise<void> {
    if (isAskedToWait(incident.log, now)) return;
    const { registerFor, tellTicket, lookAtTicket, ticketOf, untold } = await import('./ticket.js');
    const { tell } = this.tools;
    const before = ticketOf(incident)?.key;
    const isNamed = latestOf(incident.log, 'named') !== undefined;
    const minding = (pace: Pace, work: () => Promise<void>, everyMs?: number) =>
      pace.at(now, () => this.notingWait(incident, work), everyMs);
    if (before === undefined || isNamed)
      await minding(ticket, async () => {
        await registerFor(incident, this.tools);
        const { key, url } = ticketOf(incident) ?? {};
        if (key !== undefined && key !== before) tell({ text: `${incident.id}: ticket ${key}, ${url}` });
      });
    this.tellFailure(incident, 'no ticket yet', ticket);
    if (ticketOf(incident) === undefined || ticketGone(incident.log) !== undefined) return;
    const news = untold(incident);
    const ends = endsToldOf(incident.log, news, this.tools.policy.incidents.flapping, now);
    const restMs = tellRestMs(telling.failure === undefined ? news : [], ends);
    if (news.length > 0) await minding(telling, () => tellTicket(incident, this.tools), restMs);
    this.tellFailure(incident, 'its ticket was not told', telling);
    const look = async () => this.noteLook(incident, await lookAtTicket(incident, this.tools));
    await minding(looking, look, lookEveryMs);
    const gone = ticketGone(incident.log);
    if (gone !== undefined) tell({ text: goneText(incident.id, gone), tone: 'warn' });
  }

  /** Where a help desk asks to be left alone, that is written down: it counts for whoever comes next, too. */
  private async notingWait({ log }: StoredIncident, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      const forMs = error instanceof HelpDeskError ? (error.retryAfterMs ?? 0) : 0;
      if (forMs > 0) await log.write({ type: 'asked-to-wait', stamp: await this.tools.stamp(), forMs });
      throw error;
    }
  }

  private async noteLook(
    { log }: StoredIncident,
    seen: { is: 'resolved'; final: boolean } | { is: 'taken' } | undefined,
  ): Promise<void> {
    if (seen === undefined) return;
    const stamp = await this.tools.stamp();
    const by = 'the help desk';
    if (seen.is === 'resolved' && !isResolved(log))
      await log.write({ type: 'resolved', stamp, by, ...(seen.final ? { final: true as const } : {}) });
    if (seen.is === 'taken') await log.write({ type: 'acknowledged', stamp, by, how: 'desk', forMs: takenForMs });
  }

  private tellFailure({ id }: StoredIncident, what: string, pace: Pace): void {
    const failure = pace.newFailure();
    if (failure !== undefined)
      this.tools.tell({ text: printableLine(`${id}: ${what}: ${reasonOf(failure)}`, 400), tone: 'warn' });
  }

  private async mindEvidence(each: Held, answers: (server: string) => boolean, now: Stamp): Promise<void> {
    const { incident, evidence, delivering } = each;
    const { ticketOf } = await import('./ticket.js');
    const { collectFor, deliverFor, owedWords, takeUpEnd, wantedEvidence } = await import('./evidence.js');
    const ticket = ticketGone(incident.log) === undefined ? ticketOf(incident)?.key : undefined;
    const follow = (ended: Promise<void>) => void this.collecting(() => evidence.while(ended)).catch(unlessUnwritten);
    await evidence.at(now, async () => {
      if (this.collecting.activeCount >= collectAtOnce || (await takeUpEnd(incident, this.tools))) return;
      const wanted = wantedEvidence(incident, answers, now);
      if (wanted === undefined || (ticket === undefined && this.waitsForTicket(incident, now))) return;
      follow((await collectFor(incident, wanted, ticket, this.tools)).ended);
    });
    if (ticket === undefined || evidence.isBusy) return;
    const deliver = async () => {
      const words = await owedWords(incident, ticket, this.tools);
      if (words !== undefined) follow((await deliverFor(incident, words, this.tools)).ended);
    };
    await delivering.at(now, deliver, deliverEveryMs);
  }

  /** What is collected goes to the ticket at once where that will be there soon; logs do not wait for long. */
  private waitsForTicket({ log, ticket }: StoredIncident, now: Stamp): boolean {
    const isByHand = latest(ticket, 'drafted')?.byHand === true;
    return this.tools.policy.incidents.tickets && !isByHand && !isPast(opening(log).stamp, ticketWithinMs, now);
  }
}

/** Whether it has no ticket because its help desk asked to be left alone. */
function waitsForDesk({ log, ticket }: StoredIncident): boolean {
  return latestOf(log, 'asked-to-wait') !== undefined && latest(ticket, 'registered') === undefined;
}

/** How collecting ended is found out again by whoever can write it down. */
function unlessUnwritten(error: unknown): void {
  if (!(error instanceof UserError && error.code === 'local-write')) throw error;
}

const takenForMs = 4 * 3_600_000;

function held(incident: StoredIncident): Held {
  const paces = { ticket: new Pace(), telling: new Pace(), looking: new Pace() };
  return { incident, ...paces, evidence: new Pace(), delivering: new Pace() };
}
