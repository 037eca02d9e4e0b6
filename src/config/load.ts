import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { isAbsolute, join, resolve } from 'node:path';
import { isNode, LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import type { Appliance, FaceConfig } from '../domain/appliance.js';
import { nearest } from '../domain/text.js';
import { type UserError, usageError } from '../errors.js';
import { type ConfigInput, configSchema } from './schema.js';

export type HelpDeskConfig = NonNullable<ConfigInput['helpdesk']>;

export type Config = Omit<ConfigInput, 'appliances' | 'window' | 'helpdesk'> & {
  /** The file it was read from. */
  path: string;
  appliances: Appliance[];
  window: { beforeMs: number; afterMs: number };
  helpdesk?: HelpDeskConfig;
};

export type ConfigPlaces = {
  /** `--config`, or `$ICEPACK_CONFIG`. */
  given: string | undefined;
  cwd: string;
  /** `$XDG_CONFIG_HOME`, or `~/.config`. */
  configHome: string;
  home: string;
  uid: number | undefined;
  /** A commented file to start from. */
  example: string;
};

const maxConfigBytes = 1024 * 1024;

/** Finds and reads `icepack.yaml`. @throws UserError `no-config`, `bad-config` naming file and line */
export async function loadConfig(places: ConfigPlaces): Promise<Config> {
  const { path, text } = await readFirst(places);
  return parseConfig(text, path, places.home);
}

async function readFirst({
  given,
  cwd,
  configHome,
  uid,
  example,
}: ConfigPlaces): Promise<{ path: string; text: string }> {
  if (given !== undefined) {
    const path = resolve(cwd, given);
    const text = await readOwn(path, undefined);
    if (text === undefined) throw usageError('no-config', `there is no "${path}"`, 'Name the file with --config FILE');
    return { path, text };
  }
  const candidates = [join(cwd, 'icepack.yaml'), join(configHome, 'icepack', 'icepack.yaml')];
  for (const [index, path] of candidates.entries()) {
    const text = await readOwn(path, index === 0 ? uid : undefined);
    if (text !== undefined) return { path, text };
  }
  throw usageError(
    'no-config',
    `no configuration was found: neither ${candidates.join(' nor ')} is there`,
    `Copy ${example} to ${candidates[1]} and fill it in; or see the tool at work first: icepack demo`,
  );
}

/** @param uid when given, a file of another owner or that others may write is refused: the folder may not be ours */
async function readOwn(path: string, uid: number | undefined): Promise<string | undefined> {
  let handle: Awaited<ReturnType<typeof open>>;
  try {
    handle = await open(path, constants.O_RDONLY);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw usageError('no-config', `"${path}" cannot be read: ${error instanceof Error ? error.message : error}`);
  }
  try {
    const found = await handle.stat();
    if (!found.isFile() || found.size > maxConfigBytes)
      throw usageError('bad-config', `"${path}" is no file of at most 1 MiB`);
    if (uid !== undefined && (found.uid !== uid || (found.mode & 0o022) !== 0)) {
      throw usageError(
        'config-exposed',
        `"${path}" belongs to someone else or others may write it, so it is not used`,
        `If it is yours: chmod go-w ${path}; or name it: --config ${path}`,
      );
    }
    return await handle.readFile('utf8');
  } finally {
    await handle.close();
  }
}

/** @throws UserError `bad-config`: every fault, each with its line */
export function parseConfig(text: string, path: string, home: string): Config {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, merge: false });
  const [syntax] = document.errors;
  if (syntax !== undefined) {
    throw usageError('bad-config', `${path}:${lines.linePos(syntax.pos[0]).line}: ${syntax.message.split('\n')[0]}`);
  }
  const lineOf = (keys: PropertyKey[]): number => {
    for (let depth = keys.length; depth > 0; depth--) {
      const node = document.getIn(keys.slice(0, depth), true);
      if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
    }
    return 1;
  };
  const parsed = configSchema.safeParse(document.toJS({ maxAliasCount: 100 }) ?? {});
  if (!parsed.success)
    throw badConfig(
      path,
      parsed.error.issues.flatMap((issue) => describe(issue, lineOf, document.toJS())),
    );
  return build(parsed.data, path, home);
}

type Fault = { line: number; text: string };

function badConfig(path: string, faults: Fault[]): UserError {
  const lines = faults.map((fault) => `${path}:${fault.line}: ${fault.text}`);
  return usageError(
    'bad-config',
    lines.join('\n'),
    `Mend ${faults.length === 1 ? 'that line' : 'those lines'} of ${path}`,
  );
}

