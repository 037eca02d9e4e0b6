import type { Appliance } from '../domain/appliance.js';
import type { Hypervisors } from '../state/hypervisors.js';
import type { Operator } from '../ui/operator.js';

/** `answered`: it was kept from an earlier time. */
type Known = { appliance: Appliance; version: string | undefined; answered: Date | undefined };

/**
 * A guest does not know its hypervisor's version; whoever is there may. What was answered once is kept for the next time,
 * and proposed for other servers of the cluster; what the configuration says counts for more.
 */
export async function askHypervisor(
  appliances: readonly Appliance[],
  operator: Operator,
  hypervisors: Hypervisors,
): Promise<Appliance[]> {
  const known = await Promise.all(appliances.map((each) => recall(each, hypervisors)));
  tellKept(known, operator);
  const unknown = known.filter(({ version }) => version === undefined).map(({ appliance }) => appliance);
  const version = unknown.length === 0 ? '' : await ask(unknown, known, operator);
  if (version !== '') await hypervisors.keep(unknown, version);
  return known.map(({ appliance, version: kept = version }) =>
    appliance.hypervisor?.version !== undefined || kept === ''
      ? appliance
      : { ...appliance, hypervisor: { ...appliance.hypervisor, version: kept } },
  );
}

/** As configured, or as it was answered earlier. */
async function recall(appliance: Appliance, hypervisors: Hypervisors): Promise<Known> {
  const configured = appliance.hypervisor?.version;
  const kept = configured === undefined ? await hypervisors.of(appliance) : undefined;
  return { appliance, version: configured ?? kept?.version, answered: kept?.answered };
}

/** It may have changed since: what is taken from earlier is said, servers with the same answer together. */
function tellKept(known: readonly Known[], operator: Operator): void {
  const names = new Map<string, string[]>();
  for (const { appliance, version, answered } of known) {
    if (answered === undefined) continue;
    const what = `${version}, as answered on ${answered.toISOString().slice(0, 10)}`;
    names.set(what, [...(names.get(what) ?? []), appliance.name]);
  }
  for (const [what, servers] of names)
    operator.emit({
      type: 'note',
      text: `hypervisor of ${servers.join(', ')}: ${what}; hypervisor: in the configuration counts for more`,
    });
}

async function ask(unknown: readonly Appliance[], known: readonly Known[], operator: Operator): Promise<string> {
  if (operator.ask === undefined) return '';
  const names = unknown.map(({ name }) => name).join(', ');
  const initial = versionOfCluster(unknown, known);
  const [example, nothing] =
    initial === undefined ? ['VMware ESXi 8.0.2', 'Enter: not known'] : [initial, '-: not known'];
  const answer = await operator.ask.text(`Hypervisor and version under ${names}? (e.g. ${example}; ${nothing})`, {
    ...(initial === undefined ? {} : { initial }),
  });
  return answer.trim() === '-' ? '' : answer.trim();
}

/** What is known of the other servers of their cluster, where that is one and the same. */
function versionOfCluster(unknown: readonly Appliance[], known: readonly Known[]): string | undefined {
  const clusters = new Set(unknown.map(({ cluster }) => cluster));
  const kin = known.filter(({ appliance: { cluster } }) => cluster !== undefined && clusters.has(cluster));
  const versions = new Set(kin.flatMap(({ version }) => version ?? []));
  return clusters.size === 1 && versions.size === 1 ? [...versions][0] : undefined;
}
