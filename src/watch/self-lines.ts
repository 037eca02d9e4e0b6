import type { OutputLine } from '../domain/line.js';
import { formatDuration } from '../domain/quantities.js';
import { printableLine } from '../domain/text.js';
import type { SelfSeen, Sighting } from '../domain/watch-event.js';
import type { SelfPolicy } from '../domain/watch-self.js';
import { formatLocal } from '../domain/zone.js';

/** How the watch itself stands: whether it would see what happens, and whether anybody would see that it does not. */
export function selfLines(seen: SelfSeen, policy: SelfPolicy, zone: string): OutputLine[] {
  return [...networkLines(seen, policy, zone), ...deadmanLines(seen, policy, zone), ...faultLines(seen)];
}

function networkLines({ blind, canaries = [] }: SelfSeen, policy: SelfPolicy, zone: string): OutputLine[] {
  if (policy.canaries.length === 0) return [{ text: withoutCanaries, tone: 'dim' }];
  if (blind !== undefined) {
    const since = formatLocal(new Date(blind.since.wallMs), zone);
    return [{ text: `blind since ${since}: neither servers nor canaries answer`, tone: 'bad' }];
  }
  const dead = canaries.filter(({ failed }) => failed !== undefined);
  return dead.map(({ name, failed = '' }) => ({
    text: `canary ${name} does not answer: ${printableLine(failed, 200)}`,
    tone: 'warn',
  }));
}

export const withoutCanaries =
  'Without canaries (watch.self.canaries) silent servers and an own network that is down look the same.';

function deadmanLines({ pinged }: SelfSeen, { deadman }: SelfPolicy, zone: string): OutputLine[] {
  if (deadman === undefined || pinged === undefined) return [];
  const at = formatLocal(new Date(pinged.at.wallMs), zone, true);
  if (pinged.failed === undefined) return [{ text: `The dead man's switch was pinged ${at}.`, tone: 'dim' }];
  return [{ text: `the dead man's switch was not reached ${at}: ${printableLine(pinged.failed, 200)}`, tone: 'warn' }];
}

/** Of so many servers may one be visited late: it may be slow by itself. */
const mostLate = 0.05;

/** That the rounds take too long, as soon as that is not the fault of a few servers. */
export function lateLines({ servers }: Sighting, everyMs: number): OutputLine[] {
  const all = Object.values(servers);
  const { length } = all.filter(({ late }) => late);
  if (length <= mostLate * all.length) return [];
  const text = `${length} of ${all.length} servers are visited less often than every ${formatDuration(everyMs)}: more connections, or more time between visits (watch.connections, watch.every)`;
  return [{ text, tone: 'warn' }];
}

function faultLines({ configuration, page, unwritten }: SelfSeen): OutputLine[] {
  return [
    ...(unwritten === undefined
      ? []
      : [{ text: `incidents are not followed: ${printableLine(unwritten, 300)}`, tone: 'bad' as const }]),
    ...(configuration === undefined
      ? []
      : [
          {
            text: `the configuration as it is now is not used: ${printableLine(configuration, 400)}`,
            tone: 'bad' as const,
          },
        ]),
    ...(page === undefined
      ? []
      : [{ text: `the page of the status cannot be written: ${printableLine(page, 300)}`, tone: 'warn' as const }]),
  ];
}
