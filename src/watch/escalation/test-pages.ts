import { defined } from '../../domain/defined.js';
import type { Escalation } from '../../domain/escalation.js';
import { isReachable } from '../../domain/on-duty.js';
import type { Person } from '../../domain/person.js';
import { printableLine } from '../../domain/text.js';
import { reasonOf, usageError } from '../../errors.js';
import { type ConfiguredChannel, NotifyError, type Page } from '../../notify/channel.js';
import { withDeadline } from '../../servers/deadline.js';

/** What became of one test page. */
export type Tested = { channel: string; to: string | null; ok: boolean; text: string };

const sendMs = 60_000;

/**
 * Sends a page that says it is a test to everybody over every channel by which they can be reached, and to every system that
 * takes pages; there it is over again at once.
 * @param only a person; without it, all of them
 */
export function testPages(
  { people }: Escalation,
  channels: readonly ConfiguredChannel[],
  only: string | undefined,
  now: Date,
  signal: AbortSignal,
): Promise<Tested[]> {
  if (only !== undefined && !people.has(only))
    throw usageError(
      'unknown-target',
      `nobody is called "${only}" in people:`,
      `There are: ${[...people.keys()].join(', ')}`,
    );
  const asked = [...people.values()].filter(({ key }) => only === undefined || key === only);
  const sends = channels.flatMap(({ channel }) => {
    if (channel.needs === 'nothing') return only === undefined ? [testSystem(channel, now, signal)] : [];
    return asked.map((person) =>
      isReachable(person, channel.needs)
        ? sent(channel, pageTo(person, now), person, signal)
        : { channel: channel.name, to: person.key, ok: false, text: `no ${channel.needs} is known of ${person.name}` },
    );
  });
  return Promise.all(sends);
}

async function testSystem(channel: ConfiguredChannel['channel'], now: Date, signal: AbortSignal): Promise<Tested> {
  const tested = await sent(channel, pageTo(undefined, now), undefined, signal);
  return tested.ok ? sent(channel, { ...pageTo(undefined, now), status: 'resolved' }, undefined, signal) : tested;
}

function pageTo(to: Person | undefined, now: Date): Page {
  const time = now.toISOString().replace(/\D/g, '').slice(0, 17);
  const text = 'This is a test of the watch: nothing is wrong.';
  return {
    id: `test.${time}`,
    incident: { id: 'test', reference: `icepack-test-${time}`, threadStart: true },
    ...{ status: 'firing', severity: 'low', subject: text, text: `${text}\n`, short: text },
    ...defined({ to }),
  };
}

async function sent(
  channel: ConfiguredChannel['channel'],
  page: Page,
  to: Person | undefined,
  signal: AbortSignal,
): Promise<Tested> {
  const which = { channel: channel.name, to: to?.key ?? null };
  try {
    await withDeadline(sendMs, signal, (limited) => channel.send(page, limited));
    const later = channel.delivery === undefined ? '' : '; whether it arrives is known later';
    return { ...which, ok: true, text: `it was taken${later}` };
  } catch (error) {
    signal.throwIfAborted();
    const doubt = error instanceof NotifyError && error.maybeSent ? ' (it may have arrived)' : '';
    return { ...which, ok: false, text: printableLine(`${reasonOf(error)}${doubt}`, 300) };
  }
}
