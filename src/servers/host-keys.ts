import type { Endpoint } from '../domain/endpoint.js';
import type { HostKeyPin, PinState, ShownHostKey } from '../domain/host-key.js';
import { UserError, usageError } from '../errors.js';
import type { Operator } from '../ui/operator.js';
import type { Prompter } from '../ui/prompter.js';
import type { Access } from './access.js';
import { targetWithoutSecrets } from './server-faces.js';

export type PinOptions = {
  pin: boolean;
  /** Only keys with one of these fingerprints are pinned; a changed key only with one of them. */
  fingerprints: readonly string[];
};

/** A place that was asked for its key, and what is known of that; or why it could not be asked. */
export type Met = { endpoint: Endpoint } & ({ shown: ShownHostKey; pin: PinState } | { error: UserError });

export function isTrusted(met: Met): boolean {
  return 'pin' in met && (met.pin === 'pinned' || met.pin === 'now-pinned');
}

/** Asks places for their keys, all at once, and pins those as is wished, one after the other: a person may be asked. */
export async function meet(
  endpoints: readonly Endpoint[],
  options: PinOptions,
  operator: Operator,
  access: Access,
  signal: AbortSignal,
): Promise<Met[]> {
  const looks = await Promise.all(
    endpoints.map((endpoint) => orFailure(() => lookAtKey(endpoint, access, signal), signal)),
  );
  const met: Met[] = [];
  for (const [index, endpoint] of endpoints.entries()) {
    const look = looks[index];
    if (look === undefined || look instanceof UserError) {
      if (look !== undefined) met.push({ endpoint, error: look });
      continue;
    }
    const judged = await orFailure(() => pinAsWished(endpoint, look, options, operator, access), signal);
    met.push({ endpoint, ...(judged instanceof UserError ? { error: judged } : judged) });
  }
  return met;
}

/** A failure of a place is a finding about it; Ctrl-C is none. */
async function orFailure<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T | UserError> {
  try {
    return await work();
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof UserError) || error.code === 'interrupted') throw error;
    return error;
  }
}

/** Asks a place for its key, and pins it when that was asked for. @throws UserError when it cannot be reached */
export async function examineKey(
  endpoint: Endpoint,
  options: PinOptions,
  operator: Operator,
  access: Access,
  signal: AbortSignal,
): Promise<{ shown: ShownHostKey; pin: PinState }> {
  return pinAsWished(endpoint, await lookAtKey(endpoint, access, signal), options, operator, access);
}

type Look = { shown: ShownHostKey; judged: 'pinned' | 'changed' | 'unknown' };

async function lookAtKey(endpoint: Endpoint, access: Access, signal: AbortSignal): Promise<Look> {
  const pins = await access.pinsOf(endpoint);
  const shown = await access.dialer.askHostKey({ ...(await targetWithoutSecrets(endpoint, access)), pins }, signal);
  if (pins.some((pin) => isSameKey(pin, shown))) return { shown, judged: 'pinned' };
  return { shown, judged: pins.length > 0 ? 'changed' : 'unknown' };
}

async function pinAsWished(
  endpoint: Endpoint,
  { shown, judged }: Look,
  options: PinOptions,
  operator: Operator,
  access: Access,
): Promise<{ shown: ShownHostKey; pin: PinState }> {
  if (judged === 'pinned' || !options.pin) return { shown, pin: judged };
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
