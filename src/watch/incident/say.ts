import { icepack, say } from '../../domain/command.js';
import type { NewIncidentEntry } from '../../domain/incident.js';
import { usageError } from '../../errors.js';
import { stampNow } from '../../state/boot-clock.js';
import type { IncidentStore, StoredIncident } from '../../state/incidents.js';

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

/** What a person says of an incident: that they have it, that they do not, which ticket it has, that it is repaired. */
export type Saying = {
  by: string;
  acknowledged?: { forMs: number; note?: string; how?: string; reply?: string };
  unacknowledged?: true;
  ticket?: string;
  resolved?: true;
  summary?: { text: string; hours?: number };
};

/** Says it; from then on it counts, for a watch that is at work too. @returns what was noted */
export async function sayOf(
  incident: StoredIncident,
  { by, acknowledged, unacknowledged, ticket, resolved, summary }: Saying,
  incidents: IncidentStore,
): Promise<NewIncidentEntry[]> {
  const stamp = await stampNow();
  const said: NewIncidentEntry[] = [
    ...(unacknowledged ? [{ type: 'unacknowledged' as const, stamp, by }] : []),
    ...(ticket === undefined ? [] : [{ type: 'named' as const, by, ticket }]),
    ...(acknowledged === undefined
      ? []
      : [{ type: 'acknowledged' as const, stamp, by, how: 'command', ...acknowledged }]),
    ...(resolved ? [{ type: 'resolved' as const, stamp, by }] : []),
    ...(summary === undefined ? [] : [{ type: 'summary' as const, by, ...summary }]),
  ];
  for (const entry of said) await incidents.say(incident.id, entry);
  await incident.log.refresh();
  return said;
}
