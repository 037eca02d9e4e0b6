import type { Watched } from '../domain/watch-policy.js';
import { usageError } from '../errors.js';
import type { Access } from '../servers/access.js';
import { endpointsOf } from '../servers/server-faces.js';

/** A watch has nobody to type a password: that is said before it begins. @throws UserError `no-credential`, `no-agent` */
export async function refuseTyped(watched: readonly Watched[], access: Access): Promise<void> {
  const endpoints = endpointsOf(watched.map(({ appliance }) => appliance));
  for (const endpoint of endpoints) {
    const { key, title, login } = endpoint;
    if (login.password !== undefined || login.privateKey !== undefined) continue;
    if ((await access.loginSecrets(endpoint)).toBeTyped)
      throw usageError(
        'no-credential',
        `the password of "${login.user}" at ${title} would have to be typed, and nobody is asked while servers are watched`,
        `Write ${key}.password or ${key}.privateKey into the configuration`,
      );
  }
}
