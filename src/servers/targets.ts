import { type Appliance, serverTitle } from '../domain/appliance.js';
import { icepack, say } from '../domain/command.js';
import { parseEventTime } from '../domain/event-time.js';
import { nearest } from '../domain/text.js';
import { type UserError, usageError } from '../errors.js';
import type { Operator } from '../ui/operator.js';

type TargetVerb = 'collect' | 'doctor' | 'capture' | 'captures';

export type Targets = {
  appliances: Appliance[];
  /** What names the run: a cluster, a server, or `all`. */
  label: string;
};

/**
 * Chooses the servers to work on. Without names it is the only server or the only cluster; else a person is asked.
 * @throws UserError `unknown-target`, `no-target`, both listing what there is
 */
export async function chooseTargets(
  names: readonly string[],
  all: boolean,
  configured: readonly Appliance[],
  operator: Operator,
  verb: TargetVerb = 'collect',
): Promise<Targets> {
  if (all) return { appliances: [...configured], label: 'all' };
  if (names.length > 0) {
    const matching = names.map((name, index) => {
      const known = nameOf(name, configured);
      if (known === undefined) throw timeInstead(names, index, operator, verb) ?? unknownTarget(name, configured);
      return known;
    });
    const chosen = [...new Set(matching.flatMap((name) => membersOf(name, configured)))];
    for (const name of matching) tellOfPeers(name, chosen, configured, operator, verb);
    return { appliances: chosen, label: labelOf(matching) };
  }
  const groups = groupNames(configured);
  const [only, ...others] = groups;
  if (only !== undefined && others.length === 0) return { appliances: membersOf(only, configured), label: only };
  if (operator.ask === undefined) throw noTarget(configured);
  const answer = await operator.ask.choose('Which servers?', [
    ...groups.map((name) => ({ value: name, title: describe(name, configured) })),
    { value: '', title: 'all of them' },
  ]);
  return answer === ''
    ? { appliances: [...configured], label: 'all' }
    : { appliances: membersOf(answer, configured), label: answer };
}

function labelOf(names: readonly string[]): string {
  return names.length === 1 ? (names[0] ?? '') : `${names[0]}-and-${names.length - 1}-more`;
}

/**
 * The servers that a run was about, by nothing but their names: another one may have their number now.
 * @throws UserError `unknown-target`
 */
export function serversOfRun(names: readonly string[], configured: readonly Appliance[]): Targets {
  const appliances = names.map((name) => {
    const found = configured.find((appliance) => appliance.name === name);
    if (found === undefined) throw unknownTarget(name, configured);
    return found;
  });
  return { appliances, label: labelOf(names) };
}

/** Clusters, and the servers that belong to none. */
function groupNames(configured: readonly Appliance[]): string[] {
  return [...new Set(configured.map((appliance) => appliance.cluster ?? appliance.name))];
}

function membersOf(name: string, configured: readonly Appliance[]): Appliance[] {
  return configured.filter((appliance) => appliance.name === name || appliance.cluster === name);
}

/** The server or cluster that is meant: by its name, else by `ICE01` as bundles have it, or in other letters. */
function nameOf(typed: string, configured: readonly Appliance[]): string | undefined {
  if (membersOf(typed, configured).length > 0) return typed;
  const isTyped = (text: string) => text.toLowerCase() === typed.toLowerCase();
  const matching = new Set(
    configured.flatMap(({ name, id, cluster }) => [
      ...(isTyped(name) || isTyped(serverTitle(id)) ? [name] : []),
      ...(cluster !== undefined && isTyped(cluster) ? [cluster] : []),
    ]),
  );
  const [only, ...others] = matching;
  if (only !== undefined && others.length === 0) return only;
  if (only !== undefined)
    throw usageError('unknown-target', `"${typed}" may be ${[...matching].join(' or ')}`, 'Name the one that is meant');
  return undefined;
}

/** What is said of a time that was typed behind the servers, as in `collect east at 18:00`; undefined where it is none. */
function timeInstead(
  names: readonly string[],
  index: number,
  operator: Operator,
  verb: TargetVerb,
): UserError | undefined {
  const typed = names.slice(index).join(' ').replace(/^at /i, '');
  if (verb !== 'collect' || !isTime(typed, operator)) return undefined;
  const command = icepack('collect', ...names.slice(0, index), '--at', typed);
  return usageError(
    'unknown-target',
    `"${names.slice(index).join(' ')}" is no server or cluster`,
    say`Did you mean: ${command}`,
  );
}

function isTime(text: string, operator: Operator): boolean {
  try {
    parseEventTime(text, operator.zone, operator.now());
    return true;
  } catch {
    return false; // no time, or none that may be meant
  }
}

function unknownTarget(name: string, configured: readonly Appliance[]): UserError {
  const known = [...new Set(configured.flatMap((appliance) => [appliance.name, appliance.cluster ?? appliance.name]))];
  const near = nearest(name, known);
  return usageError(
    'unknown-target',
    `no server or cluster is called "${name}"`,
    `${near ? `Did you mean "${near}"? ` : ''}There are: ${known.join(', ')}`,
  );
}

/** Tells whoever names one server of a cluster that support wants all of them. */
function tellOfPeers(
  name: string,
  chosen: readonly Appliance[],
  configured: readonly Appliance[],
  operator: Operator,
  verb: TargetVerb,
): void {
  const cluster = configured.find((appliance) => appliance.name === name)?.cluster;
  const peers = configured.filter((appliance) => appliance.cluster === cluster && !chosen.includes(appliance));
  if (cluster === undefined || peers.length === 0) return;
  operator.emit({
    type: 'note',
    text: say`${name} alone; its cluster ${cluster} also has ${peers.map((peer) => peer.name).join(', ')} (all of them: ${icepack(verb, cluster)})`,
  });
}

function describe(name: string, configured: readonly Appliance[]): string {
  const members = configured.filter((appliance) => appliance.cluster === name).map((appliance) => appliance.name);
  return members.length === 0 ? name : `${name} (cluster: ${members.join(', ')})`;
}

function noTarget(configured: readonly Appliance[]): UserError {
  return usageError(
    'no-target',
    'several servers are configured and none was named',
    `Name one or more of: ${groupNames(configured).join(', ')}; or --all`,
  );
}
