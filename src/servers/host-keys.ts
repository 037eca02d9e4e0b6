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
  place: Endpoint,
  options: PinOptions,
  operator: Operator,
  access: Access,
  signal: AbortSignal,
): Promise<{ shown: ShownHostKey; pin: PinState }> {
  const pins = await access.pinsOf(place);
  const shown = await access.dialer.askHostKey({ ...(await targetWithoutSecrets(place, access)), pins }, signal);
  if (pins.some((pin) => isSameKey(pin, shown))) return { shown, pin: 'pinned' };
  const judged = pins.length > 0 ? 'changed' : 'unknown';
  if (!options.pin) return { shown, pin: judged };
  return { shown, pin: await pinKey(place, shown, { ...options, judged }, operator, access) };
}

function isSameKey(pin: HostKeyPin, shown: ShownHostKey): boolean {
  return !pin.revoked && ('key' in pin ? pin.key === shown.key : pin.fingerprint === shown.fingerprint);
}

async function pinKey(
  place: Endpoint,
  shown: ShownHostKey,
  { fingerprints, judged }: PinOptions & { judged: 'changed' | 'unknown' },
  operator: Operator,
  access: Access,
): Promise<PinState> {
  const named = fingerprints.includes(shown.fingerprint);
  if (!named && (fingerprints.length > 0 || judged === 'changed')) return judged;
  if (place.login.hostKey !== undefined) throw pinnedInConfig(place, shown);
  if (!named && operator.ask !== undefined && !(await isOwn(place, shown, operator.ask, operator))) return 'unknown';
  await access.knownHosts.pin(place.address, place.login.port, shown, { replace: judged === 'changed' });
  return 'now-pinned';
}

/** Shows a key nobody has pinned and asks a person about it. */
function isOwn(place: Endpoint, shown: ShownHostKey, ask: Prompter, operator: Operator): Promise<boolean> {
  operator.emit({
    type: 'note',
    text: `${place.title} shows a host key that is not pinned:\n  ${shown.type} ${shown.fingerprint}`,
    asked: true,
  });
  return ask.confirm("Is it the server's own? Pin it?", false);
}

function pinnedInConfig(place: Endpoint, shown: ShownHostKey): UserError {
  return usageError(
    'pinned-in-config',
    `the key of ${place.title} is pinned in the configuration`,
    `If the new key is right, write it there: ${place.key}.hostKey: "${shown.fingerprint}"`,
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
  const places = endpointsOf(appliances);
  const pinned = await Promise.all(places.map((place) => access.pinsOf(place))); // a damaged file ends it here
  if (operator.ask === undefined) return;
  const strangers = places.filter((_place, index) => pinned[index]?.length === 0);
  const hops = strangers.filter((place) => place.key.startsWith('jumpHosts.'));
  const faces = strangers.filter((place) => !hops.includes(place));
  for (const group of [...hops.map((hop) => [hop]), faces])
    await askEachHostKey(group, operator, access, operator.ask, signal);
}

async function askEachHostKey(
  places: Endpoint[],
  operator: Operator,
  access: Access,
  ask: Prompter,
  signal: AbortSignal,
): Promise<void> {
  const keys = await Promise.all(
    places.map(async (place) => {
      try {
        return await access.dialer.askHostKey(await targetWithoutSecrets(place, access), signal);
      } catch {
        return undefined; // recorded later
      }
    }),
  );
  for (const [index, place] of places.entries()) {
    const shown = keys[index];
    if (shown !== undefined && (await isOwn(place, shown, ask, operator)))
      await access.knownHosts.pin(place.address, place.login.port, shown);
  }
}
