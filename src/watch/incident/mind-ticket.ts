import { latestOf, ticketGone } from '../../domain/incident.js';
import type { Stamp } from '../../domain/watch-event.js';
import { HelpDeskError } from '../../helpdesk/help-desk.js';
import type { StoredIncident } from '../../state/incidents.js';
import { endsToldOf } from '../core/flapping.js';
import { isResolved } from '../core/incidents.js';
import { type Held, tellFailure } from './held.js';
import type { IncidentTools } from './incident-tools.js';
import { isAskedToWait, type Pace } from './pace.js';
import { goneText } from './standing.js';
import { tellRestMs } from './tell-rest.js';
import { lookAtTicket, registerFor, tellTicket, ticketOf, untold } from './ticket.js';

const lookEveryMs = 60_000;
/** So long counts that somebody took it at the help desk. */
const takenForMs = 4 * 3_600_000;

/** Has it a ticket that is told what is new, and looks what people did with it there. */
export async function mindTicket(
  { incident, ticket, telling, looking }: Held,
  tools: IncidentTools,
  now: Stamp,
): Promise<void> {
  if (isAskedToWait(incident.log, now)) return;
  const { tell, policy } = tools;
  const before = ticketOf(incident)?.key;
  const isNamed = latestOf(incident.log, 'named') !== undefined;
  const minding = (pace: Pace, work: () => Promise<void>, everyMs?: number) =>
    pace.at(now, () => notingWait(incident, work, tools), everyMs);
  if (before === undefined || isNamed)
    await minding(ticket, async () => {
      await registerFor(incident, tools);
      const { key, url } = ticketOf(incident) ?? {};
      if (key !== undefined && key !== before) tell({ text: `${incident.id}: ticket ${key}, ${url}` });
    });
  tellFailure(incident, 'no ticket yet', ticket, tools);
  if (ticketOf(incident) === undefined || ticketGone(incident.log) !== undefined) return;
  const news = untold(incident);
  const ends = endsToldOf(incident.log, news, policy.incidents.flapping, now);
  const restMs = tellRestMs(telling.failure === undefined ? news : [], ends);
  if (news.length > 0) await minding(telling, () => tellTicket(incident, tools), restMs);
  tellFailure(incident, 'its ticket was not told', telling, tools);
  const look = async () => noteLook(incident, await lookAtTicket(incident, tools), tools);
  await minding(looking, look, lookEveryMs);
  const gone = ticketGone(incident.log);
  if (gone !== undefined) tell({ text: goneText(incident.id, gone), tone: 'warn' });
}

/** Where a help desk asks to be left alone, that is written down: it counts for whoever comes next, too. */
async function notingWait(
  { log }: StoredIncident,
  work: () => Promise<void>,
  { stamp }: Pick<IncidentTools, 'stamp'>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    const forMs = error instanceof HelpDeskError ? (error.retryAfterMs ?? 0) : 0;
    if (forMs > 0) await log.write({ type: 'asked-to-wait', stamp: await stamp(), forMs });
    throw error;
  }
}

async function noteLook(
  { log }: StoredIncident,
  seen: Awaited<ReturnType<typeof lookAtTicket>>,
  tools: Pick<IncidentTools, 'stamp'>,
): Promise<void> {
  if (seen === undefined) return;
  const stamp = await tools.stamp();
  const by = 'the help desk';
  if (seen.is === 'resolved' && !isResolved(log))
    await log.write({ type: 'resolved', stamp, by, ...(seen.final ? { final: true as const } : {}) });
  if (seen.is === 'taken') await log.write({ type: 'acknowledged', stamp, by, how: 'desk', forMs: takenForMs });
}
