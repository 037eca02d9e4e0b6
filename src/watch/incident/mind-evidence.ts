import type { LimitFunction } from 'p-limit';
import { ticketGone } from '../../domain/incident.js';
import { latest } from '../../domain/journal.js';
import type { Stamp } from '../../domain/watch-event.js';
import { UserError } from '../../errors.js';
import type { StoredIncident } from '../../state/incidents.js';
import { opening } from '../core/incidents.js';
import { isPast } from '../core/things.js';
import { collectFor, deliverFor, owedWords, takeUpEnd, wantedEvidence } from './evidence.js';
import type { Held } from './held.js';
import type { IncidentTools } from './incident-tools.js';
import { ticketOf } from './ticket.js';

const deliverEveryMs = 10 * 60_000;
/** So long is waited for a ticket before evidence is collected without one. */
const ticketWithinMs = 5 * 60_000;

/**
 * Has its evidence collected, and brought to its ticket.
 * @param answers whether a server does @returns once that was begun: it goes on by itself
 */
export async function mindEvidence(
  { incident, evidence, delivering }: Held,
  answers: (server: string) => boolean,
  tools: IncidentTools,
  collecting: LimitFunction,
  now: Stamp,
): Promise<void> {
  const ticket = ticketGone(incident.log) === undefined ? ticketOf(incident)?.key : undefined;
  const follow = (ended: Promise<void>) => void collecting(() => evidence.while(ended)).catch(unlessUnwritten);
  await evidence.at(now, async () => {
    if (collecting.activeCount >= collecting.concurrency || (await takeUpEnd(incident, tools))) return;
    const wanted = wantedEvidence(incident, answers, now);
    if (wanted === undefined || (ticket === undefined && waitsForTicket(incident, tools, now))) return;
    follow((await collectFor(incident, wanted, ticket, tools)).ended);
  });
  if (ticket === undefined || evidence.isBusy) return;
  const deliver = async () => {
    const words = await owedWords(incident, ticket, tools);
    if (words !== undefined) follow((await deliverFor(incident, words, tools)).ended);
  };
  await delivering.at(now, deliver, deliverEveryMs);
}

/** What is collected goes to the ticket at once where that will be there soon; logs do not wait for long. */
function waitsForTicket({ log, ticket }: StoredIncident, { policy }: IncidentTools, now: Stamp): boolean {
  const isByHand = latest(ticket, 'drafted')?.byHand === true;
  return policy.incidents.tickets && !isByHand && !isPast(opening(log).stamp, ticketWithinMs, now);
}

/** How collecting ended is found out again by whoever can write it down. */
function unlessUnwritten(error: unknown): void {
  if (!(error instanceof UserError && error.code === 'local-write')) throw error;
}
