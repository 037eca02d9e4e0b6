import type { z } from 'zod';
import { defined } from '../domain/defined.js';
import type { Route } from '../domain/route.js';
import { nameOfRoute, routedDesks } from './routing-schema.js';
import { type ConfigInput, type DeskList, helpDesk } from './schema.js';
import { parseYaml } from './yaml.js';

export type HelpDeskConfig = z.output<ReturnType<typeof helpDesk>>;

/** A route with its help desk, where it has one of its own. */
export type ConfiguredRoute = Route & { helpdesk?: HelpDeskConfig };

/**
 * Reads the routes once everything else is known to be right: what a route says of its help desk is read as if it stood
 * below `helpdesk:`.
 * @throws UserError `bad-config`
 */
export function routesOf(input: ConfigInput, text: string, path: string, desks: DeskList): ConfiguredRoute[] {
  if (input.routes.length === 0) return [];
  const { routes } = parseYaml(routedDesks(helpDesk(desks)), text, path, 'bad-config', withMainDesk);
  return input.routes.map(({ name, when, severity, say }, at) => {
    const helpdesk = routes[at]?.helpdesk;
    return {
      ...{ name: nameOfRoute(name, at), when, severity, hasPlace: helpdesk !== undefined },
      place: placeOf(helpdesk ?? input.helpdesk),
      ...defined({ say, helpdesk }),
    };
  });
}

type Written = { helpdesk?: Record<string, unknown>; routes?: { helpdesk?: Record<string, unknown> }[] };

/** Without a provider of its own, a route changes keys of `helpdesk:`. */
function withMainDesk(root: unknown): unknown {
  const { helpdesk: main, routes = [], ...rest } = root as Written;
  const whole = routes.map(({ helpdesk, ...route }) => {
    if (helpdesk === undefined) return route;
    return { ...route, helpdesk: 'provider' in helpdesk ? helpdesk : { ...main, ...helpdesk } };
  });
  return { ...rest, routes: whole };
}

/** The keys that say where in a help desk tickets go, whichever it is. */
const placeKeys = [
  ...['queue', 'project', 'tracker', 'issueType', 'table', 'assignmentGroup', 'callerId', 'group', 'form', 'product'],
];

/** Where tickets go, for people, e.g. `request-tracker at https://rt.example.com, queue On-call`. */
export function placeOf(helpdesk: HelpDeskConfig | undefined): string {
  if (helpdesk === undefined) return 'no help desk';
  const { provider, url, ...keys } = helpdesk as { provider: string; url?: string } & Record<string, unknown>;
  const parts = placeKeys.flatMap((key) => (keys[key] === undefined ? [] : [`${key} ${keys[key]}`]));
  return [`${provider}${url === undefined ? '' : ` at ${url}`}`, ...parts].join(', ');
}
