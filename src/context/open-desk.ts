import type { Config } from '../config/load.js';
import type { DeskSettings } from '../helpdesk/desk-settings.js';
import { homeOf, type Surroundings } from './surroundings.js';

/** What the configuration says of the help desk, and the help desk itself. @param contacted false where it is only named */
export async function openDesk(
  config: Config,
  { env }: Surroundings,
  contacted: boolean,
  learn: (secret: string) => void,
): Promise<DeskSettings> {
  const { helpdesk, organization, contact, attachmentLimit } = config;
  const { product, version, license } = helpdesk ?? {};
  return {
    desk: await deskOf(config, env, contacted, learn),
    organization,
    contact,
    product,
    version,
    license,
    attachmentLimit,
  };
}

async function deskOf(
  { helpdesk }: Config,
  env: Record<string, string | undefined>,
  contacted: boolean,
  learn: (secret: string) => void,
): Promise<DeskSettings['desk']> {
  switch (helpdesk?.provider) {
    case undefined:
      return undefined;
    case 'portal': {
      const { openPortalDesk } = await import('../helpdesk/portal.js');
      return openPortalDesk(helpdesk.url === undefined ? {} : { url: helpdesk.url });
    }
    case 'rest': {
      const { resolveSecret } = await import('../config/secrets.js');
      const { openRestDesk } = await import('../helpdesk/rest.js');
      const resolving = resolveSecret(helpdesk.token, "the help desk's token", {
        env,
        home: homeOf(env),
        use: 'token',
      });
      const token = contacted ? await resolving : await resolving.catch(() => 'not needed');
      learn(token);
      const { url, idempotencyKeys, settle } = helpdesk;
      return openRestDesk({ url, token, env, idempotencyKeys, settleMs: settle });
    }
  }
}
