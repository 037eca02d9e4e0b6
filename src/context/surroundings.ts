import { existsSync, readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { noHome } from '../config/home.js';
import type { ConfigSearchPath } from '../config/places.js';
import { packageRoot } from '../config/templates.js';

/** The environment of the process, read once: no other code looks at `process`. */
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

/** The options every verb has, `--route`, which those have that work at a help desk, and `--dry-run`. */
export type GlobalOptions = {
  config?: string;
  route?: string;
  json?: boolean;
  batch?: boolean;
  quiet?: boolean;
  verbose?: boolean;
  logFile?: string;
  color?: boolean;
  dryRun?: boolean;
};

export function packageVersion(): string {
  return (JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as { version: string }).version;
}

export function configSearchPath(options: GlobalOptions, { env, cwd }: Surroundings): ConfigSearchPath {
  const home = homeOf(env);
  return {
    given: options.config ?? (env['ICEPACK_CONFIG'] || undefined),
    cwd,
    configHome: env['XDG_CONFIG_HOME'] || (home && join(home, '.config')),
    home,
    uid: process.getuid?.(),
    example: join(packageRoot, 'templates', 'icepack.example.yaml'),
  };
}

/**
 * The home folder; where `HOME` is not set, as under cron, it comes from the passwd entry; undefined for a user without
 * an entry, or whose folder is not there, as that of accounts for services.
 */
export function homeOf(env: Record<string, string | undefined>): string | undefined {
  if (env['HOME']) return env['HOME'];
  try {
    const { homedir } = userInfo();
    return existsSync(homedir) ? homedir : undefined;
  } catch {
    return undefined; // how Node says that there is no entry, as in containers
  }
}

/** Where what can be made anew is kept; undefined for a user without a home. */
export function cacheFolderOf(env: Record<string, string | undefined>): string | undefined {
  const cache = env['XDG_CACHE_HOME'];
  const home = homeOf(env);
  if (cache) return join(cache, 'icepack');
  return home === undefined ? undefined : join(home, '.cache', 'icepack');
}

/** @throws UserError `no-home` */
export function stateFolderOf(env: Record<string, string | undefined>): string {
  const state = env['XDG_STATE_HOME'];
  const home = state ? undefined : (homeOf(env) ?? noHome('the evidence is kept in it'));
  return join(state || join(home ?? '', '.local', 'state'), 'icepack');
}
