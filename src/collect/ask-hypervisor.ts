import type { Appliance } from '../domain/appliance.js';
import type { Hypervisors } from '../state/hypervisors.js';
import type { Operator } from '../ui/operator.js';

type Known = { appliance: Appliance; version: string | undefined };

/**
 * A guest does not know its hypervisor's version; whoever is there may. What was answered once is kept for the next time,
 * and proposed for other servers of the cluster; what the configuration says counts for more.
 */
export async function askHypervisor(
  appliances: readonly Appliance[],
  operator: Operator,
  hypervisors: Hypervisors,
): Promise<Appliance[]> {
  const known = await Promise.all(appliances.map((each) => recall(each, operator, hypervisors)));
  const unknown = known.filter(({ version }) => version === undefined).map(({ appliance }) => appliance);
  const version = unknown.length === 0 ? '' : await ask(unknown, known, operator);
  if (version !== '') await hypervisors.keep(unknown, version);
  return known.map(({ appliance, version: kept = version }) =>
    appliance.hypervisor?.version !== undefined || kept === ''
      ? appliance
      : { ...appliance, hypervisor: { ...appliance.hypervisor, version: kept } },
  );
}

/** As configured, or as it was answered earlier, which is said: it may have changed since. */
async function recall(appliance: Appliance, operator: Operator, hypervisors: Hypervisors): Promise<Known> {
  const configured = appliance.hypervisor?.version;
  if (configured !== undefined) return { appliance, version: configured };
  const kept = await hypervisors.of(appliance);
  if (kept === undefined) return { appliance, version: undefined };
  const since = kept.answered.toISOString().slice(0, 10);
  const text = `${appliance.name} runs on ${kept.version}, as answered on ${since}; hypervisor: in the configuration counts for more`;
  operator.emit({ type: 'note', text });
  return { appliance, version: kept.version };
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
