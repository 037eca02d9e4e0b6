import { readFileSync } from 'node:fs';
import { homedir, userInfo } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Config } from './config/load.js';
import type { ConfigPlaces } from './config/places.js';
import type { Endpoint } from './domain/endpoint.js';
import type { HostKeyPin } from './domain/host-key.js';
import type { LoginSecrets } from './domain/login.js';
import type { Recipe } from './domain/recipe.js';
import type { Setup } from './domain/setup.js';
import type { DeskSetup, Edges } from './flows/edges.js';
import type { Dialer } from './ssh/dialer.js';
import type { Ui } from './ui/ui.js';

/** The environment, read once: nothing else looks at `process`. */
export type Surroundings = {
  env: Record<string, string | undefined>;
  argv: string[];
  cwd: string;
  stdin: NodeJS.ReadStream;
  stdout: NodeJS.WriteStream;
  stderr: NodeJS.WriteStream;
  execPath: string;
  nodeVersion: string;
};

/** The options every verb has. */
export type GlobalOptions = {
  config?: string;
  json?: boolean;
  batch?: boolean;
  quiet?: boolean;
  verbose?: boolean;
  color?: boolean;
};

/** What verbs are made of. Everything that costs time or needs a configuration is made when it is asked for. */
export interface Context {
  readonly options: GlobalOptions;
  readonly ui: Ui;
  readonly signal: AbortSignal;
  /** The operator's zone. */
  readonly zone: string;
  /** How to start this very program again. */
  readonly self: { execPath: string; script: string };
  readonly env: Record<string, string | undefined>;
  now(): Date;
  config(): Promise<Config>;
  /** Where a first configuration goes. @throws UserError `config-exists` */
  newConfigPath(): Promise<string>;
  writeConfig(path: string, setup: Setup): Promise<void>;
  /** @param given a name, a path or `-`; without it what is collected as a rule */
  recipe(given?: string): Promise<Recipe>;
  edges(): Promise<Edges>;
  /** @param contacted false where the help desk is only named, as by `--no-submit`: its token may be missing then */
  deskSetup(contacted?: boolean): Promise<DeskSetup>;
}

export const packageRoot = dirname(dirname(fileURLToPath(import.meta.url)));

export function packageVersion(): string {
  return (JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as { version: string }).version;
}

export async function createContext(
  options: GlobalOptions,
  around: Surroundings,
  signal: AbortSignal,
  /** Told each secret that is read, so that nothing shows it. */
  learn: (secret: string) => void = () => undefined,
): Promise<Context> {
  const { openUi } = await import('./ui/ui.js');
  const { env, stdout, stderr } = around;
  const color = (stream: NodeJS.WriteStream) =>
    options.color !== false && !env['NO_COLOR'] && stream.isTTY === true && env['TERM'] !== 'dumb';
  const now = () => new Date();
  const ui = await openUi({
    json: options.json ?? false,
    quiet: options.quiet ?? false,
    verbose: options.verbose ?? false,
    color: { stdout: color(stdout), stderr: color(stderr) },
    stdout,
    stderr,
    now,
    spell: (text) => speltFor(options.config, text),
  });
  const config = lazy(() => loadConfigFrom(options, around));
  return {
    options,
    ui,
    signal,
    zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    self: { execPath: around.execPath, script: join(packageRoot, 'bin', 'icepack.js') },
    env,
    now,
    config,
    newConfigPath: async () => (await import('./config/write.js')).newConfigPath(configPlaces(options, around)),
    writeConfig: async (path, setup) =>
      (await import('./config/write.js')).writeNewConfig(path, setup, homeOf(around.env)),
    recipe: async (given = 'default') => {
      const { loadRecipe } = await import('./config/recipes.js');
      const ours = join(packageRoot, 'templates', 'recipes');
      const beside = given === 'default' ? [] : [join(dirname((await config()).path), 'recipes')];
      return loadRecipe(given, { folders: [...beside, ours], cwd: around.cwd, stdin: around.stdin, signal });
    },
    edges: lazy(() => makeEdges(options, around, ui, signal, learn)),
    deskSetup: async (contacted = true) => openDesk(await config(), around, contacted, learn),
  };
}

