import type { Stamp } from '../../domain/watch-event.js';
import { withDeadline } from '../../servers/deadline.js';
import { attemptsIn } from './attempts.js';
import { incidentStanding, unknownSeverity } from './incident-standing.js';
import { pageOf } from './page-of.js';
import type { PagedIncident, PagerTools } from './paged-incident.js';
import { waitedMs } from './waited.js';

const sendMs = 10_000;

/**
 * Tells engines again what is still so, where they forget it otherwise. It is the page that they have, so it is not noted.
 * @param repeated when that was done last
 */
export async function keepAlive(
  incident: PagedIncident,
  { stamp, setting, channels }: PagerTools,
  repeated: Map<string, Stamp>,
  signal: AbortSignal,
): Promise<void> {
  const { id, log, facts } = incident;
  const standing = incidentStanding(log);
  if (standing?.phase !== 'firing') return;
  const now = await stamp();
  const attempts = attemptsIn(log.entries, 0);
  for (const [name, { channel }] of channels) {
    const last = attempts.findLast((each) => each.channel === name);
    if (channel.repeatMs === undefined || last?.outcome !== 'sent' || last.why === 'over') continue;
    const key = `${id} ${name}`;
    if (waitedMs(repeated.get(key) ?? last.ended, now) < channel.repeatMs) continue;
    repeated.set(key, now);
    const due = { why: last.why, kind: 'step' as const, channel: name, lateMs: 0 };
    const severity = standing.severity ?? unknownSeverity;
    const one = { log, standing, setting, now };
    const page = pageOf({ one, due: { ...due, severity }, n: last.n, facts, bundled: [] });
    await withDeadline(sendMs, signal, (limited) => channel.send(page, limited)).catch(() => undefined); // the next is due soon
  }
}
