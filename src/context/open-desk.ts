import { join } from 'node:path';
import type { Config } from '../config/load.js';
import { ownTemplates } from '../config/own-templates.js';
import { type HelpDeskConfig, placeOf } from '../config/routes.js';
import { defined } from '../domain/defined.js';
import { type Route, routeNamed } from '../domain/route.js';
import type { DeskSettings, Desks } from '../helpdesk/desk-settings.js';
import type { DeskAccess, Providers } from '../helpdesk/provider.js';
import { type DeskFacts, openDeskFacts } from '../state/desk-facts.js';
import { remembering } from './remembering-desk.js';
import { homeOf, type Surroundings, stateFolderOf } from './surroundings.js';

/** What every help desk of the configuration is opened with. */
type Opening = {
  config: Config;
  around: Surroundings;
  maskSecret: (secret: string) => void;
  providers: Providers;
};

/**
 * The configured help desk and its settings.
 * @param contacted false where the help desk is only named
 * @param route the name of the route whose help desk it is
 * @throws UserError `no-such-route`, and `bad-template` for a template of somebody's own that cannot be used
 */
export async function openNamed(opening: Opening, contacted: boolean, route?: string): Promise<DeskSettings> {
  return openDesk(opening, contacted, route === undefined ? undefined : routeNamed(opening.config.routes, route));
}

/** @param route undefined for `helpdesk:` as it is */
async function openDesk(opening: Opening, contacted: boolean, route?: Route): Promise<DeskSettings> {
  const { config } = opening;
  if (config.routes.length === 0) return settingsOf(config.helpdesk, opening, contacted);
  const settings = await settingsOf(deskOf(config, route), opening, contacted);
  return { ...settings, ...defined({ route, home: homeWithoutMain(config) }), desks: desksOf(opening) };
}

/** Where only routes have help desks, one of them stands for all: the hour must not change a reference. */
function homeWithoutMain({ routes, helpdesk }: Config): string | undefined {
  return helpdesk === undefined ? routes.find(({ hasPlace }) => hasPlace)?.place : undefined;
}

function deskOf({ routes, helpdesk }: Config, route: Route | undefined): HelpDeskConfig | undefined {
  return routes.find(({ name }) => name === route?.name)?.helpdesk ?? helpdesk;
}

/** Each is opened when a ticket goes there, and once. */
function desksOf(opening: Opening): Desks {
  const { routes, hours, helpdesk } = opening.config;
  const opened = new Map<string | undefined, Promise<DeskSettings>>();
  return {
    ...{ all: routes, hours: hours.business, rest: placeOf(helpdesk) },
    open(route) {
      const desk = opened.get(route?.name) ?? openDesk(opening, true, route);
      opened.set(route?.name, desk);
      return desk;
    },
  };
}

async function settingsOf(
  helpdesk: HelpDeskConfig | undefined,
  { config, around: { env }, maskSecret, providers }: Opening,
  contacted: boolean,
): Promise<DeskSettings> {
  const { organization, contact, attachmentLimit } = config;
  const { product, version, license, requester } = helpdesk ?? {};
  const provider = providers.find(({ id }) => id === helpdesk?.provider);
  const desk = helpdesk && (await provider?.open(helpdesk, { env, secret: secretsOf(env, contacted, maskSecret) }));
  const place = placeOf(helpdesk);
  const given: object = helpdesk !== undefined && 'fields' in helpdesk ? Object(helpdesk.fields) : {};
  return {
    desk: desk?.kind === 'api' && contacted ? remembering(desk, place, deskFactsOf(env)) : desk,
    place,
    organization,
    contact,
    product,
    version,
    license,
    licenses: Object.fromEntries(config.appliances.flatMap(({ name, license: own }) => (own ? [[name, own]] : []))),
    requester,
    fields: Object.keys(given),
    attachmentLimit,
    templates: await ownTemplates(config.path),
  };
}

/** What help desks said of themselves, on this machine. */
export function deskFactsOf(env: Surroundings['env'], now = () => new Date()): DeskFacts {
  return openDeskFacts(join(stateFolderOf(env), 'help-desks.json'), now);
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
