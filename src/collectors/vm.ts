import type { Appliance } from '../domain/appliance.js';
import { defined } from '../domain/defined.js';
import { printable } from '../domain/text.js';
import { UserError } from '../errors.js';
import type { Collector, EvidenceTools, HostOsTools } from './collector.js';

/** The placeholders of `templates/virtual-machine.txt`, and the host OS command for each. */
export const vmCommands = {
  virtualization: 'systemd-detect-virt --vm',
  vendor: 'cat /sys/class/dmi/id/sys_vendor',
  product: 'cat /sys/class/dmi/id/product_name',
  productVersion: 'cat /sys/class/dmi/id/product_version',
  firmware: 'cat /sys/class/dmi/id/bios_version',
  os: '. /etc/os-release && echo "$PRETTY_NAME"',
  kernel: 'uname -srm',
  uptime: 'uptime',
  processors: 'LC_ALL=C lscpu',
  memory: 'LC_ALL=C free -m',
  disks: 'LC_ALL=C lsblk -o NAME,TYPE,SIZE,MOUNTPOINT',
  fileSystems: 'LC_ALL=C df -hPT',
  interfaces: 'ip -brief address',
} as const;

/** A text that describes the virtual machine: hypervisor and version, virtual hardware (guide, chapter 3, The VM Folder). */
export const vm: Collector = {
  id: 'vm',
  expects: ['VM/virtual-machine.txt'],

  async collect({ server, hostOs, evidence, local, signal }) {
    const values: Record<string, string> = {};
    const missing: string[] = [];
    const { facts, isWhole } = await askAll(hostOs, signal);
    for (const [name, command] of Object.entries(vmCommands)) {
      const value = facts.get(name) ?? (isWhole ? undefined : await ask(hostOs, command, signal));
      if (value === undefined) missing.push(name);
      values[name] = value ?? `not known: "${command}" gave nothing`;
    }
    const given = givenHypervisor(server.appliance);
    values['hypervisor'] = given ?? 'not given: it cannot be seen from inside (hypervisor: in icepack.yaml)';
    noteVersions(evidence, given, values, missing);

    const text = local.render('virtual-machine.txt', { server: server.appliance.name, ...values });
    const { path, bytes, sha256 } = await evidence.keep('VM', 'virtual-machine.txt', bytesOf(text), { isText: true });
    const nothing = missing.length === Object.keys(vmCommands).length;
    const reason = missing.length > 0 ? `not found out: ${missing.join(', ')}` : undefined;
    evidence.record({
      path,
      status: nothing ? 'partial' : 'ok',
      ...defined({ reason }),
      bytes,
      sha256,
      command: Object.values(vmCommands).join('; '),
    });
  },
};

const commandLimitMs = 8000;
const commandLimitSeconds = 5;
const gaps = new Set([
  'command-cut',
  'command-killed',
  'request-refused',
  'session-refused',
  'session-stalled',
  'timed-out',
]);
const marker = 'icepack-fact';

/** Facts whose command may wait for a disk or a server that does not answer. */
const mayHang = new Set(['disks', 'fileSystems', 'interfaces', 'virtualization']);

/** All commands in one session, without a shell for each, so that a server in trouble has to start few processes. */
export const factsCommand = [
  `exec 2>/dev/null; T=$(command -v timeout >/dev/null && echo timeout ${commandLimitSeconds})`,
  ...Object.entries(vmCommands).map(([name, command]) => {
    const limited = mayHang.has(name) ? command.replace(/^(LC_ALL=C )?/, '$1$T ') : command;
    return `echo ${marker} ${name}; (${limited})`;
  }),
  `echo; echo ${marker} end`,
].join('; ');

/**
 * @returns the facts; `isWhole`: all commands were run, so a missing fact is not there; otherwise each missing one is
 * asked for alone
 */
async function askAll(
  hostOs: HostOsTools,
  signal: AbortSignal,
): Promise<{ facts: Map<string, string>; isWhole: boolean }> {
  const output = await orNothing(() => hostOs.facts(), signal);
  const facts = new Map<string, string>();
  const sections = output.split(new RegExp(`^${marker} `, 'm')).slice(1);
  for (const section of sections) {
    const end = section.indexOf('\n');
    const text = tidy(section.slice(end + 1));
    if (text !== undefined) facts.set(section.slice(0, end).trim(), text);
  }
  return { facts, isWhole: sections.at(-1)?.trim() === 'end' };
}

async function ask(hostOs: HostOsTools, command: string, signal: AbortSignal): Promise<string | undefined> {
  const asking = async () => (await hostOs.exec(command, { limitMs: commandLimitMs })).stdout;
  return tidy(await orNothing(asking, signal));
}

/** The output, or nothing. A fact that is missing is a gap in the text, not a failure; a face that is down is one. */
async function orNothing(asking: () => Promise<string>, signal: AbortSignal): Promise<string> {
  try {
    return await asking();
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof UserError && gaps.has(error.code)) return '';
    throw error;
  }
}

function tidy(output: string): string | undefined {
  const text = printable(output).replace(/^\n+/, '').trimEnd();
  if (text === '') return undefined;
  return text.includes('\n') ? text : text.trim(); // in a table the first line is indented for a reason
}

function noteVersions(
  evidence: EvidenceTools,
  given: string | undefined,
  values: Record<string, string>,
  missing: string[],
): void {
  const known = (name: string) => (missing.includes(name) ? undefined : values[name]);
  const inside = known('virtualization');
  const hypervisor = [given, inside && `(seen from inside: ${inside})`].filter(Boolean).join(' ');
  if (hypervisor !== '') evidence.version('hypervisor', hypervisor);
  for (const [component, name] of [
    ['host OS', 'os'],
    ['kernel', 'kernel'],
  ] as const) {
    const value = known(name);
    if (value !== undefined) evidence.version(component, value);
  }
}

/** e.g. `VMware ESXi 8.0.2`, from the configuration or a person */
function givenHypervisor(appliance: Appliance): string | undefined {
  const { type, version } = appliance.hypervisor ?? {};
  return type === undefined && version === undefined ? undefined : [type, version].filter(Boolean).join(' ');
}

async function* bytesOf(text: string): AsyncGenerator<Buffer> {
  yield Buffer.from(text);
}
