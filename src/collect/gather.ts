import type { HandOver } from '../capture/meet-captures.js';
import { cliOutput } from '../collectors/cli-output.js';
import type { Collector } from '../collectors/collector.js';
import { configBackup } from '../collectors/config-backup.js';
import { exportedLogs } from '../collectors/exported-logs.js';
import { extrasOf } from '../collectors/extras.js';
import { logs } from '../collectors/logs.js';
import { techsupport } from '../collectors/techsupport.js';
import { vm } from '../collectors/vm.js';
import { assessServer } from '../domain/assessment.js';
import { defined } from '../domain/defined.js';
import type { Item, ServerRecord } from '../domain/manifest.js';
import type { UserError } from '../errors.js';
import { removeLeftovers } from '../servers/job/leftovers.js';
import { progressLoss, runCollector } from '../servers/job/run-collector.js';
import { type ClockAtEnd, measureAgain } from '../servers/job/server-clock.js';
import type { ServerJob } from '../servers/job/server-job.js';
import { settledZone } from '../servers/job/server-zone.js';
import type { ServerFaces } from '../servers/server-faces.js';
import { handedOver } from './handed-over.js';
import { type CapturesToTake, takeCaptures } from './take-captures.js';

/** Every kind of evidence, in the order of the guide. */
const collectors: readonly Collector[] = [configBackup, techsupport, logs, cliOutput, vm];

/** What one server gave. `localFailure`: this machine failed, and going on makes no sense. */
export type Gathered = { server: ServerRecord; localFailure?: UserError };

/** The backup waits for techsupport, which shows the state after the incident, but not for ever. */
const backupWaitsMs = 5 * 60_000;

/** Takes all evidence of one server. Never throws: what fails is an item with a reason. */
export async function gatherServer(
  job: ServerJob,
  toTake: CapturesToTake,
  handOver: HandOver | undefined,
): Promise<Gathered> {
  const { appliance, operator, faces, signal } = job;
  const extras = extrasOf(job.request.selection);
  const items: Item[] = [];
  let localFailure: UserError | undefined;
  const work = async (collector: Collector) => {
    const done = await runCollector(collector, job);
    items.push(...done.items);
    localFailure ??= done.localFailure;
  };
  const workAtTechsupport = async () => {
    const isAsked = !job.request.selection.skipped.has('techsupport');
    const theirs = handOver === undefined || !isAsked ? undefined : await handedOver(handOver, job);
    if (theirs === undefined) await work(techsupport);
    else items.push(...theirs);
  };
  // Before anything new is made: what an earlier run left must not be taken for it.
  const { leftovers } = job.records;
  const cleared = leftovers.length > 0 ? removeLeftovers(job.records, faces, operator, signal) : undefined;
  const techsupportDone = cleared === undefined ? workAtTechsupport() : cleared.then(workAtTechsupport);
  techsupportDone.finally(() => job.serverIsFree());
  const backupTurn = job.untilFree(backupWaitsMs);
  let clockAtEnd: ClockAtEnd | undefined;
  try {
    await Promise.all([
      techsupportDone,
      work(logs),
      work(cliOutput),
      work(vm),
      work(extras),
      work(exportedLogs(appliance.logs ?? { files: [] })),
      backupTurn.then(() => work(configBackup)),
    ]);
    clockAtEnd = await measureAgain(await job.clock, appliance, faces, operator, signal);
  } finally {
    faces.close();
  }
  const captured = await takeCaptures(job, items, toTake);
  const all = [...inGuideOrder(items, [...collectors, extras]), ...captured];
  const server = await recordOf(job, all, clockAtEnd);
  const { verdict, losses } = assessServer(server);
  operator.emit({
    type: 'server-ended',
    server: appliance.name,
    completeness: verdict,
    losses: losses.map(progressLoss),
  });
  return localFailure === undefined ? { server } : { server, localFailure };
}

async function recordOf(job: ServerJob, items: Item[], clockAtEnd: ClockAtEnd | undefined): Promise<ServerRecord> {
  const { appliance, faces, versions, operator } = job;
  const [clock, taken] = await Promise.all([job.clock, job.zone]);
  const zone = settledZone(taken, [...job.zonesOfLogs], appliance, operator);
  return {
    name: appliance.name,
    id: appliance.id,
    address: appliance.address,
    ...defined({ cluster: appliance.cluster }),
    folder: '', // named with the event, when its number is known
    zone,
    faces: { cli: faces.record('cli'), hostOs: faces.record('hostOs') },
    clock:
      clock === undefined ? null : { offsetMs: clock.offsetMs, errorMs: clock.errorMs, zone: zone.name, ...clockAtEnd },
    ...defined({ boot: clock?.boot?.toISOString() }),
    icepackSessions: sessionsOf(faces, clock?.from, operator.now()),
    versions,
    items,
  };
}

function sessionsOf(faces: ServerFaces, from: string | undefined, until: Date): ServerRecord['icepackSessions'] {
  return faces.logins().map(({ user, since }) => ({
    user,
    ...defined({ from }),
    since: since.toISOString(),
    until: until.toISOString(),
  }));
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
