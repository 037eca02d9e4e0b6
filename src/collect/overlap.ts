import type { Appliance } from '../domain/appliance.js';
import { defined } from '../domain/defined.js';
import { type Intent, latest } from '../domain/journal.js';
import type { Route } from '../domain/route.js';
import { formatLocal } from '../domain/zone.js';
import { type PastRun, pastRuns } from '../runs/past-runs.js';
import { meantOf, withSaid } from '../runs/stored-run.js';
import type { RunStore } from '../state/runs.js';
import type { TicketJournals } from '../state/ticket-journals.js';
import { instantText } from '../tickets/event-text.js';
import type { Operator } from '../ui/operator.js';
import { defaultReference } from './incident-manifest.js';

/** What is to be collected, and where it is to go. */
export type Incident = { at: Date; reference: string | undefined; newTicket: boolean; intent: Intent };

type Sought = {
  appliances: readonly Appliance[];
  window: { beforeMs: number; afterMs: number };
  origin: string;
  /** Of what references are made. */
  home: string;
  /** To which other desks tickets may have gone. */
  routes: readonly Route[];
};

/**
 * Where a run of this machine has evidence of the same servers and of an overlapping window, a person says what this one
 * is: more of the same incident, the next event of its ticket, or an incident of its own. Nobody there: what is meant is
 * told by the reference alone, and the overlap is said.
 */
export async function settleOverlap(
  incident: Incident,
  sought: Sought,
  operator: Operator,
  { runs, tickets }: { runs: RunStore; tickets: TicketJournals },
): Promise<Incident> {
  const earlier = await overlapping(incident.at, sought, runs);
  if (earlier === undefined) return incident;
  const ticket = ticketOf(earlier);
  const route = routeTo(earlier, sought.routes);
  const at = new Date(earlier.manifest.event.at);
  const isSameMinute = minuteOf(at) === minuteOf(incident.at);
  const text = `run ${earlier.run.id} collected from ${serversOf(earlier)} already, event ${instantText(at, operator.zone)}${ticket === undefined ? '' : `, ${ticket}${route === undefined ? '' : ` by route ${route.name}`}`}`;
  if (operator.ask === undefined) {
    const isSame = earlier.manifest.reference === defaultReference(sought.home, sought.appliances, incident.at);
    const hint = `This one gets a ticket of its own. To add it to that one: --ticket ${ticket}${route === undefined ? '' : ` --route ${route.name}`}`;
    if (!isSame && ticket !== undefined) operator.emit({ type: 'warning', text, hint });
    return incident;
  }
  operator.emit({ type: 'note', text, asked: true });
  const closed = (await isClosed(earlier, tickets)) ? ', which was Closed when it was last seen' : '';
  const of = ticket === undefined ? 'that run' : `${ticket}${closed}`;
  const answer = await operator.ask.choose('What is this?', [
    { value: 'same', title: `the same incident: add to ${of}, event ${formatLocal(at, operator.zone)}` },
    ...(ticket === undefined || isSameMinute ? [] : [{ value: 'next', title: `the next event of ${of}` }]),
    { value: 'new', title: 'another incident: a new ticket' },
  ]);
  if (answer === 'new') return { ...incident, newTicket: true };
  const intent =
    ticket === undefined
      ? withSaid(wordsOf(earlier.run), incident.intent)
      : { ...incident.intent, ticket, ...defined({ route: route?.name }) };
  return answer === 'next'
    ? { ...incident, intent }
    : { ...incident, at, reference: earlier.manifest.reference, intent };
}

/** What was said of the incident, without where the ZIP of that run went. */
function wordsOf(run: PastRun['run']): Intent {
  const { fit, output, ...words } = meantOf(run);
  return words;
}

/** The run whose incident is nearest in time; of several, the newest. */
async function overlapping(
  at: Date,
  { appliances, window, origin, routes }: Sought,
  runs: RunStore,
): Promise<PastRun | undefined> {
  const names = new Set(appliances.map(({ name }) => name));
  const lengthMs = window.beforeMs + window.afterMs;
  const distance = ({ manifest }: PastRun) => Math.abs(Date.parse(manifest.event.at) - at.getTime());
  let nearest: PastRun | undefined;
  for await (const past of pastRuns(runs)) {
    if (distance(past) >= lengthMs || !past.manifest.servers.some(({ name }) => names.has(name))) continue;
    const isHere = (latest(past.run.journal, 'registered')?.origin ?? origin) === origin;
    if (!isHere && routeTo(past, routes) === undefined) continue; // a ticket of another help desk
    if (nearest === undefined || distance(past) < distance(nearest)) nearest = past;
  }
  return nearest;
}

/** The route by which a run went to its help desk. */
function routeTo({ run }: PastRun, routes: readonly Route[]): Route | undefined {
  const place = latest(run.journal, 'routed')?.place;
  return routes.find((route) => route.hasPlace && route.place === place);
}

/** The ticket that a run was submitted to, or was meant for. */
function ticketOf({ run }: PastRun): string | undefined {
  return latest(run.journal, 'registered')?.key ?? latest(run.journal, 'started')?.intent.ticket;
}

/** What is known of the ticket on this machine; nobody is asked. */
async function isClosed({ run }: PastRun, tickets: TicketJournals): Promise<boolean> {
  const registered = latest(run.journal, 'registered');
  if (registered === undefined) return false;
  const atTicket = await tickets.of(registered.origin, registered.id);
  const seen = [latest(run.journal, 'seen'), latest(atTicket, 'seen')].flatMap((each) => each ?? []);
  return seen.toSorted((one, other) => one.at.localeCompare(other.at)).at(-1)?.state === 'closed';
}

function serversOf({ manifest }: PastRun): string {
  return manifest.servers.map(({ name }) => name).join(', ');
}

function minuteOf(at: Date): number {
  return Math.floor(at.getTime() / 60_000);
}
