import type { Appliance } from '../domain/appliance.js';
import type { Endpoint } from '../domain/endpoint.js';
import { endpointsOf } from './server-faces.js';

/** A login that a timer cannot make, or not as it is, by its key in the configuration. */
export type UnattendedLogin = { key: string; why: string };

/** Which logins need a person, an agent or an environment that a timer does not have. */
export function unattendedLogins(appliances: readonly Appliance[]): UnattendedLogin[] {
  return endpointsOf(appliances).flatMap((endpoint) => {
    const why = whyNotAlone(endpoint);
    return why === undefined ? [] : [{ key: endpoint.key, why }];
  });
}

function whyNotAlone({ login }: Endpoint): string | undefined {
  const { password, passphrase, privateKey, agent, identity } = login;
  const variable = [password, passphrase].find((secret) => secret !== undefined && 'env' in secret);
  if (variable !== undefined && 'env' in variable) return `takes $${variable.env}, which a timer does not have`;
  const isStored = password !== undefined || privateKey !== undefined;
  if (identity !== undefined || agent === true) return isStored ? undefined : 'takes a key of the SSH agent';
  return isStored ? undefined : 'has no password and no key: it would ask, or take the SSH agent';
}
