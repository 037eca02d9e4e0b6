import { icepack, say } from '../../domain/command.js';
import { type NewIncidentEntry, ticketGone } from '../../domain/incident.js';
import { latest } from '../../domain/journal.js';
import { usageError } from '../../errors.js';
import { stampNow } from '../../state/boot-clock.js';
import type { IncidentStore, StoredIncident } from '../../state/incidents.js';
import { isCleared } from '../core/incidents.js';

/** The incident that somebody speaks of. @throws UserError `no-such-incident`, which names those that are open */
export async function openIncident(typed: string, incidents: IncidentStore): Promise<StoredIncident> {
  const { known } = await incidents.open();
  const id = typed.trim().toUpperCase();
  const found = known.find((each) => each.id === id);
  if (found !== undefined) return found;
  const isClosed = /^I\d{1,9}$/.test(id) && (await incidents.find(id)) !== undefined;
  const names = known.map((each) => each.id).join(', ');
  const open = names === '' ? 'None is open here; a watch of another user keeps its own' : `Open: ${names}`;
  const text = isClosed ? `${id} is closed` : `there is no incident "${typed}"`;
  throw usageError('no-such-incident', text, say`${open}. See them: ${icepack('watch', 'status')}`);
}

/** @throws UserError `usage` where it has a ticket, or nothing is bad that a new one could tell of */
export function refuseNewTicket({ id, log, ticket }: StoredIncident): void {
  const { key } = latest(ticket, 'registered') ?? {};
  if (ticketGone(log) === undefined) {
    const why =
      key === undefined ? 'has no ticket yet, and gets one by itself' : `has the ticket ${key}, as far as is known`;
    throw usageError('usage', `${id} ${why}`, say`See how it stands: ${icepack('watch', 'status')}`);
  }
  if (isCleared(log))
    throw usageError(
      'usage',
      `nothing of ${id} is bad any more: there is nothing to open a ticket for`,
      say`Say what was done: ${icepack('resolved', id)}`,
    );
}

/** What a person says of an incident: that they have it, that they do not, which ticket it has, that it is repaired. */
export type Saying = {
  by: string;
  acknowledged?: { forMs: number; note?: string; how?: string; reply?: string };
  unacknowledged?: true;
  ticket?: string;
  /** Its ticket is gone, and a new one is wanted. */
  replaced?: true;
  resolved?: true;
  summary?: { text: string; hours?: number };
};

/** Says it; from then on it counts, for a watch that is at work too. @returns what was noted */
export async function sayOf(
  incident: StoredIncident,
  { by, acknowledged, unacknowledged, ticket, replaced, resolved, summary }: Saying,
  incidents: IncidentStore,
): Promise<NewIncidentEntry[]> {
  const stamp = await stampNow();
  const said: NewIncidentEntry[] = [
    ...(unacknowledged ? [{ type: 'unacknowledged' as const, stamp, by }] : []),
    ...(ticket === undefined ? [] : [{ type: 'named' as const, by, ticket }]),
    ...(acknowledged === undefined
      ? []
      : [{ type: 'acknowledged' as const, stamp, by, how: 'command', ...acknowledged }]),
    ...(replaced ? [{ type: 'replaced' as const, stamp, by }] : []),
    ...(resolved ? [{ type: 'resolved' as const, stamp, by }] : []),
    ...(summary === undefined ? [] : [{ type: 'summary' as const, by, ...summary }]),
  ];
  for (const entry of said) await incidents.say(incident.id, entry);
  await incident.log.refresh();
  return said;
}
