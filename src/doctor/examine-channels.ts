import { formatDuration } from '../domain/quantities.js';
import { reasonOf } from '../errors.js';
import { type ConfiguredChannel, NotifyError } from '../notify/channel.js';
import type { Check } from './check.js';

/** Proves of each channel what can be proven without paging anybody. */
export function examineChannels(channels: readonly ConfiguredChannel[], signal: AbortSignal): Promise<Check[]> {
  return Promise.all(channels.map((each) => examineChannel(each, signal)));
}

async function examineChannel({ channel, orElse, withinMs }: ConfiguredChannel, signal: AbortSignal): Promise<Check> {
  const place = { check: 'channel', place: 'channels of pages' } as const;
  const next = orElse.length === 0 ? '' : `; not delivered within ${formatDuration(withinMs)}: ${orElse.join(', ')}`;
  try {
    const proven = await channel.check(signal);
    return { ...place, status: 'ok', text: `${channel.name} (${channel.kind}): ${proven}${next}`, hint: null };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof NotifyError)) throw error;
    const hint = `${hints[error.kind]} (channels.${channel.name})${next}`;
    return { ...place, status: 'fail', text: `${channel.name} (${channel.kind}): ${reasonOf(error)}`, hint };
  }
}

const hints: Record<NotifyError['kind'], string> = {
  auth: 'Check its credential',
  refused: 'Check its settings',
  unavailable: 'Check that it runs, and that it can be reached from here',
  invalid: 'Mend its settings',
};
