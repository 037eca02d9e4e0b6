import type { Appliance } from '../domain/appliance.js';
import type { Endpoint } from '../domain/endpoint.js';
import type { HostKeyPin, PinState, ShownHostKey } from '../domain/host-key.js';
import { type UserError, usageError } from '../errors.js';
import type { Operator } from '../ui/operator.js';
import type { Prompter } from '../ui/prompter.js';
import type { Access } from './access.js';
import { endpointsOf, targetWithoutSecrets } from './server-faces.js';

export type PinOptions = {
  pin: boolean;
  /** Only keys with one of these fingerprints are pinned; a changed key only with one of them. */
  fingerprints: readonly string[];
};

/** Asks a place for its key, and pins it when that was asked for. @throws UserError when it cannot be reached */
export async function examineKey(
  endpoint: Endpoint,
  options: PinOptions,
  operator: Operator,
  access: Access,
  signal: AbortSignal,
): Promise<{ shown: ShownHostKey; pin: PinState }> {
  const pins = await access.pinsOf(endpoint);
  const shown = await access.dialer.askHostKey({ ...(await targetWithoutSecrets(endpoint, access)), pins }, signal);
  if (pins.some((pin) => isSameKey(pin, shown))) return { shown, pin: 'pinned' };
  const judged = pins.length > 0 ? 'changed' : 'unknown';
  if (!options.pin) return { shown, pin: judged };
  return { shown, pin: await pinKey(endpoint, shown, { ...options, judged }, operator, access) };
}

function isSameKey(pin: HostKeyPin, shown: ShownHostKey): boolean {
  return !pin.revoked && ('key' in pin ? pin.key === shown.key : pin.fingerprint === shown.fingerprint);
}

async function pinKey(
  endpoint: Endpoint,
  shown: ShownHostKey,
  { fingerprints, judged }: PinOptions & { judged: 'changed' | 'unknown' },
  operator: Operator,
  access: Access,
): Promise<PinState> {
  const named = fingerprints.includes(shown.fingerprint);
  if (!named && (fingerprints.length > 0 || judged === 'changed')) return judged;
  if (endpoint.login.hostKey !== undefined) throw pinnedInConfig(endpoint, shown);
  if (!named && operator.ask !== undefined && !(await isOwn(endpoint, shown, operator.ask, operator))) return 'unknown';
  await access.knownHosts.pin(endpoint.address, endpoint.login.port, shown, { replace: judged === 'changed' });
  return 'now-pinned';
}

/** Shows a key nobody has pinned and asks a person about it. */
function isOwn(endpoint: Endpoint, shown: ShownHostKey, ask: Prompter, operator: Operator): Promise<boolean> {
  operator.emit({
    type: 'note',
    text: `${endpoint.title} shows a host key that is not pinned:\n  ${shown.type} ${shown.fingerprint}`,
    asked: true,
  });
  return ask.confirm("Is it the server's own? Pin it?", false);
}

function pinnedInConfig(endpoint: Endpoint, shown: ShownHostKey): UserError {
  return usageError(
    'pinned-in-config',
    `the key of ${endpoint.title} is pinned in the configuration`,
    `If the new key is right, write it there: ${endpoint.key}.hostKey: "${shown.fingerprint}"`,
  );
}

/**
 * First contact at a terminal: shows the key of every place that nobody has pinned and asks, jump hosts first. What
 * cannot be reached is left to the collection, which records it.
 */
export async function askUnknownHostKeys(
  appliances: readonly Appliance[],
  operator: Operator,
  access: Access,
  signal: AbortSignal,
): Promise<void> {
  const endpoints = endpointsOf(appliances);
  const pinned = await Promise.all(endpoints.map((endpoint) => access.pinsOf(endpoint))); // a damaged file ends it here
  if (operator.ask === undefined) return;
  const strangers = endpoints.filter((_place, index) => pinned[index]?.length === 0);
  const hops = strangers.filter((endpoint) => endpoint.key.startsWith('jumpHosts.'));
  const faces = strangers.filter((endpoint) => !hops.includes(endpoint));
  for (const group of [...hops.map((hop) => [hop]), faces])
    await askEachHostKey(group, operator, access, operator.ask, signal);
}

async function askEachHostKey(
  endpoints: Endpoint[],
  operator: Operator,
  access: Access,
  ask: Prompter,
  signal: AbortSignal,
): Promise<void> {
  const keys = await Promise.all(
    endpoints.map(async (endpoint) => {
      try {
        return await access.dialer.askHostKey(await targetWithoutSecrets(endpoint, access), signal);
      } catch {
        return undefined; // recorded later
      }
    }),
  );
  for (const [index, endpoint] of endpoints.entries()) {
    const shown = keys[index];
    if (shown !== undefined && (await isOwn(endpoint, shown, ask, operator)))
      await access.knownHosts.pin(endpoint.address, endpoint.login.port, shown);
  }
}
