import { cliOutput } from '../collectors/cli-output.js';
import type { Collector } from '../collectors/collector.js';
import { techsupport } from '../collectors/techsupport.js';
import { vm } from '../collectors/vm.js';
import type { Appliance } from '../domain/appliance.js';
import type { CapturePolicy, CaptureRecord } from '../domain/capture.js';
import { collectorIds } from '../domain/collector-id.js';
import type { Item } from '../domain/manifest.js';
import type { Selection } from '../domain/selection.js';
import { type ExitCode, exitCode, type UserError } from '../errors.js';
import { leftByCaptures, removeLeftovers, type Traces, tracesIn } from '../servers/job/leftovers.js';
import { runCollector } from '../servers/job/run-collector.js';
import { ServerJob } from '../servers/job/server-job.js';
import type { Workplace } from '../servers/workplace.js';
import type { Unfinished } from '../state/captures.js';
import type { GivingWay } from './give-way.js';
import { whyNotNow } from './look-first.js';
import type { CaptureOutcome } from './outcome.js';

/** What is to be captured, and how. */
export type CaptureRequest = {
  policy: CapturePolicy;
  cliCommands: readonly string[];
  redact: boolean;
};

/** Seconds first, so that they are there whatever becomes of techsupport. */
const inOrder: readonly Collector[] = [vm, cliOutput, techsupport];

type Tools = Pick<Workplace, 'operator' | 'access' | 'fileRoots' | 'captures' | 'program'>;

/** Captures one server into the folder of a capture that was begun, and gives it its name where it is whole. */
export async function captureServer(
  appliance: Appliance,
  request: CaptureRequest,
  unfinished: Unfinished,
  way: GivingWay,
  tools: Tools,
  signal: AbortSignal,
): Promise<CaptureOutcome> {
  const { operator, access, fileRoots, captures, program } = tools;
  const started = operator.now();
  const limited = AbortSignal.any([signal, way.signal]);
  const traces = whileTechsupport(tracesIn(unfinished.journal), way);
  const leftovers = await leftByCaptures([appliance], captures);
  const records = { stagingFolder: unfinished.folder, traces, leftovers, lastZone: undefined, others: () => [] };
  const wanted = {
    at: started,
    selection: selectionOf(request),
    keepRemote: false,
    redact: request.redact,
  };
  const run = { id: unfinished.id };
  const job = new ServerJob(appliance, { request: wanted, run, records }, { operator, access, fileRoots }, limited);
  try {
    const why = await whyNotNow(appliance, job.faces, request.policy.skip, limited);
    if (why !== undefined) return { kind: 'skipped', reason: why };
    if (leftovers.length > 0) await removeLeftovers(job.records, job.faces, operator, limited);
    const taken = await takeAll(job, way);
    if (way.hasGivenWay) return yielded;
    signal.throwIfAborted();
    const failure = failureOf(taken, request, job);
    if (failure !== undefined) return failure;
    const record = await recordOf(job, taken.items, { started, id: unfinished.id }, program);
    await unfinished.commit(record);
    const bytes = taken.items.reduce((sum, item) => sum + (item.bytes ?? 0), 0);
    const lacks = taken.items.flatMap(({ status, path, reason }) =>
      status === 'partial' || status === 'failed' ? [`${path}: ${reason}`] : [],
    );
    return { kind: 'captured', id: unfinished.id, bytes, lacks };
  } catch (error) {
    if (way.hasGivenWay && !signal.aborted) return yielded;
    throw error;
  } finally {
    job.faces.close();
  }
}

const yielded: CaptureOutcome = { kind: 'rested', why: 'a run wanted the server' };

/** Before techsupport makes its file, it is noted that it runs: from then on it is finished. */
function whileTechsupport(traces: Traces, way: GivingWay): Traces {
  return {
    ...traces,
    async noteRemoteFile(server, trace) {
      way.noteTechsupport();
      await traces.noteRemoteFile(server, trace);
    },
  };
}

function selectionOf({ policy, cliCommands }: CaptureRequest): Selection {
  const left = collectorIds.filter((id) => !policy.items.some((item) => item === id));
  return {
    cliCommands: [...cliCommands],
    hostCommands: [],
    paths: [],
    window: { beforeMs: 0, afterMs: 0 },
    skipped: new Map(left.map((id) => [id, 'captures.items'])),
    timeouts: { collectorMs: {} },
  };
}

type Taken = { items: Item[]; localFailure: UserError | undefined };

async function takeAll(job: ServerJob, way: GivingWay): Promise<Taken> {
  const taken: Taken = { items: [], localFailure: undefined };
  for (const collector of inOrder) {
    if (way.hasGivenWay || taken.localFailure !== undefined) break;
    const { items, localFailure } = await runCollector(collector, job);
    taken.items.push(...items.filter(({ status }) => status !== 'skipped'));
    taken.localFailure = localFailure;
  }
  return taken;
}

/** A capture without techsupport, where that is wanted, is none. */
function failureOf(
  { items, localFailure }: Taken,
  { policy }: CaptureRequest,
  job: ServerJob,
): CaptureOutcome | undefined {
  const failed = (exit: ExitCode, reason: string, hint: UserError['hint'] = undefined): CaptureOutcome => ({
    kind: 'failed',
    ...{ exit, reason, hint },
  });
  if (localFailure !== undefined) return failed(localFailure.exit, localFailure.message, localFailure.hint);
  const faces = [job.faces.record('cli'), job.faces.record('hostOs')];
  const down = faces.flatMap(({ status, reason }) => (status === 'down' && reason !== undefined ? [reason] : []));
  const isUp = faces.some(({ status }) => status === 'up');
  if (!isUp) return failed(exitCode.unreachable, down.join('; '));
  const missing = items.find(({ collector, status }) => collector === 'techsupport' && status !== 'ok');
  if (missing !== undefined) return failed(exitCode.incomplete, `no techsupport: ${missing.reason}`);
  const isEmpty = !items.some(({ sha256 }) => sha256 !== undefined);
  return isEmpty && policy.items.length > 0 ? failed(exitCode.incomplete, 'nothing came') : undefined;
}

async function recordOf(
  { appliance, clock, zone, versions, request }: ServerJob,
  items: Item[],
  { started, id }: { started: Date; id: string },
  { name, version }: Workplace['program'],
): Promise<CaptureRecord> {
  const measured = await clock;
  const ports = { cli: appliance.cli.port, hostOs: appliance.hostOs.port };
  return {
    schema: 1,
    id,
    tool: { name, version },
    server: { name: appliance.name, id: appliance.id, address: appliance.address, ports },
    started: started.toISOString(),
    ended: new Date(items.reduce((last, { ended }) => Math.max(last, Date.parse(ended ?? '')), +started)).toISOString(),
    zone: (await zone).name,
    clock: measured === undefined ? null : { offsetMs: measured.offsetMs, errorMs: measured.errorMs },
    versions,
    items,
    ...(request.redact ? {} : { unredacted: true as const }),
  };
}
