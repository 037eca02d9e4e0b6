import type { IncidentLog, Thing } from '../../domain/incident.js';
import { reasonOf } from '../../errors.js';
import { HelpDeskError } from '../../helpdesk/help-desk.js';
import { opening, type Trouble } from '../core/incidents.js';

/** One incident for all that help desks refuse; no server and no cluster has such a name. */
const group = 'help desk';
const thing: Thing = { server: group, check: 'access' };

/** Whether it is that of a help desk which does not let us in. */
export function isOfDesk(log: IncidentLog): boolean {
  return opening(log).group === group;
}

/** That a help desk does not let us in, among what went wrong there: one that is down is not that, nor one that is busy. */
export function refusalIn(failures: readonly unknown[], since: Date): Trouble[] {
  const refusal = failures.find((each) => each instanceof HelpDeskError && refusals.has(each.kind));
  if (refusal === undefined) return [];
  const text = `${reasonOf(refusal)}; what it refuses is not done until its credential or right is renewed`;
  const what = { place: group, event: 'access refused', severity: 'low' as const };
  return [{ kind: 'blind', group, thing, ...what, since: since.toISOString(), text }];
}

const refusals: ReadonlySet<HelpDeskError['kind']> = new Set(['auth', 'forbidden']);