/** Commands go on with the configuration that was named. */
function speltFor(config: string | undefined, text: string): string {
  if (config === undefined) return text;
  const word = /^[A-Za-z0-9_./~-]+$/.test(config) ? config : `'${config.replaceAll("'", `'\\''`)}'`;
  return text.replace(
    /\bicepack (?=(?:init|collect|runs|resume|submit|upload|doctor)\b)/g,
    () => `icepack --config ${word} `,
  );
}

function lazy<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

async function loadConfigFrom(options: GlobalOptions, around: Surroundings): Promise<Config> {
  const { loadConfig } = await import('./config/load.js');
  return loadConfig(configPlaces(options, around));
}

function configPlaces(options: GlobalOptions, { env, cwd }: Surroundings): ConfigPlaces {
  const home = homeOf(env);
  return {
    given: options.config ?? (env['ICEPACK_CONFIG'] || undefined),
    cwd,
    configHome: env['XDG_CONFIG_HOME'] || join(home, '.config'),
    home,
    uid: process.getuid?.(),
    example: join(packageRoot, 'templates', 'icepack.example.yaml'),
  };
}

/** The home folder of the passwd entry where `HOME` is not set, as under cron. */
function homeOf(env: Record<string, string | undefined>): string {
  return env['HOME'] || userInfo().homedir || homedir();
}

async function makeEdges(
  options: GlobalOptions,
  around: Surroundings,
  ui: Ui,
  signal: AbortSignal,
  learn: (secret: string) => void,
): Promise<Edges> {
  const { env, stdin, stderr } = around;
  const home = homeOf(env);
  const stateFolder = join(env['XDG_STATE_HOME'] || join(home, '.local', 'state'), 'icepack');
  const [{ probeOf }, { openSessions }, { exec }, { openCliSession }, { steadyFiles }] = await Promise.all([
    import('./ssh/probe.js'),
    import('./ssh/sessions.js'),
    import('./ssh/exec.js'),
    import('./ssh/cli/cli-session.js'),
    import('./ssh/files/steady-files.js'),
  ]);
  const [staging, durable, knownHosts, runs] = await Promise.all([
    import('./bundle/staging.js'),
    import('./fs/durable.js'),
    import('./state/known-hosts.js'),
    import('./state/runs.js'),
  ]);
  // The libraries behind these take time to load, and not every verb needs them.
  let opened: Promise<Dialer> | undefined;
  const dialer = () => {
    opened ??= import('./ssh/dialer.js').then(({ openDialer }) => openDialer());
    return opened;
  };
  const zip = () => import('./bundle/zip.js');
  const unzip = () => import('./bundle/unzip.js');
  const { resolveLogin } = await import('./config/login.js');
  const { copyInto } = await import('./bundle/copy.js');
  const { takeLock } = await import('./state/lock.js');
  const now = () => new Date();
  const known = knownHosts.openKnownHosts(join(stateFolder, 'known_hosts'), [join(home, '.ssh', 'known_hosts')]);
  const ask =
    options.batch || options.json || !stdin.isTTY || !stderr.isTTY ? undefined : await prompterOf(around, ui, signal);
  const secrets = new Map<string, Promise<LoginSecrets>>();
  return {
    report: ui.report,
    ask,
    now,
    sleep: (ms, signal) => delay(ms, undefined, { signal }).catch(() => undefined), // ended early: the caller looks at its signal
    zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    tool: { name: 'icepack', version: packageVersion(), node: around.nodeVersion },
    argv: around.argv.slice(2),
    ssh: {
      dialer: {
        dial: async (...call) => (await dialer()).dial(...call),
        askHostKey: async (...call) => (await dialer()).askHostKey(...call),
      },
      probeOf,
      openSessions,
      exec,
      openCliSession,
      openFiles: async (...call) => (await import('./ssh/files/open-files.js')).openFiles(...call),
      steadyFiles,
    },
    loginSecrets: (endpoint) => {
      const resolving = secrets.get(endpoint.key) ?? resolveLogin(endpoint, { env, home, askPassword: ask?.secret });
      secrets.set(endpoint.key, resolving);
      return resolving.then((login) => {
        for (const secret of [login.password, login.privateKey?.passphrase]) if (secret !== undefined) learn(secret);
        return login;
      });
    },
    knownHosts: known,
    pinsOf: async (endpoint) => pinInConfig(endpoint) ?? known.pinsOf(endpoint.address, endpoint.login.port),
    runs: runs.openRunStore(stateFolder, now),
    takeLock: (what) => takeLock(`${stateFolder} ${what}`),
    machine: async () => {
      const { inspectStateFolder } = await import('./state/machine.js');
      const { environmentNotes } = await import('./config/environment.js');
      return {
        node: around.nodeVersion,
        state: await inspectStateFolder(stateFolder, process.getuid?.()),
        environment: environmentNotes(env),
      };
    },
    bundle: {
      openStaging: staging.openStaging,
      writeZip: async (path, entries, onProgress, level) =>
        (await zip()).writeZip(path, entries, onProgress, level, signal),
      hashFile: async (path) => (await zip()).hashFile(path, signal),
      listBundle: async (...call) => (await unzip()).listBundle(...call),
      readBundleManifest: async (...call) => (await unzip()).readBundleManifest(...call),
      extractBundle: async (...call) => (await unzip()).extractBundle(...call),
      parseManifest: runs.parseManifest,
      writeText: async (path, text) => {
        await durable.makePrivateFolder(dirname(path));
        await durable.writeDurably(path, text);
      },
      copyTo: (path, folder) => copyInto(path, resolve(around.cwd, folder)),
    },
    upload: {
      openFtpDrop: async (...call) => (await import('./upload/ftp-drop.js')).openFtpDrop(...call),
      openSftpDrop: async (connection, folder, wanted) => {
        const { openSftpDrop } = await import('./upload/sftp-drop.js');
        const { callsOn } = await import('./ssh/files/sftp-calls.js');
        return openSftpDrop(connection, folder, callsOn, wanted);
      },
      readPart: async (...call) => (await import('./upload/read-part.js')).readPart(...call),
    },
    localFile: async (path) => (await import('./fs/local-file.js')).openLocalFile(path),
    template: (name) => readFileSync(join(packageRoot, 'templates', name), 'utf8'),
  };
}

async function prompterOf(
  { stdin, stderr }: Surroundings,
  ui: Ui,
  signal: AbortSignal,
): Promise<NonNullable<Edges['ask']>> {
  const { openPrompter } = await import('./ui/inquirer-prompter.js');
  const prompter = openPrompter(stdin, stderr, signal);
  return {
    text: (...question) => ui.withTerminal(() => prompter.text(...question)),
    secret: (question) => ui.withTerminal(() => prompter.secret(question)),
    choose: (...question) => ui.withTerminal(() => prompter.choose(...question)),
    confirm: (...question) => ui.withTerminal(() => prompter.confirm(...question)),
  };
}

function pinInConfig({ login, key }: Endpoint): HostKeyPin[] | undefined {
  const { hostKey } = login;
  return hostKey === undefined ? undefined : [{ fingerprint: hostKey, source: `${key}.hostKey` }];
}

async function openDesk(
  config: Config,
  { env }: Surroundings,
  contacted: boolean,
  learn: (secret: string) => void,
): Promise<DeskSetup> {
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
): Promise<DeskSetup['desk']> {
  switch (helpdesk?.provider) {
    case undefined:
      return undefined;
    case 'portal': {
      const { openPortalDesk } = await import('./helpdesk/portal.js');
      return openPortalDesk(helpdesk.url === undefined ? {} : { url: helpdesk.url });
    }
    case 'rest': {
      const { resolveSecret } = await import('./config/secrets.js');
      const { openRestDesk } = await import('./helpdesk/rest.js');
      const resolving = resolveSecret(helpdesk.token, "the help desk's token", env, homeOf(env));
      const token = contacted ? await resolving : await resolving.catch(() => 'not needed');
      learn(token);
      const { url, idempotencyKeys, settle } = helpdesk;
      return openRestDesk({ url, token, env, idempotencyKeys, settleMs: settle });
    }
  }
}
