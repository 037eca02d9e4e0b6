import type { IncidentLog, Thing } from '../../domain/incident.js';
import type { Stamp } from '../../domain/watch-event.js';
import { reasonOf } from '../../errors.js';
import { HelpDeskError } from '../../helpdesk/help-desk.js';
import { opening, type Trouble } from '../core/incidents.js';
import type { Held } from './held.js';
import type { IncidentTools } from './incident-tools.js';

/** One incident for all that help desks refuse; no server and no cluster has such a name. */
const group = 'help desk';
const thing: Thing = { server: group, check: 'access' };

/** Whether it is that of a help desk which does not let us in. */
export function isOfDesk(log: IncidentLog): boolean {
  return opening(log).group === group;
}

/** What help desks refused us last for the incidents that have tickets there, or would. */
export function deskRefusals(all: readonly Held[], { policy }: Pick<IncidentTools, 'policy'>, now: Stamp): Trouble[] {
  if (!policy.incidents.tickets) return [];
  const paces = all
    .filter(({ incident }) => !isOfDesk(incident.log))
    .flatMap(({ ticket, telling, looking }) => [ticket, telling, looking]);
  return accessRefused(
    paces.map(({ failure }) => failure),
    new Date(now.wallMs),
  );
}

/** @returns whether it was asked now, and lets us in */
export async function isLetInNow({ looking }: Held, tools: IncidentTools, now: Stamp): Promise<boolean> {
  const { askDesk } = await import('./ticket.js');
  let isLetIn = false;
  const ask = async () => {
    await askDesk(tools);
    isLetIn = true;
  };
  await looking.at(now, ask, askEveryMs);
  return isLetIn;
}

/** That a help desk does not let us in, among what went wrong there: one that is down is not that, nor one that is busy. */
function accessRefused(failures: readonly unknown[], since: Date): Trouble[] {
  const refusal = failures.find((each) => each instanceof HelpDeskError && refusals.has(each.kind));
  if (refusal === undefined) return [];
  const text = `${reasonOf(refusal)}; what it refuses is not done until its credential or right is renewed`;
  const what = { place: group, event: 'access refused', severity: 'low' as const };
  return [{ kind: 'blind', group, thing, ...what, since: since.toISOString(), text }];
}

const askEveryMs = 60_000;
const refusals: ReadonlySet<HelpDeskError['kind']> = new Set(['auth', 'forbidden']);
