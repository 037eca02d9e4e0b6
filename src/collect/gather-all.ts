import pLimit from 'p-limit';
import { awaitFromCaptures } from '../capture/meet-captures.js';
import { type Appliance, serverTitle } from '../domain/appliance.js';
import { collectorIds } from '../domain/collector-id.js';
import type { ServerRecord } from '../domain/manifest.js';
import { pastRuns } from '../runs/past-runs.js';
import { leftByCaptures, leftoversOf, tracesIn } from '../servers/job/leftovers.js';
import { ServerJob } from '../servers/job/server-job.js';
import { isOwnZone } from '../servers/job/server-zone.js';
import type { Workplace } from '../servers/workplace.js';
import type { Run, RunStore } from '../state/runs.js';
import type { CollectRequest } from './collect-request.js';
import { type Gathered, gatherServer } from './gather.js';

type Tools = Pick<Workplace, 'operator' | 'access' | 'runs' | 'fileRoots' | 'captures'>;

/** Takes the evidence of all servers of a request, so many at the same time. */
export async function gatherAll(
  request: CollectRequest,
  run: Run,
  { operator, access, runs, fileRoots, captures }: Tools,
  signal: AbortSignal,
  stagingOf = run.stagingOf,
): Promise<Gathered[]> {
  const { appliances } = request;
  const leftovers = [...(await leftoversOf(appliances, run.id, runs)), ...(await leftByCaptures(appliances, captures))];
  const traces = tracesIn(run.journal);
  const lastZones = await zonesOfLastRuns(appliances, run.id, runs);
  operator.emit({
    type: 'run-started',
    run: run.id,
    servers: appliances.map(({ name, id }) => ({ name, title: serverTitle(id) })),
    text: `collecting from ${appliances.map(({ name }) => name).join(', ')}`,
  });
  const limit = pLimit(request.jobs);
  const jobs: ServerJob[] = [];
  const jobAt = (appliance: Appliance) => {
    const records = {
      stagingFolder: stagingOf(appliance.name),
      traces,
      leftovers: leftovers.filter((leftover) => leftover.server === appliance.name),
      lastZone: lastZones.get(appliance.name),
      others: () => jobs.filter((job) => job.appliance !== appliance),
    };
    const job = new ServerJob(appliance, { request, run, records }, { operator, access, fileRoots }, signal);
    jobs.push(job);
    return job;
  };
  const toTake = { store: captures, wish: request.captures, collectedFrom: operator.now() };
  return Promise.all(
    appliances.map((appliance) =>
      limit(() => gatherServer(jobAt(appliance), toTake, request.handOvers?.get(appliance.name))),
    ),
  );
}

/** Another configuration may have another server of that name. */
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
    for (const { name, address, faces, zone } of manifest.servers) {
      const isSame = (each: Appliance) =>
        each.name === name &&
        each.address === address &&
        (each.hostOs.port === faces.hostOs.port || each.cli.port === faces.cli.port);
      if (wanted.has(name) && !zones.has(name) && isOwnZone(zone) && appliances.some(isSame))
        zones.set(name, zone.name);
    }
  }
  return zones;
}

/** Collects only the logs of some servers again, when the window is over. */
export async function logsAgain(
  names: readonly string[],
  request: CollectRequest,
  run: Run,
  { operator, access, runs, fileRoots, captures }: Tools,
  signal: AbortSignal,
): Promise<ServerRecord[]> {
  const skipped = new Map(collectorIds.filter((id) => id !== 'logs').map((id) => [id, 'collected before']));
  const appliances = request.appliances.filter(({ name }) => names.includes(name));
  const { free, handOvers } = await awaitFromCaptures(appliances, run.id, { operator, runs, captures }, signal);
  try {
    const gathered = await gatherAll(
      { ...request, appliances, handOvers, selection: { ...request.selection, skipped } },
      run,
      { operator, access, runs, fileRoots, captures },
      signal,
      run.laterStagingOf,
    );
    return gathered.map(({ server }) => server);
  } finally {
    free();
  }
}
