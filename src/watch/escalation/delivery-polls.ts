import { formatDuration } from '../../domain/quantities.js';
import type { Stamp } from '../../domain/watch-event.js';
import type { Channel } from '../../notify/channel.js';
import { withDeadline } from '../../servers/deadline.js';
import { type Waiting, waitingDeliveries } from './deliveries.js';
import type { PagedIncident, PagerTools } from './paged-incident.js';
import { waitedMs } from './waited.js';

/** A channel is not asked more often about one page. */
const everyMs = 15_000;
const pollMs = 10_000;

/** Asks channels what became of pages they have taken; one that takes too long is taken back, and counts as failed. */
export async function lookAfterDeliveries(
  incident: PagedIncident,
  tools: PagerTools,
  polled: Map<string, Stamp>,
  signal: AbortSignal,
): Promise<void> {
  const now = await tools.stamp();
  const waiting = waitingDeliveries(incident.log, tools.setting.channels, now).filter(({ n }) => {
    const last = polled.get(`${incident.id}.${n}`);
    return last === undefined || waitedMs(last, now) >= everyMs;
  });
  for (const { n } of waiting) polled.set(`${incident.id}.${n}`, now);
  await Promise.all(waiting.map((each) => lookAfter(each, incident, tools, signal)));
}

async function lookAfter(
  { n, channel: name, receipt, isTimeUp }: Waiting,
  { log }: PagedIncident,
  { channels, stamp }: PagerTools,
  signal: AbortSignal,
): Promise<void> {
  const { channel, withinMs = 0 } = channels.get(name) ?? {};
  const found = channel === undefined ? 'failed' : await deliveryOf(channel, receipt, signal);
  if (found === 'sent') return log.write({ type: 'delivered', n });
  if (found === 'waiting' && !isTimeUp) return;
  if (found === 'waiting' && channel !== undefined) await takenBack(channel, receipt, signal);
  const reason = found === 'failed' ? 'it did not go out' : `it had not gone out after ${formatDuration(withinMs)}`;
  await log.write({ type: 'page-failed', n, stamp: await stamp(), maybeSent: found === 'waiting', reason });
}

async function deliveryOf(
  channel: Channel,
  receipt: string,
  signal: AbortSignal,
): Promise<'waiting' | 'sent' | 'failed'> {
  try {
    return await withDeadline(
      pollMs,
      signal,
      async (limited) => (await channel.delivery?.(receipt, limited)) ?? 'sent',
    );
  } catch {
    signal.throwIfAborted();
    return 'waiting'; // who does not answer says nothing about the page; its time runs on
  }
}

async function takenBack(channel: Channel, receipt: string, signal: AbortSignal): Promise<void> {
  try {
    await withDeadline(pollMs, signal, async () => channel.withdraw?.(receipt));
  } catch {
    signal.throwIfAborted(); // else it may still go out: told twice is better than not at all
  }
}
