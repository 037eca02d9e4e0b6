import type { Appliance } from '../domain/appliance.js';
import type { CapturePolicy } from '../domain/capture.js';
import { defined } from '../domain/defined.js';
import type { Escalation } from '../domain/escalation.js';
import type { Allowance } from '../domain/recipe.js';
import type { WatchPolicy } from '../domain/watch-policy.js';
import type { Weekly } from '../domain/weekly.js';
import { appliancesOf } from './appliances.js';
import { escalationOf } from './escalation.js';
import { refuseWrongPhones } from './phones.js';
import { type ConfigSearchPath, readFirst } from './places.js';
import { type ConfiguredRoute, type HelpDeskConfig, routesOf } from './routes.js';
import { type ConfigInput, configSchema, type DeskList, standardCaptures, standardWatch } from './schema.js';
import { watchPolicyOf } from './watch-schema.js';
import { weeklyOf } from './weekly-schema.js';
import { parseYaml } from './yaml.js';

export type Config = Omit<
  ConfigInput,
  | 'appliances'
  | 'jumpHosts'
  | 'timeouts'
  | 'window'
  | 'helpdesk'
  | 'routes'
  | 'allow'
  | 'captures'
  | 'watch'
  | 'people'
  | 'roles'
  | 'escalation'
  | 'weekly'
> & {
  /** The file that the configuration was read from. */
  path: string;
  appliances: Appliance[];
  /** The configured parts of the window. */
  window: { beforeMs?: number; afterMs?: number };
  allow: Allowance;
  /** How captures are made, and whether the configuration says so. */
  captures: CapturePolicy & { isConfigured: boolean };
  /** How servers are watched, and whether the configuration says so. */
  watch: WatchPolicy & { isConfigured: boolean };
  /** Who is told of incidents; absent where nobody is named. */
  escalation?: Escalation;
  /** Who gets a weekly status; absent where nobody does. */
  weekly?: Weekly;
  helpdesk?: HelpDeskConfig;
  routes: ConfiguredRoute[];
};

/** Finds and reads `icepack.yaml`. @throws UserError `no-config`, `bad-config` naming file and line */
export async function loadConfig(searchPath: ConfigSearchPath, desks: DeskList): Promise<Config> {
  const { path, text } = await readFirst(searchPath);
  const config = parseConfig(text, path, searchPath.home, desks);
  if (/\b(people|customer):/.test(text)) await refuseWrongPhones(text, path);
  return config;
}

/** @throws UserError `bad-config`: every fault, each with its line */
export function parseConfig(text: string, path: string, home: string | undefined, desks: DeskList): Config {
  const input = parseYaml(configSchema(desks), text, path, 'bad-config');
  return build(input, routesOf(input, text, path, desks), path, home);
}

function build(input: ConfigInput, routes: ConfiguredRoute[], path: string, home: string | undefined): Config {
  const {
    appliances: _appliances,
    jumpHosts: _jumpHosts,
    timeouts: _timeouts,
    window,
    helpdesk,
    allow,
    captures,
    watch: _watch,
    people: _people,
    roles: _roles,
    escalation: _escalation,
    weekly: _weekly,
    ...rest
  } = input;
  const config: Config = {
    ...rest,
    path,
    routes,
    window: {
      ...defined({ beforeMs: window.before, afterMs: window.after }),
    },
    allow: { ...allow, windowMs: allow.window },
    captures: { ...policyOf(captures ?? standardCaptures()), isConfigured: captures !== undefined },
    watch: {
      ...watchPolicyOf({ watch: input.watch ?? standardWatch(), appliances: input.appliances }, { path, home }),
      isConfigured: input.watch !== undefined,
    },
    ...defined({ escalation: escalationOf(input), weekly: weeklyOf(input, { path, home }) }),
    appliances: appliancesOf(input, { path, home }),
  };
  if (helpdesk !== undefined) config.helpdesk = helpdesk;
  return config;
}

function policyOf({ items, every, keep, daily, maxAge, maxSize, jitter, skip }: CapturesInput): CapturePolicy {
  const { loadPerCore, freeDisk } = skip;
  const limits = { keep, daily, maxAgeMs: maxAge, maxBytes: maxSize };
  return { items, everyMs: every, jitterMs: jitter, ...limits, skip: { loadPerCore, freeDiskBytes: freeDisk } };
}

type CapturesInput = NonNullable<ConfigInput['captures']>;
