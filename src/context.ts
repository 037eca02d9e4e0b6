import { dirname, join, resolve } from 'node:path';
import type { Config } from './config/load.js';
import { packageRoot } from './config/templates.js';
import { configurationOf } from './context/configuration.js';
import { operatorZone } from './context/operator-zone.js';
import { type GlobalOptions, homeOf, packageVersion, type Surroundings } from './context/surroundings.js';
import type { MachineFacts } from './doctor/machine-facts.js';
import type { Intent } from './domain/journal.js';
import type { Recipe } from './domain/recipe.js';
import { traceEvent } from './domain/trace.js';
import type { DeskSettings } from './helpdesk/desk-settings.js';
import type { Providers } from './helpdesk/provider.js';
import { providers } from './helpdesk/providers.js';
import type { InitAnswers } from './init/init-answers.js';
import type { ConfiguredChannel } from './notify/channel.js';
import type { Workplace } from './servers/workplace.js';
import type { RawOutput } from './ui/raw-output.js';
import type { Ui, UiOptions } from './ui/ui.js';

/** What verbs work with. Everything that takes time or needs a configuration is made only on request. */
export interface Context {
  readonly options: GlobalOptions;
  readonly ui: Ui;
  readonly signal: AbortSignal;
  /** Where bytes go that are the result, instead of lines and a document. */
  output(): Promise<RawOutput>;
  /** The operator's zone. */
  readonly zone: string;
  /** How wide the terminal is that shows the result; undefined where there is none. */
  readonly columns: number | undefined;
  /** Whether a person sees the narration, also where nothing is asked. */
  readonly isWatched: boolean;
  /** How to start this very program again. */
  readonly self: { execPath: string; script: string };
  readonly env: Record<string, string | undefined>;
  readonly home: string | undefined;
  /** Of this program. */
  readonly version: string;
  now(): Date;
  /** What a person types to see a page that was written here. */
  toSee(path: string): Promise<string>;
  config(): Promise<Config>;
  /** The configuration as it is now, for whoever goes on for long. */
  rereadConfig(): Promise<Config>;
  /** Keeps the names in the configuration for completions, where it was read and anything may be written. */
  keepNames(): Promise<void>;
  /** The file of the configuration, and all in which it is looked for. @throws UserError `no-config` */
  configPlaces(): Promise<{ path: string; places: string[] }>;
  /** The JSON Schema of a configuration, for editors. */
  configSchema(): Promise<object>;
  /** Where to write a first configuration. @throws UserError `config-exists` */
  newConfigPath(): Promise<string>;
  /** @throws UserError `bad-config` where what would be written could not be read */
  checkNewConfig(path: string, answers: InitAnswers): Promise<void>;
  writeConfig(path: string, answers: InitAnswers): Promise<void>;
  /** @param given a name, a path or `-`; without it, the default recipe */
  recipe(given?: string): Promise<Recipe>;
  /** What is said of an incident in a file, or on standard input (`-`). @throws UserError `bad-answers` */
  answers(given: string): Promise<Intent>;
  /** What another program hands over in a file, or on standard input (`-`). @throws UserError `bad-file` */
  payload(given: string): Promise<string>;
  /** The beginning of what comes on standard input. */
  input(maxBytes: number): Promise<Buffer>;
  workplace(): Promise<Workplace>;
  /** The facts about the machine that icepack runs on. */
  machineFacts(): Promise<MachineFacts>;
  /**
   * @param contacted false where the help desk is only named, as by `--no-submit`: its token may be missing then
   * @param route the name of a route, for its help desk @param of another configuration than that of the start
   * @throws UserError `no-such-route`
   */
  deskSettings(contacted?: boolean, route?: string, of?: Config): Promise<DeskSettings>;
  /** The ways by which pages go out; a secret of one is read when a page is sent. */
  channels(of?: Config): Promise<ConfiguredChannel[]>;
}

export async function createContext(
  options: GlobalOptions,
  around: Surroundings,
  signal: AbortSignal,
  /** Is told each secret that is read, so that no output shows it. */
  maskSecret: (secret: string) => void = () => undefined,
  /** The help desks that may be configured. */
  desks: Providers = providers,
): Promise<Context> {
  const { env, stdout, stderr } = around;
  const color = (stream: NodeJS.WriteStream) =>
    options.color !== false && !env['NO_COLOR'] && stream.isTTY === true && env['TERM'] !== 'dumb';
  const now = () => new Date();
  const ui = await openTracedUi({
    json: options.json ?? false,
    quiet: options.quiet ?? false,
    verbose: options.verbose ?? false,
    color: { stdout: color(stdout), stderr: color(stderr) },
    stdout,
    stderr,
    now,
    config: options.config && resolve(around.cwd, options.config),
    route: options.route,
  });
  const configuration = configurationOf(options, around, desks);
  const { config } = configuration;
  const from = { cwd: around.cwd, stdin: around.stdin, signal };
  return {
    ...{ options, ui, signal },
    ...{ zone: operatorZone(env, now()).name, version: packageVersion() },
    output: lazy(async () => (await import('./ui/raw-output.js')).rawOutput(stdout)),
    columns: stdout.isTTY ? stdout.columns || 80 : undefined,
    isWatched: stderr.isTTY === true || options.verbose === true,
    self: { execPath: around.execPath, script: join(packageRoot, 'bin', 'icepack.js') },
    ...{ env, home: homeOf(env), now },
    toSee: async (path) => (await import('./context/handover.js')).commandToSee(around, path),
    ...configuration,
    recipe: async (given = 'default') => {
      const { loadRecipe } = await import('./config/recipes.js');
      const ours = join(packageRoot, 'templates', 'recipes');
      const beside = given === 'default' ? [] : [join(dirname((await config()).path), 'recipes')];
      return loadRecipe(given, { folders: [...beside, ours], ...from });
    },
    answers: async (given) => (await import('./config/answers.js')).loadAnswers(given, from),
    payload: async (given) => (await import('./config/payload.js')).loadPayload(given, from),
    input: async (maxBytes) => inputOf({ stdin: around.stdin, signal }, maxBytes),
    workplace: lazy(async () =>
      (await import('./context/make-workplace.js')).makeWorkplace(options, around, ui, signal, maskSecret),
    ),
    machineFacts: async () => (await import('./context/machine-facts.js')).machineFacts(around),
    deskSettings: async (contacted = true, route, of) => {
      const { openNamed } = await import('./context/open-desk.js');
      return openNamed({ config: of ?? (await config()), around, maskSecret, providers: desks }, contacted, route);
    },
    channels: async (of) =>
      (await import('./context/open-channels.js')).openChannels((of ?? (await config())).channels, env, maskSecret),
  };
}

async function inputOf(given: { stdin: NodeJS.ReadStream; signal: AbortSignal }, maxBytes: number): Promise<Buffer> {
  return (await import('./config/standard-input.js')).beginningOfInput(given, maxBytes);
}

/** What is reported of the work is noted, too, whether it is shown or not. */
async function openTracedUi(options: UiOptions): Promise<Ui> {
  const { openUi } = await import('./ui/ui.js');
  const ui = await openUi(options);
  const emit: Ui['emit'] = (event) => {
    traceEvent(event);
    ui.emit(event);
  };
  return { ...ui, emit };
}

function lazy<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
