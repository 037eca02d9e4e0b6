import type { Config } from '../config/load.js';
import type { DeskSettings } from '../helpdesk/desk-settings.js';
import type { DeskAccess, Providers } from '../helpdesk/provider.js';
import { homeOf, type Surroundings } from './surroundings.js';

/** The configured help desk and its settings. @param contacted false where the help desk is only named */
export async function openDesk(
  config: Config,
  { env }: Surroundings,
  contacted: boolean,
  maskSecret: (secret: string) => void,
  desks: Providers,
): Promise<DeskSettings> {
  const { helpdesk, organization, contact, attachmentLimit } = config;
  const { product, version, license } = helpdesk ?? {};
  const provider = desks.find(({ id }) => id === helpdesk?.provider);
  return {
    desk: helpdesk && (await provider?.open(helpdesk, { env, secret: secretsOf(env, contacted, maskSecret) })),
    organization,
    contact,
    product,
    version,
    license,
    attachmentLimit,
  };
}

function secretsOf(
  env: Surroundings['env'],
  contacted: boolean,
  maskSecret: (secret: string) => void,
): DeskAccess['secret'] {
  return async (reference, what) => {
    const { resolveSecret } = await import('../config/secrets.js');
    const resolving = resolveSecret(reference, what, { env, home: homeOf(env), use: 'token' });
    const secret = contacted ? await resolving : await resolving.catch(() => 'not needed'); // nothing is sent
    maskSecret(secret);
    return secret;
  };
}
