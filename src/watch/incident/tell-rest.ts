import type { IncidentEntry } from '../../domain/incident.js';

const tellEveryMs = 5 * 60_000;
const longestMs = 30 * 60_000;
/** What nobody waits to be told, however often something came and went. */
const turns: ReadonlySet<IncidentEntry['type']> = new Set(['flapping', 'calm', 'suppressed', 'released']);

/**
 * So long after the last comment comes the next one: at once where that changes what people do, later the more often the same
 * has come and gone.
 * @param ends how often of late
 */
export function tellRestMs(news: readonly { type: IncidentEntry['type'] }[], ends: number): number {
  if (news.some(({ type }) => turns.has(type) || (type === 'cleared' && ends <= 1))) return 0;
  return Math.min(longestMs, tellEveryMs * 2 ** Math.max(0, ends - 1));
}
