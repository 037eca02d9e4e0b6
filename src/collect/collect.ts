import pLimit from 'p-limit';
import { prepareZip } from '../bundle/zip.js';
import { type Appliance, serverTitle } from '../domain/appliance.js';
import { collectorIds } from '../domain/collector-id.js';
import type { Manifest, ServerRecord } from '../domain/manifest.js';
import { isUnreachable } from '../domain/outcome.js';
import { formatDuration } from '../domain/quantities.js';
import type { RunResult } from '../domain/result.js';
import { windowAround } from '../domain/window.js';
import { UserError } from '../errors.js';
import type { DeskSettings } from '../helpdesk/desk-settings.js';
import { awaitServers, lockServers } from '../runs/locks.js';
import { pastRuns } from '../runs/past-runs.js';
import type { Access } from '../servers/access.js';
import { watchLocalClock } from '../servers/clock.js';
import { askUnknownHostKeys } from '../servers/host-keys.js';
import { endpointsOf } from '../servers/server-faces.js';
import { logInWhereTyped, type TypedLogins } from '../servers/typed-passwords.js';
import type { Workplace } from '../servers/workplace.js';
import type { Run, RunStore } from '../state/runs.js';
import { checkDesk } from '../tickets/check-desk.js';
import { endedEarly, interruption, nothingReached } from '../tickets/ended-early.js';
import { submitRun } from '../tickets/submit.js';
import type { Operator } from '../ui/operator.js';
import { startedEntry } from './begin-again.js';
import type { CollectRequest } from './collect-request.js';
import { completeFromEarlier } from './earlier-run.js';
import { type Gathered, gatherServer } from './gather.js';
import { manifestOf, referenceOf } from './incident-manifest.js';
import { leftoversOf, tracesIn } from './leftovers.js';
import { ServerJob } from './server-job.js';
import { serversToAskAgain, waitForEnd, withLaterLogs } from './wait-for-window.js';

const zipIsLoadedAfterMs = 1000;

/** The main job: evidence from all servers at once, one manifest, then the ticket. */
export async function collect(
  request: CollectRequest,
  settings: DeskSettings,
  workplace: Workplace,
  signal: AbortSignal,
): Promise<RunResult> {
  const { operator, access, runs } = workplace;
  const unlock = await lockServers(request.appliances, runs);
  let logins: TypedLogins | undefined;
  const leaveServers = () => {
    logins?.close();
    unlock();
  };
  try {
    await resolveSecrets(request.appliances, access);
    await askUnknownHostKeys(request.appliances, operator, access, signal);
    logins = await logInWhereTyped(request.appliances, operator, access, signal);
    const loggedIn = { ...access, dialer: logins.dialer };
    return await collectLocked(request, settings, { ...workplace, access: loggedIn }, signal, leaveServers);
  } finally {
    leaveServers();
  }
}

/** @param leaveServers lets other runs at them; called when they are no longer needed */
async function collectLocked(
  request: CollectRequest,
  settings: DeskSettings,
  { operator, access, runs, fileRoots, program }: Workplace,
  signal: AbortSignal,
  leaveServers: () => void,
): Promise<RunResult> {
  const run = await runs.create(request.label, operator.now(), operator.zone);
  const reference = referenceOf(request, run, settings);
  await run.journal.write(startedEntry(request, reference, program));
  const deskAnswers = checkDesk(request.submit.noSubmit ? undefined : settings.desk, operator, signal);
  const clockMoved = watchLocalClock(operator.now);
  setTimeout(() => void prepareZip().catch(() => undefined), zipIsLoadedAfterMs).unref(); // while servers are waited for

  const gathered = await gatherAll(request, run, { operator, access, runs, fileRoots }, signal);
  leaveServers();
  let servers = gathered.map(({ server }) => server);
  const describe = () => ({
    ...manifestOf(request, run, reference, servers, operator, program),
    ...localJump(clockMoved, operator),
  });
  const localFailure = gathered.find((each) => each.localFailure !== undefined)?.localFailure;
  const unfinished =
    request.wait && localFailure === undefined ? serversToAskAgain(servers, isWindowOver(request, operator)) : [];
  if (unfinished.length > 0) {
    await writeDown(run, describe()); // whatever ends the waiting: this can be submitted
    await waitForEnd(windowAround(request.at, request.selection.window), operator, signal);
    if (!signal.aborted)
      servers = await withLaterLogs(
        servers,
        await logsAgain(unfinished, request, run, { operator, access, runs, fileRoots }, signal),
        run,
      );
  }
  const manifest = await completeFromEarlier(
    run,
    describe(),
    { ...request.intent, skipped: request.selection.skipped, continues: request.continues },
    operator,
    runs,
  );
  const unwritten = await writeDown(run, manifest);
  if (unwritten === undefined) await request.continues?.journal.write({ type: 'continued', by: run.id });
  const account = await deskAnswers;
  const ended = { run, manifest, settings, operator };
  if (unwritten !== undefined) return endedEarly(ended, unwritten);
  if (signal.aborted) return endedEarly(ended, interruption(signal));
  if (localFailure !== undefined) return endedEarly(ended, localFailure);
  if (manifest.servers.every(isUnreachable) && !(await submitNothing(request, operator))) {
    return nothingReached(ended);
  }
  const { intent, submit } = request;
  return submitRun({ run, manifest, intent, options: submit, settings, account, operator, runs, signal });
}

