import { openStaging } from '../bundle/staging.js';
import { cliOutput } from '../collectors/cli-output.js';
import type { Collector, ServerWindow } from '../collectors/collector.js';
import { configBackup } from '../collectors/config-backup.js';
import { exportedLogs } from '../collectors/exported-logs.js';
import { extrasOf } from '../collectors/extras.js';
import { logs } from '../collectors/logs.js';
import { techsupport } from '../collectors/techsupport.js';
import { factsCommand, vm } from '../collectors/vm.js';
import { type Appliance, serverTitle } from '../domain/appliance.js';
import type { Item, ServerRecord } from '../domain/manifest.js';
import { completenessOf, isUnreachable } from '../domain/outcome.js';
import { formatDuration } from '../domain/quantities.js';
import { onClockOf, unknownClockMs } from '../domain/window.js';
import { reasonOf, type UserError } from '../errors.js';
import {
  askHostOs,
  type HostAnswer,
  jumpBetween,
  measureClock,
  type ServerClock,
  zoneContradiction,
} from '../servers/clock.js';
import { openServerFaces, type ServerFaces } from '../servers/server-faces.js';
import type { Workplace } from '../servers/workplace.js';
import type { Operator } from '../ui/operator.js';
import type { GatherPlan } from './gather-plan.js';
import { removeLeftovers } from './leftovers.js';
import { knownSecrets } from './redact.js';
import { runCollector } from './run-collector.js';

/** Every kind of evidence, in the order of the guide. */
const collectors: readonly Collector[] = [configBackup, techsupport, logs, cliOutput, vm];

/** What one server gave. `localFailure`: this machine failed, and going on makes no sense. */
export type Gathered = { server: ServerRecord; localFailure?: UserError };

/** The backup waits for techsupport, which shows the state after the incident, but not for ever. */
const backupWaitsMs = 5 * 60_000;
const loudClockMs = 60_000;

/** Takes all evidence of one server. Never throws: what fails is an item with a reason. */
export async function gatherServer(
  appliance: Appliance,
  plan: GatherPlan,
  { operator, access, fileRoots }: Pick<Workplace, 'operator' | 'access' | 'fileRoots'>,
  signal: AbortSignal,
): Promise<Gathered> {
  const faces = openServerFaces(appliance, operator, access, signal);
  const items: Item[] = [];
  const versions: Record<string, string> = {};
  const isAskedForFacts = !plan.skipped.has('vm');
  const answer = faces
    .sessions('hostOs')
    .then((sessions) => askHostOs(sessions, operator, signal, isAskedForFacts ? factsCommand : undefined));
  const clock = clockOf(appliance, faces, answer, operator, signal);
  const zone = clock.then((found) => zoneOf(appliance, found, plan.lastZone, operator));
  const window = async (): Promise<ServerWindow> => {
    const [found, { name }] = await Promise.all([clock, zone]);
    return {
      window: onClockOf(plan.window, found),
      eventAt: new Date(plan.at.getTime() + (found?.offsetMs ?? 0)),
      zone: name,
      isClockKnown: found !== undefined,
      now: () => new Date(operator.now().getTime() + (found?.offsetMs ?? 0)),
    };
  };
  const extras = extrasOf(plan.extras);
  const exported = exportedLogs(appliance.logs ?? { files: [] });
  let localFailure: UserError | undefined;
  const staging = openStaging(plan.stagingFolder);
  staging.catch(() => undefined); // whoever keeps something gets the error
  const secrets = plan.redact ? knownSecrets(appliance, access) : undefined;
  const stopWaiting = new AbortController();
  const work = async (collector: Collector) => {
    const done = await runCollector(collector, {
      appliance,
      plan,
      operator,
      fileRoots,
      faces,
      window,
      staging,
      versions,
      hostFacts: async () => (await answer).more,
      serverIsFree: () => stopWaiting.abort(),
      secrets,
      signal,
    });
    items.push(...done.items);
    localFailure ??= done.localFailure;
  };

  // Before anything new is made: what an earlier run left must not be taken for it.
  const cleared = plan.leftovers.length > 0 ? removeLeftovers(plan, faces, operator, signal) : undefined;
  const techsupportDone = cleared === undefined ? work(techsupport) : cleared.then(() => work(techsupport));
  techsupportDone.finally(() => stopWaiting.abort());
  const backupTurn = operator.sleep(backupWaitsMs, AbortSignal.any([signal, stopWaiting.signal]));
  let clockAtEnd: ClockAtEnd | undefined;
  try {
    await Promise.all([
      techsupportDone,
      work(logs),
      work(cliOutput),
      work(vm),
      work(extras),
      work(exported),
      backupTurn.then(() => work(configBackup)),
    ]);
    clockAtEnd = await measureAgain(await clock, appliance, faces, operator, signal);
  } finally {
    faces.close();
  }

  const measured = await clock;
  const server: ServerRecord = {
    name: appliance.name,
    id: appliance.id,
    address: appliance.address,
    ...(appliance.cluster === undefined ? {} : { cluster: appliance.cluster }),
    folder: '', // named with the event, when its number is known
    zone: await zone,
    faces: { cli: faces.record('cli'), hostOs: faces.record('hostOs') },
    clock:
      measured === undefined
        ? null
        : { offsetMs: measured.offsetMs, errorMs: measured.errorMs, zone: (await zone).name, ...clockAtEnd },
    versions,
    items: inGuideOrder(items, [...collectors, extras]),
  };
  operator.emit({
    type: 'server-ended',
    server: appliance.name,
    completeness: isUnreachable(server) ? 'unreachable' : completenessOf(server),
  });
  return localFailure === undefined ? { server } : { server, localFailure };
}

