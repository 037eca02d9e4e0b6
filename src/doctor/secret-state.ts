import { readPrivateFile, resolveSecret } from '../config/secrets.js';
import type { Appliance, SecretReference } from '../domain/appliance.js';
import { defined } from '../domain/defined.js';
import { endpointOf, wayTo } from '../domain/endpoint.js';
import { reasonOf } from '../errors.js';

/** Where a secret comes from, by its place in the configuration. */
type Reference = { key: string; from: SecretReference | { key: string } };

/** Whether a secret is there; a command is not run, so that nobody knows. Its value is nowhere. */
export type SecretState = {
  key: string;
  /** `env NAME`, `file PATH`, `command PROGRAM`, `key PATH`. */
  from: string;
  state: 'there' | 'missing' | 'not-run';
  reason?: string;
};

type Sources = { env: Record<string, string | undefined>; home: string | undefined };

/** @param desks what is configured of help desks, by its key */
export async function secretStates(
  appliances: readonly Appliance[],
  desks: Readonly<Record<string, unknown>>,
  sources: Sources,
): Promise<SecretState[]> {
  const all = [...loginsOf(appliances), ...Object.entries(desks).flatMap(([key, desk]) => referencesIn(desk, key))];
  const once = new Map(all.map((reference) => [reference.key, reference]));
  return Promise.all([...once.values()].map((reference) => stateOf(reference, sources)));
}

function loginsOf(appliances: readonly Appliance[]): Reference[] {
  const faces = appliances.flatMap((each) => [endpointOf(each, 'cli'), endpointOf(each, 'hostOs')]);
  return faces
    .flatMap(wayTo)
    .flatMap(({ key, login: { password, passphrase, privateKey } }) => [
      ...(password === undefined ? [] : [{ key: `${key}.password`, from: password }]),
      ...(privateKey === undefined ? [] : [{ key: `${key}.privateKey`, from: { key: privateKey } }]),
      ...(passphrase === undefined ? [] : [{ key: `${key}.passphrase`, from: passphrase }]),
    ]);
}

/** A help desk has its secrets where its provider wants them. */
function referencesIn(value: unknown, key: string): Reference[] {
  if (typeof value !== 'object' || value === null) return [];
  const [[only, what] = [], ...others] = Object.entries(value);
  if (others.length === 0 && ['env', 'file'].includes(only ?? '') && typeof what === 'string')
    return [{ key, from: { [only ?? '']: what } as SecretReference }];
  if (others.length === 0 && only === 'command' && Array.isArray(what)) return [{ key, from: { command: what } }];
  return Object.entries(value).flatMap(([name, inner]) => referencesIn(inner, `${key}.${name}`));
}

async function stateOf({ key, from }: Reference, sources: Sources): Promise<SecretState> {
  if ('command' in from) return { key, from: `command ${from.command[0] ?? ''}`, state: 'not-run' };
  const shown = Object.entries(from)
    .map(([kind, what]) => `${kind} ${what}`)
    .join('');
  const reading = 'key' in from ? readPrivateFile(from.key, key) : resolveSecret(from, key, sources);
  const reason = await reading.then(() => undefined, reasonOf);
  return { key, from: shown, state: reason === undefined ? 'there' : 'missing', ...defined({ reason }) };
}
