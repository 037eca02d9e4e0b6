import { setTimeout } from 'node:timers/promises';
import pLimit from 'p-limit';
import { defined } from '../../domain/defined.js';
import type { IncidentLog } from '../../domain/incident.js';
import type { Stamp } from '../../domain/watch-event.js';
import { attemptsIn, isMaybeSent } from './attempts.js';
import { lookAfterDeliveries } from './delivery-polls.js';
import { type DuePage, dueOf } from './due.js';
import { incidentStanding } from './incident-standing.js';
import { keepAlive } from './keep-alive.js';
import { type Admitted, admitted, type Earlier, type Wanted } from './limits.js';
import type { PagedIncident, PagerTools } from './paged-incident.js';
import { sendPage } from './send-page.js';

/** The next page is sent when one has ended, or takes longer than that. */
const headStartMs = 500;

/** Sends what is due, at least once, and never what is not due any more. What it knows stands in the journals. */
export class Pager {
  private readonly tools: PagerTools;
  /** The pages that are being sent, by the id of their incident and their number. */
  private readonly running = new Map<string, Map<number, Promise<void>>>();
  /** When a channel was asked last what became of a page. */
  private readonly polled = new Map<string, Stamp>();
  /** When an engine was told last that something is still so. */
  private readonly repeated = new Map<string, Stamp>();
  private readonly failures: unknown[] = [];
  /** One at a time decides what is sent, so that two calls never send the same. */
  private readonly oneAtATime = pLimit(1);

  constructor(tools: PagerTools) {
    this.tools = tools;
  }

  /**
   * Does all that is due for these incidents, and what becomes due by it. One slow channel holds up no other.
   * @param incidents all that are open: what a person has been told of one counts for the others
   * @throws what a journal cannot take
   */
  async pageWhatIsDue(incidents: readonly PagedIncident[], signal: AbortSignal): Promise<void> {
    const beside = new Set<Promise<void>>();
    for (const incident of incidents) {
      this.track(lookAfterDeliveries(incident, this.tools, this.polled, signal), beside);
      this.track(keepAlive(incident, this.tools, this.repeated, signal), beside);
    }
    for (;;) {
      const isEnding = signal.aborted || this.failures.length > 0;
      if (!isEnding) await this.oneAtATime(() => this.startWhatIsDue(incidents, signal));
      const running = [...beside, ...incidents.flatMap(({ id }) => [...(this.running.get(id)?.values() ?? [])])];
      if (running.length === 0) break;
      await Promise.race(running);
    }
    if (this.failures.length > 0) throw this.failures.shift();
    signal.throwIfAborted();
  }

  /** What goes on beside the pages, until it has ended; its failure is that of whoever looks next. */
  private track(work: Promise<void>, among: Set<Promise<void>>): void {
    const tracked: Promise<void> = work
      .catch((error: unknown) => void this.failures.push(error))
      .finally(() => among.delete(tracked));
    among.add(tracked);
  }

  /** Starts one page after the other: whoever is killed leaves one whose end nobody knows, and as many as were slow. */
  private async startWhatIsDue(incidents: readonly PagedIncident[], signal: AbortSignal): Promise<void> {
    for (;;) {
      const now = await this.tools.stamp();
      const wanted: Wanted[] = [];
      for (const incident of incidents) wanted.push(...(await this.wantedOf(incident, now)));
      const earlier = incidents.flatMap(({ log }) => earlierOf(log));
      const [page] = admitted(wanted, earlier, this.tools.setting, now);
      const incident = incidents.find(({ id }) => id === page?.incident);
      if (page === undefined || incident === undefined || signal.aborted || this.failures.length > 0) return;
      const n = page.due.n ?? nextNumber(incident.log);
      if (page.due.n === undefined) await incident.log.write({ ...paging(page.due, n), stamp: now });
      await Promise.race([
        this.start(incident, page, n, incidents, signal),
        setTimeout(headStartMs, undefined, { ref: false }),
      ]);
    }
  }

  /** What of one incident is due, when all that has to be written first is written. */
  private async wantedOf({ id, log }: PagedIncident, now: Stamp): Promise<Wanted[]> {
    for (;;) {
      const { entries, pages } = dueOf(log, this.tools.setting, now, this.inFlight(id));
      if (entries.length === 0) return pages.map((due) => ({ incident: id, due, isFirst: isFirst(log, due) }));
      for (const entry of entries) await log.write(entry);
    }
  }

  private inFlight(id: string): ReadonlySet<number> {
    return new Set(this.running.get(id)?.keys());
  }

  private start(
    incident: PagedIncident,
    page: Admitted,
    n: number,
    incidents: readonly PagedIncident[],
    signal: AbortSignal,
  ): Promise<void> {
    const mine = this.running.get(incident.id) ?? new Map<number, Promise<void>>();
    this.running.set(incident.id, mine);
    const others = new Set([...mine.keys()].filter((other) => other !== n));
    const sending = sendPage({ incident, page, n, inFlight: others }, incidents, this.tools, signal)
      .catch((error: unknown) => void this.failures.push(error))
      .finally(() => mine.delete(n));
    mine.set(n, sending);
    return sending;
  }
}

function paging({ why, person, channel }: DuePage, n: number) {
  return { type: 'paging' as const, n, why, channel, ...defined({ person }) };
}

function nextNumber({ entries }: IncidentLog): number {
  return 1 + Math.max(0, ...entries.map((entry) => (entry.type === 'paging' ? entry.n : 0)));
}

/** Whether a person hears of an incident for the first time over a channel. */
function isFirst({ entries }: IncidentLog, due: DuePage): boolean {
  const since = incidentStanding({ entries })?.routed?.index ?? 0;
  return !attemptsIn(entries, since).some(({ person, channel }) => person === due.person && channel === due.channel);
}

/** What counts of what people were told. */
function earlierOf(log: IncidentLog): Earlier[] {
  const isEmergency = incidentStanding(log)?.severity === 'emergency';
  const sent = attemptsIn(log.entries, 0).filter((each) => each.n > 0 && isMaybeSent(each));
  return sent.map(({ person, channel, began }) => ({ person, channel, began, isEmergency }));
}