async function clockOf(
  appliance: Appliance,
  faces: ServerFaces,
  answer: Promise<HostAnswer>,
  operator: Operator,
  signal: AbortSignal,
): Promise<ServerClock | undefined> {
  try {
    const clock = await (await answer).clock;
    const { offsetMs, errorMs, zone } = clock;
    operator.emit({ type: 'clock-measured', server: appliance.name, offsetMs, errorMs, zone: zone ?? 'zone unknown' });
    const contradiction = zoneContradiction(clock, appliance.zone);
    if (contradiction !== undefined)
      operator.emit({
        type: 'warning',
        server: appliance.name,
        text: contradiction,
        hint: `Set the zone of the server, or: appliances.${appliance.name}.zone`,
      });
    if (Math.abs(offsetMs) > loudClockMs) {
      const text = `the clock of ${serverTitle(appliance.id)} is ${formatDuration(offsetMs)} ${offsetMs > 0 ? 'ahead' : 'behind'}; the window is shifted by it`;
      operator.emit({
        type: 'warning',
        server: appliance.name,
        text,
        hint: 'Set the time of the server, or of this machine, before the next incident',
      });
    }
    return clock;
  } catch (error) {
    if (!signal.aborted) {
      const why = faces.record('hostOs').status === 'up' ? `could not be read: ${reasonOf(error)}` : 'is not known';
      const text = `its clock ${why}; the log window is ${formatDuration(unknownClockMs)} wider on both sides`;
      operator.emit({ type: 'warning', server: appliance.name, text });
    }
    return undefined;
  }
}

type ClockAtEnd = Pick<NonNullable<ServerRecord['clock']>, 'atEnd' | 'jumpedMs'>;

/** Whether the clock was set while we were at it: then the window may have been taken by the wrong time. */
async function measureAgain(
  start: ServerClock | undefined,
  appliance: Appliance,
  faces: ServerFaces,
  operator: Operator,
  signal: AbortSignal,
): Promise<ClockAtEnd | undefined> {
  if (start === undefined || signal.aborted) return undefined;
  try {
    const sessions = await faces.sessions('hostOs');
    const { offsetMs, errorMs } = await measureClock(sessions, operator, signal);
    const jumpedMs = jumpBetween(start, { offsetMs, errorMs });
    if (jumpedMs !== undefined) {
      const text = `its clock was set ${formatDuration(jumpedMs)} ${jumpedMs > 0 ? 'forward' : 'back'} while evidence was collected`;
      const hint = `The window was taken by the clock before; the logs again: icepack collect ${appliance.name} --only logs`;
      operator.emit({ type: 'warning', server: appliance.name, text, hint });
    }
    return { atEnd: { offsetMs, errorMs }, ...(jumpedMs === undefined ? {} : { jumpedMs }) };
  } catch {
    return undefined; // it was measured once
  }
}

function zoneOf(
  appliance: Appliance,
  clock: ServerClock | undefined,
  lastZone: string | undefined,
  operator: Operator,
): ServerRecord['zone'] {
  if (appliance.zone !== undefined) return { name: appliance.zone, source: 'config' };
  if (clock?.zone !== undefined) return { name: clock.zone, source: 'host OS' };
  if (lastZone !== undefined) return { name: lastZone, source: 'last run' };
  operator.emit({
    type: 'warning',
    server: appliance.name,
    text: `the time zone of ${serverTitle(appliance.id)} is not known; yours is assumed (${operator.zone})`,
    hint: `Write it into the configuration: appliances.${appliance.name}.zone`,
  });
  return { name: operator.zone, source: 'assumed' };
}

/** The order of the guide, and within a kind that of what was expected: the same on every run. */
function inGuideOrder(items: readonly Item[], order: readonly Collector[]): Item[] {
  const kind = (item: Item) => order.findIndex((collector) => collector.id === item.collector);
  const place = (item: Item) => {
    const index = order[kind(item)]?.expects.findIndex((path) => item.path === path || item.path.startsWith(path)) ?? 0;
    return index < 0 ? Number.MAX_SAFE_INTEGER : index;
  };
  return [...items].sort((a, b) => kind(a) - kind(b) || place(a) - place(b) || (a.path < b.path ? -1 : 1));
}
