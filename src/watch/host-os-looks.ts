import type { FaceId } from '../domain/appliance.js';
import { shellWord } from '../domain/quoting.js';
import type { WatchCheck } from '../domain/watch-check.js';
import { reasonOf, UserError } from '../errors.js';
import { withDeadline } from '../servers/deadline.js';
import type { Connection } from '../ssh/connection.js';
import { exec } from '../ssh/exec.js';
import { commandAnswer, machineAnswer, troubleOf, unknown } from './answers.js';
import type { Look } from './core/observe.js';
import { localVolumesCommand, volumesIn } from './core/volumes.js';
import type { FaceLook } from './face-look.js';
import { fence, type Printed } from './fenced.js';
import type { Visit, VisitRequest } from './visit-request.js';
import { namedMounts, volumeLooks } from './volume-looks.js';

type Request = Pick<VisitRequest, 'checks' | 'wasBad' | 'restingMounts'>;
type Checks<K extends WatchCheck['kind']> = Extract<WatchCheck, { kind: K }>[];

const execLimitMs = 60_000;
const mountLimitMs = 25_000;
const mostMachines = 200;

/** What is seen on the host OS: all that is due in one command, but for what depends on its answer. */
export async function hostOsLooks(
  request: Request,
  faces: ReadonlyMap<FaceId, FaceLook>,
  signal: AbortSignal,
): Promise<Visit> {
  const checks = request.checks.filter(isOfHostOs);
  if (checks.length === 0) return { looks: [], hungMounts: [] };
  const face = faces.get('hostOs');
  if (face?.is !== 'up' || face.connection === undefined) {
    const answer = unknown(face === undefined ? 'not asked' : 'why' in face ? face.why : 'not asked');
    return { looks: checks.map(({ name }) => ({ check: name, answer })), hungMounts: [] };
  }
  return looksOver(face.connection, { ...request, checks }, signal);
}

function isOfHostOs(check: WatchCheck): boolean {
  return check.kind === 'volume' || check.kind === 'vm' || (check.kind === 'service' && check.face === 'hostOs');
}

async function looksOver(connection: Connection, request: Request, signal: AbortSignal): Promise<Visit> {
  const { checks } = request;
  const services = checks.filter((check) => check.kind === 'service' && check.face === 'hostOs') as ServiceCheck[];
  const machines = checks.filter((check) => check.kind === 'vm');
  const volumes = checks.filter((check) => check.kind === 'volume');
  const commands = [
    ...services.map(({ command }) => command),
    ...machines.map(({ command }) => command),
    ...(volumes.length > 0 ? [localVolumesCommand] : []),
  ];
  const printed = await printedBy(connection, commands, signal);
  if ('failure' in printed)
    return { looks: checks.map(({ name }) => ({ check: name, answer: unknown(printed.failure) })), hungMounts: [] };
  const serviceLooks = services.map((check, at) => ({
    check: check.name,
    answer: commandAnswer(printed.outputs[at], check),
  }));
  const machineLooks: Look[] = [];
  for (const [at, check] of machines.entries())
    machineLooks.push(...(await looksAtMachines(connection, check, printed.outputs[services.length + at], signal)));
  const seen = await looksAtVolumes(connection, volumes, printed.outputs.at(-1), request, signal);
  return { looks: [...serviceLooks, ...machineLooks, ...seen.looks], hungMounts: seen.hungMounts };
}

type ServiceCheck = Extract<WatchCheck, { kind: 'service'; face: 'hostOs' }>;
type Outputs = { outputs: (Printed | undefined)[] } | { failure: string };

async function printedBy(connection: Connection, commands: readonly string[], signal: AbortSignal): Promise<Outputs> {
  const { line, read } = fence(commands);
  try {
    const { stdout } = await withDeadline(execLimitMs, signal, (limited) => exec(connection, line, limited));
    return { outputs: commands.map((_, index) => read(stdout, index)) };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof UserError)) throw error;
    return { failure: reasonOf(error) };
  }
}

async function looksAtMachines(
  connection: Connection,
  check: Checks<'vm'>[number],
  listed: Printed | undefined,
  signal: AbortSignal,
): Promise<Look[]> {
  const whole = (answer: Look['answer']): Look[] => [{ check: check.name, answer }];
  const trouble = troubleOf(listed) ?? (listed?.code === 0 ? undefined : `exit status ${listed?.code}`);
  if (listed === undefined || trouble !== undefined) return whole(unknown(`they cannot be listed: ${trouble}`));
  const names = [...new Set(listed.text.split('\n').map((name) => name.trim()))].filter((name) => name !== '');
  if (names.length > mostMachines) return whole(unknown(`more than ${mostMachines} are listed`));
  if (names.some((name) => /[\x00-\x1f\x7f]|^-/.test(name))) return whole(unknown('one has an unusable name'));
  const commands = names.map((name) => check.each.replaceAll('{name}', () => shellWord(name)));
  const printed = names.length === 0 ? { outputs: [] } : await printedBy(connection, commands, signal);
  if ('failure' in printed) return whole(unknown(printed.failure));
  return [
    { check: check.name, answer: { is: 'ok', text: `${names.length} listed` } },
    ...names.map((instance, at) => ({
      check: check.name,
      instance,
      answer: machineAnswer(printed.outputs[at], check),
    })),
  ];
}

async function looksAtVolumes(
  connection: Connection,
  checks: Checks<'volume'>,
  local: Printed | undefined,
  { wasBad, restingMounts }: Request,
  signal: AbortSignal,
): Promise<Visit> {
  const named = new Map<string, Printed | undefined>();
  const hungMounts: string[] = [];
  const here = volumesIn(local?.text ?? '');
  for (const mount of namedMounts(checks)) {
    if (here.has(mount) || restingMounts.has(mount) || troubleOf(local) !== undefined) continue;
    const printed = await askMount(connection, mount, signal);
    if (printed === 'hung') hungMounts.push(mount);
    else named.set(mount, printed);
  }
  const looks = checks.flatMap((check) =>
    volumeLooks(check, { local, named }, (instance) => wasBad(check.name, instance)),
  );
  return { looks, hungMounts };
}

/** Asks of one mount point in a command of its own: where its server is gone, `df` waits for it, and nothing ends that. */
async function askMount(connection: Connection, mount: string, signal: AbortSignal): Promise<Printed | 'hung'> {
  try {
    const command = `LC_ALL=C df -P -k ${shellWord(mount)} 2>&1`;
    const { stdout, code } = await withDeadline(mountLimitMs, signal, (limited) => exec(connection, command, limited));
    return { text: stdout, code };
  } catch {
    signal.throwIfAborted();
    return 'hung';
  }
}
