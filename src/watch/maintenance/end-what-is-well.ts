import type { Appliance } from '../../domain/appliance.js';
import { holdsAt, isMeant, type Maintenance } from '../../domain/maintenance.js';
import type { Seen, ServerSeen } from '../../domain/watch-event.js';
import type { Maintenances } from '../../state/maintenances.js';

/** Ends the maintenance that was to last until something is well, where that was seen to be so at a visit. */
export async function endWhatIsWell(
  { name: server, cluster }: Appliance,
  { seen, visitedAt }: ServerSeen,
  known: readonly Maintenance[],
  maintenances: Maintenances,
): Promise<void> {
  if (visitedAt === undefined) return;
  const at = new Date(visitedAt.wallMs);
  for (const maintenance of known) {
    if (maintenance.when.kind !== 'until-ok' || holdsAt(maintenance, at) === undefined) continue;
    const meant = seen.filter(({ check, instance }) => isMeant(maintenance, { server, cluster, check, instance }));
    if (meant.length > 0 && meant.every((each) => isWell(each, visitedAt.wallMs)))
      await maintenances.end(maintenance, { at: at.toISOString(), by: 'icepack: it is well again' });
  }
}

/** Whether it was seen to be well at this visit. */
function isWell({ answer, at, event }: Seen, visitedMs: number): boolean {
  return answer.is === 'ok' && at.wallMs === visitedMs && event === undefined;
}
