import { icepack, say } from '../../domain/command.js';
import type { Maintenance } from '../../domain/maintenance.js';
import type { Watched } from '../../domain/watch-policy.js';
import { usageError } from '../../errors.js';
import { stampNow } from '../../state/boot-clock.js';
import type { Operator } from '../../ui/operator.js';
import { membersOf, type OpenIncident, pausedBy } from '../core/incidents.js';
import { suppressionAt } from '../core/suppression.js';
import { isHeld } from '../escalation/case.js';
import { incidentStanding } from '../escalation/incident-standing.js';

/** What goes on now: incidents, and maintenance that holds or is to come. */
type Now = {
  open: readonly OpenIncident[];
  known: readonly Maintenance[];
  watched: readonly Watched[];
};

/** The emergencies that nobody has, and of which nobody would be told any more by other maintenance. @returns their ids */
export async function silencedBy(
  added: Omit<Maintenance, 'id' | 'schema'>,
  { open, known, watched }: Now,
): Promise<string[]> {
  const stamp = await stampNow();
  const all: Maintenance[] = [...known, { schema: 1, id: 'M1', ...added }];
  const at = new Date(stamp.wallMs);
  return open.flatMap(({ id, log }) => {
    const standing = incidentStanding(log);
    if (standing?.phase !== 'firing' || standing.severity !== 'emergency') return [];
    if (isHeld(standing, stamp) || pausedBy(log) !== undefined) return [];
    const isSilent = (by: readonly Maintenance[]) =>
      membersOf(log).every(({ thing }) => {
        const own = watched.find(({ appliance }) => appliance.name === thing.server);
        return own !== undefined && suppressionAt(own, thing, by, at) !== undefined;
      });
    return isSilent(all) && !isSilent(known) ? [id] : [];
  });
}

/** A person says that an emergency may be silent: asked at a terminal, said by --also-open else. @throws UserError `not-confirmed` */
export async function confirmSilence(ids: readonly string[], { ask }: Pick<Operator, 'ask'>): Promise<void> {
  const [first] = ids;
  if (first === undefined) return;
  const names = ids.join(', ');
  const what = `${names} ${ids.length === 1 ? 'is an open emergency that nobody has' : 'are open emergencies that nobody has'}`;
  if (await ask?.confirm(`${what}: nobody is told of that any more. Announce it all the same?`, false)) return;
  const hint = say`Say who has it (${icepack('ack', first)}), or add --also-open`;
  throw usageError('not-confirmed', `${what}, and would be silent; nothing was announced`, hint);
}