function describe(issue: z.core.$ZodIssue, lineOf: (keys: PropertyKey[]) => number, root: unknown): Fault[] {
  const path = issue.path;
  const name = path.join('.') || 'the file';
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => {
      const near = nearest(key, knownKeysAt(path, root));
      return {
        line: lineOf([...path, key]),
        text: `unknown key "${[...path, key].join('.')}"${near ? `; did you mean "${near}"?` : ''}`,
      };
    });
  }
  const missing =
    issue.code === 'invalid_type' && issue.input === undefined && /received undefined/.test(issue.message);
  return [{ line: lineOf(path), text: missing ? `"${name}" is missing` : `"${name}": ${issue.message}` }];
}

/** The keys the schema knows at a place, learnt by asking it with an unlikely key removed: it lists them in its shape. */
function knownKeysAt(path: readonly PropertyKey[], root: unknown): string[] {
  let schema: unknown = configSchema;
  let value: unknown = root;
  for (const key of path) {
    value = (value as Record<PropertyKey, unknown> | undefined)?.[key];
    schema = childOf(schema, key, value);
  }
  return Object.keys(shapeOf(schema) ?? {});
}

type Def = {
  shape?: Record<string, unknown>;
  innerType?: unknown;
  valueType?: unknown;
  options?: unknown[];
  in?: unknown;
};

function definition(schema: unknown): Def {
  return (schema as { _zod?: { def: Def } } | undefined)?._zod?.def ?? {};
}

function shapeOf(schema: unknown): Record<string, unknown> | undefined {
  const def = definition(schema);
  if (def.shape !== undefined) return def.shape;
  if (def.options !== undefined) return Object.assign({}, ...def.options.map((option) => shapeOf(option) ?? {}));
  const inner = def.innerType ?? def.in;
  return inner === undefined ? undefined : shapeOf(inner);
}

function childOf(schema: unknown, key: PropertyKey, _value: unknown): unknown {
  const def = definition(schema);
  if (def.valueType !== undefined) return def.valueType;
  const shape = shapeOf(schema);
  if (shape !== undefined) return shape[String(key)];
  return def.innerType === undefined ? undefined : childOf(def.innerType, key, _value);
}

function build(input: ConfigInput, path: string, home: string): Config {
  const { appliances, window, helpdesk, ...rest } = input;
  const config: Config = {
    ...rest,
    path,
    window: { beforeMs: window.before, afterMs: window.after },
    appliances: Object.entries(appliances).map(([name, each]) => applianceOf(name, each, home)),
  };
  if (helpdesk !== undefined) config.helpdesk = helpdesk;
  refuseClashes(config);
  return config;
}

function applianceOf(name: string, input: ConfigInput['appliances'][string], home: string): Appliance {
  const { files, cli, hostOs, ...rest } = input;
  const appliance = withoutUndefined({
    name,
    ...rest,
    cli: faceOf(cli, home),
    hostOs: faceOf(hostOs, home),
  }) as Appliance;
  if (files?.root !== undefined) appliance.filesRoot = files.root;
  return appliance;
}

function faceOf<F extends Record<string, unknown>>(face: F, home: string): F & FaceConfig {
  const { privateKey } = face;
  const expanded = typeof privateKey === 'string' ? { privateKey: expandHome(privateKey, home) } : {};
  return withoutUndefined({ ...face, ...expanded }) as F & FaceConfig;
}

/** @returns an absolute path; `~/` is the home folder */
export function expandHome(path: string, home: string): string {
  if (path.startsWith('~/')) return join(home, path.slice(2));
  return isAbsolute(path) ? path : resolve(path);
}

function withoutUndefined<T extends Record<string, unknown>>(object: T): T {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as T;
}

function refuseClashes(config: Config): void {
  const names = new Set(config.appliances.map((appliance) => appliance.name));
  const clash = config.appliances.find((appliance) => appliance.cluster !== undefined && names.has(appliance.cluster));
  if (clash !== undefined)
    throw usageError(
      'bad-config',
      `${config.path}: "${clash.cluster}" is both a server and a cluster`,
      'Give one of them another name',
    );
  const ids = new Map<number, string>();
  for (const { id, name } of config.appliances) {
    const other = ids.get(id);
    if (other !== undefined)
      throw usageError(
        'bad-config',
        `${config.path}: ${other} and ${name} have the same id ${id}`,
        'The id is the server id of the InCenter, ICEnn',
      );
    ids.set(id, name);
  }
}
