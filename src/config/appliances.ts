import type { Appliance, FaceConfig, JumpHost } from '../domain/appliance.js';
import { defined } from '../domain/defined.js';
import type { Timeouts } from '../domain/timeouts.js';
import { usageError } from '../errors.js';
import { besideFile, expandHome } from './home.js';
import type { ConfigInput } from './schema.js';

/** The servers of a configuration, each with its jump hosts and limits. @throws UserError `bad-config` */
export function appliancesOf(input: ConfigInput, where: Where): Appliance[] {
  const appliances = Object.entries(input.appliances).map(([name, each]) => applianceOf(name, each, input, where));
  refuseClashes(appliances, where.path);
  return appliances;
}

type Where = { path: string; home: string | undefined };

function applianceOf(
  name: string,
  input: ConfigInput['appliances'][string],
  { jumpHosts, timeouts, commandOutput }: ConfigInput,
  { path, home }: Where,
): Appliance {
  const { files, cli, hostOs, via, logs, watch: _watch, staging: _staging, ...rest } = input;
  const { minFree, ...hostOsFace } = hostOs;
  const appliance = defined({
    name,
    ...rest,
    timeouts: timeoutsOf(timeouts),
    maxOutputBytes: commandOutput,
    via: via === undefined ? [] : wayThrough(via, jumpHosts, { path, home }, `appliances.${name}.via`),
    cli: faceOf(cli, home),
    hostOs: { ...faceOf(hostOsFace, home), minFreeBytes: minFree },
  }) as Appliance;
  if (logs !== undefined)
    appliance.logs = defined({
      ...logs,
      files: logs.files.map((file) => besideFile(file, { path, home })),
    }) as NonNullable<Appliance['logs']>;
  if (files?.root !== undefined) appliance.filesRoot = files.root;
  return appliance;
}

/** The jump hosts up to `name`; the first one is reached directly. */
function wayThrough(
  name: string,
  jumpHosts: ConfigInput['jumpHosts'],
  where: Where,
  namedBy: string,
  passed: readonly string[] = [],
): JumpHost[] {
  const { path, home } = where;
  const known = Object.keys(jumpHosts);
  const hop = jumpHosts[name];
  if (hop === undefined)
    throw usageError(
      'bad-config',
      `${path}: "${namedBy}" is "${name}", which is not in jumpHosts`,
      known.length === 0 ? 'Add jumpHosts: with its address and login' : `There are: ${known.join(', ')}`,
    );
  if (passed.includes(name))
    throw usageError(
      'bad-config',
      `${path}: jumpHosts lead in a circle: ${[...passed, name].join(' → ')}`,
      'Take away one "via"',
    );
  const { via, address, legacyAlgorithms, ...face } = hop;
  const before = via === undefined ? [] : wayThrough(via, jumpHosts, where, `jumpHosts.${name}.via`, [...passed, name]);
  return [...before, { name, address, legacyAlgorithms, ...faceOf(face, home) }];
}

function timeoutsOf({ connect, command, ...collectors }: ConfigInput['timeouts']): Timeouts {
  return { connectMs: connect, commandMs: command, collectorMs: collectors };
}

function faceOf<F extends Record<string, unknown>>(face: F, home: string | undefined): F & FaceConfig {
  const paths = (['privateKey', 'identity'] as const).flatMap((name) => {
    const path = face[name];
    return typeof path === 'string' ? [[name, expandHome(path, home)]] : [];
  });
  return defined({ ...face, ...Object.fromEntries(paths) }) as F & FaceConfig;
}

function refuseClashes(appliances: readonly Appliance[], path: string): void {
  const names = new Set(appliances.map((appliance) => appliance.name));
  const clash = appliances.find((appliance) => appliance.cluster !== undefined && names.has(appliance.cluster));
  if (clash !== undefined)
    throw usageError(
      'bad-config',
      `${path}: "${clash.cluster}" is both a server and a cluster`,
      'Give one of them another name',
    );
  const ids = new Map<number, string>();
  for (const { id, name } of appliances) {
    const other = ids.get(id);
    if (other !== undefined)
      throw usageError(
        'bad-config',
        `${path}: ${other} and ${name} have the same id ${id}`,
        'The id is the server id of the InCenter, ICEnn',
      );
    ids.set(id, name);
  }
  refuseSamePlace(appliances, path);
}

/** A copied entry whose address was left as it is; behind other jump hosts it is another server. */
function refuseSamePlace(appliances: readonly Appliance[], path: string): void {
  const places = new Map<string, string>();
  for (const { name, address, via, cli, hostOs } of appliances) {
    const way = via.map((hop) => `${hop.address}:${hop.port}`);
    const place = [...way, address, cli.port, hostOs.port].join(' ').toLowerCase();
    const other = places.get(place);
    if (other !== undefined)
      throw usageError(
        'bad-config',
        `${path}: ${other} and ${name} are the same server, ${address} with ports ${cli.port} and ${hostOs.port}`,
        'Give each its own address',
      );
    places.set(place, name);
  }
}
