import type { Appliance } from '../domain/appliance.js';
import type { WatchPolicy } from '../domain/watch-policy.js';
import type { Canary, Deadman } from '../domain/watch-self.js';
import { reasonOf, UserError } from '../errors.js';
import type { Heartbeat } from '../heartbeat/heartbeat.js';
import { unattendedLogins } from '../servers/unattended-logins.js';
import type { Check } from './check.js';

const found: Pick<Check, 'check' | 'place'> = { check: 'watch', place: 'this machine' };

/** What keeps a watch from noticing something, and others from noticing that it has ended. */
export async function examineWatch(
  appliances: readonly Appliance[],
  { self: { canaries, deadman } }: Pick<WatchPolicy, 'self'>,
  heartbeat: Heartbeat,
  signal: AbortSignal,
): Promise<Check[]> {
  const asked = await Promise.all(canaries.map((canary) => examineCanary(canary, heartbeat, signal)));
  return [
    ...(canaries.length === 0 ? [withoutCanaries] : asked),
    deadman === undefined ? withoutDeadman : await examineDeadman(deadman, heartbeat),
    ...unattendedLogins(appliances).map(({ key, why }): Check => {
      const hint = `Write ${key}.password: { file: PATH }, or ${key}.privateKey`;
      return { ...found, status: 'warn', text: `a watch as a service: ${key} ${why}`, hint };
    }),
  ];
}

const withoutCanaries: Check = {
  ...found,
  status: 'warn',
  text: 'a watch without canaries cannot tell silent servers from an own network that is down',
  hint: 'Name two places outside that take connections: watch.self.canaries: [tcp://192.0.2.1:53, …]',
};

const withoutDeadman: Check = {
  ...found,
  status: 'warn',
  text: 'nobody is told when the watch itself has ended',
  hint: 'Name a URL as of Healthchecks, which alarms when it is not pinged: watch.self.deadman',
};

async function examineCanary(canary: Canary, heartbeat: Heartbeat, signal: AbortSignal): Promise<Check> {
  const why = await heartbeat.ask(canary, signal);
  if (why === undefined) return { ...found, status: 'ok', text: `canary ${canary.name} answers`, hint: null };
  const text = `canary ${canary.name} does not answer: ${why}`;
  return { ...found, status: 'warn', text, hint: 'Name one that always does: watch.self.canaries' };
}

/** It is not pinged: that would put off an alarm. */
async function examineDeadman(deadman: Deadman, heartbeat: Heartbeat): Promise<Check> {
  try {
    await heartbeat.resolve(deadman);
    return { ...found, status: 'ok', text: "the URL of the dead man's switch is at hand", hint: null };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { ...found, status: 'fail', text: reasonOf(error), hint: error.hint ?? null };
  }
}