function isWindowOver({ at, selection }: CollectRequest, operator: Operator): boolean {
  return windowAround(at, selection.window).until <= operator.now();
}

/** @returns what kept this machine from writing the manifest; what was collected is told all the same */
async function writeDown(run: Run, manifest: Manifest): Promise<UserError | undefined> {
  try {
    await run.writeManifest(manifest);
    await run.journal.write({ type: 'collected' });
    return undefined;
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
}

/**
 * Reads all secrets before anything happens, so that a missing one is asked for first; one at a time, as each may be a
 * question.
 */
async function resolveSecrets(appliances: readonly Appliance[], access: Access): Promise<void> {
  for (const endpoint of endpointsOf(appliances)) await access.loginSecrets(endpoint);
}

/** Collects only the logs of some servers again, when the window is over. */
async function logsAgain(
  names: readonly string[],
  request: CollectRequest,
  run: Run,
  { operator, access, runs, fileRoots }: Pick<Workplace, 'operator' | 'access' | 'runs' | 'fileRoots'>,
  signal: AbortSignal,
): Promise<ServerRecord[]> {
  const skipped = new Map(collectorIds.filter((id) => id !== 'logs').map((id) => [id, 'collected before']));
  const appliances = request.appliances.filter(({ name }) => names.includes(name));
  const unlock = await awaitServers(appliances, run.id, operator, runs, signal);
  try {
    const gathered = await gatherAll(
      { ...request, appliances, selection: { ...request.selection, skipped } },
      run,
      { operator, access, runs, fileRoots },
      signal,
      run.laterStagingOf,
    );
    return gathered.map(({ server }) => server);
  } finally {
    unlock();
  }
}

function localJump(moved: () => number | undefined, operator: Operator): Pick<Manifest, 'localClockJumpedMs'> {
  const jumpedMs = moved();
  if (jumpedMs === undefined) return {};
  const text = `the clock of this machine was set ${formatDuration(jumpedMs)} ${jumpedMs > 0 ? 'forward' : 'back'} during the run`;
  operator.emit({
    type: 'warning',
    text,
    hint: 'Times in the manifest may be off by that; the logs are cut by the clocks of the servers',
  });
  return { localClockJumpedMs: jumpedMs };
}

async function gatherAll(
  request: CollectRequest,
  run: Run,
  { operator, access, runs, fileRoots }: Pick<Workplace, 'operator' | 'access' | 'runs' | 'fileRoots'>,
  signal: AbortSignal,
  stagingOf = run.stagingOf,
): Promise<Gathered[]> {
  const { appliances } = request;
  const leftovers = await leftoversOf(appliances, run.id, runs);
  const traces = tracesIn(run.journal);
  const lastZones = await zonesOfLastRuns(appliances, run.id, runs);
  operator.emit({
    type: 'run-started',
    run: run.id,
    servers: appliances.map(({ name, id }) => ({ name, title: serverTitle(id) })),
    text: `collecting from ${appliances.map(({ name }) => name).join(', ')}`,
  });
  const limit = pLimit(request.jobs);
  const jobAt = (appliance: Appliance) => {
    const records = {
      stagingFolder: stagingOf(appliance.name),
      traces,
      leftovers: leftovers.filter((leftover) => leftover.server === appliance.name),
      lastZone: lastZones.get(appliance.name),
    };
    return new ServerJob(appliance, { request, run, records }, { operator, access, fileRoots }, signal);
  };
  return Promise.all(appliances.map((appliance) => limit(() => gatherServer(jobAt(appliance)))));
}

async function zonesOfLastRuns(
  appliances: readonly Appliance[],
  thisRun: string,
  runs: RunStore,
): Promise<Map<string, string>> {
  const zones = new Map<string, string>();
  const wanted = new Set(
    appliances.filter((appliance) => appliance.zone === undefined).map((appliance) => appliance.name),
  );
  for await (const { manifest } of pastRuns(runs, thisRun)) {
    if (wanted.size === zones.size) break;
    for (const { name, zone } of manifest.servers) {
      if (wanted.has(name) && !zones.has(name) && zone.source !== 'assumed') zones.set(name, zone.name);
    }
  }
  return zones;
}

async function submitNothing({ submitAnyway, submit }: CollectRequest, operator: Operator): Promise<boolean> {
  if (submit.noSubmit || submitAnyway) return submitAnyway && !submit.noSubmit;
  if (operator.ask === undefined) return false;
  return operator.ask.confirm('No server could be reached. Open the ticket anyway, with what was found out?', true);
}
