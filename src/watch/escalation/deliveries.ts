import type { IncidentLog } from '../../domain/incident.js';
import type { Stamp } from '../../domain/watch-event.js';
import { attemptsIn } from './attempts.js';
import type { Setting } from './targets.js';
import { waitedMs } from './waited.js';

/** A page that was taken, and of which its channel says later whether it went out. */
export type Waiting = { n: number; channel: string; receipt: string; isTimeUp: boolean };

export function waitingDeliveries({ entries }: IncidentLog, channels: Setting['channels'], now: Stamp): Waiting[] {
  const delivered = entries.flatMap((entry) => (entry.type === 'delivered' ? [entry.n] : []));
  return attemptsIn(entries, 0).flatMap(({ n, channel, outcome, receipt, ended }): Waiting[] => {
    const withinMs = channels.get(channel)?.withinMs;
    if (outcome !== 'sent' || !receipt || withinMs === undefined || delivered.includes(n)) return [];
    return [{ n, channel, receipt, isTimeUp: waitedMs(ended, now) >= withinMs }];
  });
}
