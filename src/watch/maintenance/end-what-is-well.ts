import type { Appliance } from '../../domain/appliance.js';
import { holdsAt, isMeant, type Maintenance } from '../../domain/maintenance.js';
import { type Reported, thingOf } from '../../domain/reported.js';
import type { Seen, ServerSeen } from '../../domain/watch-event.js';
import type { Watched } from '../../domain/watch-policy.js';
import type { Maintenances } from '../../state/maintenances.js';

/** Ends the maintenance that was to last until something is well again, where that was seen to be so at a visit. */
export async function endWhatIsWell(
  { name: server, cluster }: Appliance,
  before: readonly Seen[],
  { seen, visitedAt }: Pick<ServerSeen, 'seen' | 'visitedAt'>,
  known: readonly Maintenance[],
  maintenances: Pick<Maintenances, 'end'>,
): Promise<void> {
  if (visitedAt === undefined) return;
  const at = new Date(visitedAt.wallMs);
  for (const maintenance of known) {
    if (maintenance.when.kind !== 'until-ok' || holdsAt(maintenance, at) === undefined) continue;
    const isIt = ({ check, instance }: Seen) => isMeant(maintenance, { server, cluster, check, instance });
    const meant = seen.filter(isIt);
    const wasBad = before.some((each) => isIt(each) && each.event !== undefined); // announced ahead, it has yet to begin
    if (wasBad && meant.length > 0 && meant.every((each) => isWell(each, visitedAt.wallMs)))
      await maintenances.end(maintenance, { at: at.toISOString(), by: 'icepack: it is well again' });
  }
}

/** The same, where another monitor says that all of it is well which was bad: since it was announced, and while it holds. */
export async function endWhatIsSaidWell(
  watched: readonly Watched[],
  reported: readonly Reported[],
  known: readonly Maintenance[],
  maintenances: Pick<Maintenances, 'end'>,
  now: Date,
): Promise<void> {
  for (const maintenance of known) {
    if (maintenance.when.kind !== 'until-ok' || holdsAt(maintenance, now) === undefined) continue;
    const from = Math.max(Date.parse(maintenance.when.from), Date.parse(maintenance.created));
    const meant = reported.filter((said) => {
      const { check, instance } = thingOf(said);
      const appliance = watched.find((each) => each.appliance.name === said.server)?.appliance;
      return appliance && isMeant(maintenance, { server: said.server, cluster: appliance.cluster, check, instance });
    });
    const isOver = ({ since, at }: Reported) => since !== undefined && Date.parse(at) >= from;
    if (meant.some(isOver) && meant.every(({ is }) => is === 'ok'))
      await maintenances.end(maintenance, { at: now.toISOString(), by: 'icepack: it is well again' });
  }
}

/** Whether it was seen to be well at this visit. */
function isWell({ answer, at, event }: Seen, visitedMs: number): boolean {
  return answer.is === 'ok' && at.wallMs === visitedMs && event === undefined;
}
