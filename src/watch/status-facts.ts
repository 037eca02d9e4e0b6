import { notCounted } from '../domain/maintenance.js';
import type { Sighting } from '../domain/watch-event.js';
import type { Workplace } from '../servers/workplace.js';
import { stampNow } from '../state/boot-clock.js';
import { heardOf } from './core/heard.js';
import { failedPages } from './escalation/failed-pages.js';
import { nextPageText } from './escalation/outlook.js';
import { settingOf } from './escalation/setting-of.js';
import { incidentStandings } from './incident/standing.js';
import { isLong, untilWell } from './maintenance/until-well.js';
import { repliesStanding } from './replies/standing.js';
import { jumpHostStandings, standings } from './standing.js';
import type { StatusFacts } from './status-text.js';
import type { Watching } from './watching.js';

/** What is shown of what was seen, and of what came of it. */
export async function statusFacts(
  watching: Watching,
  sighting: Sighting,
  { operator, watch }: Pick<Workplace, 'operator' | 'watch'>,
): Promise<StatusFacts> {
  const { watched, policy, about } = watching;
  const { everyMs, self } = policy;
  const reported = await watch.reported.list();
  const announced = await watch.maintenances.list();
  const now = operator.now();
  const servers = standings(watched, sighting, heardOf(watched, reported.known, announced.known, now));
  const jumpHosts = jumpHostStandings(watched, sighting);
  const lasting = untilWell(watched, sighting, announced.known, now).filter((each) => isLong(each, now));
  const { known, damaged } = await watch.incidents.open();
  const stamp = await stampNow();
  const setting = settingIn(watching);
  const pagesOf = (id: string) => {
    const log = known.find((each) => each.id === id)?.log;
    if (setting === undefined || log === undefined) return { failed: [] };
    const next = nextPageText(log, setting, stamp, operator.zone);
    return { failed: failedPages(log, setting), ...(next === undefined ? {} : { next }) };
  };
  const incidents = incidentStandings(known, about).map((each) => ({ ...each, pages: pagesOf(each.id) }));
  const nameOf = (key: string) => watching.escalation?.people.get(key)?.name ?? key;
  const channels = watching.channels.map(({ channel }) => channel.name);
  const replies = repliesStanding(await watch.replies.read(), channels, nameOf, stamp);
  const seen = { servers, jumpHosts, incidents, sighting, replies, everyMs, self, untilWell: lasting };
  return {
    ...seen,
    damaged: [
      ...damaged.map(({ message }) => message),
      ...reported.damaged.map((path) => `${path} is damaged and counts for nothing`),
      ...announced.damaged.map((path) => `${path} ${notCounted}`),
    ],
    atWork: await watch.atWork(),
    ...{ now, zone: operator.zone },
  };
}

/** What of a configuration decides about pages; undefined where nobody is told. */
export function settingIn({ escalation, channels, watched, policy }: Watching, isLast = false) {
  if (escalation === undefined) return undefined;
  const named = new Map(channels.map((each) => [each.channel.name, each]));
  const waitMs = isLast ? 0 : policy.incidents.waitMs;
  const appliances = watched.map(({ appliance }) => appliance);
  return { ...settingOf(escalation, appliances, named, waitMs), isLast };
}
