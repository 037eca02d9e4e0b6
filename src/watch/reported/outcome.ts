import { defined } from '../../domain/defined.js';
import type { IncidentLog, Thing } from '../../domain/incident.js';
import { type Reported, thingOf } from '../../domain/reported.js';
import type { StoredIncident } from '../../state/incidents.js';
import type { WatchNotes } from '../../state/watch-notes.js';
import { heardOf } from '../core/heard.js';
import { everyMember, membersOf, opening } from '../core/incidents.js';
import { isSame } from '../core/things.js';
import { type IncidentStanding, incidentStandings, isByHand } from '../incident/standing.js';
import type { Watching } from '../watching.js';

/** What came of what was said of a thing. */
export type Outcome = {
  said: Reported;
  /** By what nobody is told of it now. */
  suppressed?: string;
  /** That of which it is, or was where it is well again. */
  incident?: IncidentStanding;
  /** Whether it was taken up: the incident knows of it. */
  isTaken: boolean;
  /** Whether a ticket is owed that there could be. */
  owesTicket: boolean;
};

type Stores = Pick<WatchNotes, 'incidents' | 'maintenances'>;

/** What came of all that was said, as the incidents have it now. */
export async function outcomesOf(
  said: readonly Reported[],
  { watched, about, policy }: Pick<Watching, 'watched' | 'about' | 'policy'>,
  { incidents, maintenances }: Stores,
  now: Date,
): Promise<Outcome[]> {
  const { known: open } = await incidents.open();
  const { known: announced } = await maintenances.list();
  return heardOf(watched, said, announced, now).map(({ suppressed, ...each }) => {
    const thing = thingOf(each);
    const found = open.findLast(({ log }) => isIn(thing, membersOf(log)));
    const of = found ?? (each.is === 'ok' ? open.findLast(({ log }) => isIn(thing, everyMember(log))) : undefined);
    const isTaken = each.is === 'ok' ? found === undefined : found !== undefined || suppressed !== undefined;
    const [incident] = of === undefined ? [] : incidentStandings([of], about);
    const owesTicket = of !== undefined && policy.incidents.tickets && lacksTicket(of);
    return { said: each, isTaken, owesTicket, ...defined({ suppressed, incident }) };
  });
}

function isIn(thing: Thing, members: ReturnType<typeof membersOf>): boolean {
  return members.some((member) => isSame(member.thing, thing));
}

function lacksTicket({ log, ticket }: { log: IncidentLog; ticket: StoredIncident['ticket'] }): boolean {
  const isRegistered = ticket.entries.some(({ type }) => type === 'registered');
  return opening(log).kind !== 'blind' && !isRegistered && !isByHand(ticket);
}
