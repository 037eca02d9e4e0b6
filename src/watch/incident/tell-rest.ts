import type { IncidentEntry } from '../../domain/incident.js';

const tellEveryMs = 5 * 60_000;
const tellAgainEveryMs = 60 * 60_000;
/** What nobody waits to be told, however often something came and went. */
const turns: ReadonlySet<IncidentEntry['type']> = new Set(['flapping', 'calm', 'suppressed', 'released']);

/**
 * So long after the last comment comes the next one: at once where that changes what people do, much later where the same has
 * come and gone before.
 * @param ends how often of late
 */
export function tellRestMs(news: readonly { type: IncidentEntry['type'] }[], ends: number): number {
  if (news.some(({ type }) => turns.has(type) || (type === 'cleared' && ends <= 1))) return 0;
  return ends <= 1 ? tellEveryMs : tellAgainEveryMs;
}
