import pLimit from 'p-limit';
import { defined } from '../domain/defined.js';
import { latest } from '../domain/journal.js';
import type { Manifest } from '../domain/manifest.js';
import { type NextStep, nextSteps } from '../domain/next-step.js';
import { createdTicket, missingKinds, owesEvidence, owesTicket, type RunState, stateOf } from '../domain/owed.js';
import { formatSize } from '../domain/quantities.js';
import { reasonOf } from '../errors.js';
import type { Run, RunStore } from '../state/runs.js';
import type { Operator } from '../ui/operator.js';
import { meantOf } from './stored-run.js';
import { type Edition, supersededBy } from './superseded.js';

/** A run as `icepack runs` shows it. */
export type ListedRun = {
  id: string;
  /** When it began, in UTC. */
  started: string;
  state: RunState | 'going on' | 'damaged';
  servers: string[];
  /** The cluster, where all of its servers and no others were collected from. */
  cluster: string | undefined;
  /** When the incident was. */
  event: string | undefined;
  /** The incident in one line. */
  summary: string | undefined;
  ticket: string | undefined;
  bytes: number;
  /** What did not come, and can be asked for again: `ice01 logs, techsupport`. */
  missing: string[];
  /** Whether `resume` has something to do. */
  owes: boolean;
  /** The later run of the same event that has all that this one lacks. */
  supersededBy: string | undefined;
  /** What can be done about it; the first is what is recommended. */
  steps: NextStep[];
};

/** A run, and what it was read from; nothing where it is damaged. */
export type FoundRun = { listed: ListedRun; run: Run | undefined; manifest: Manifest | undefined };

const readAtOnce = 16;

/**
 * All runs on this machine, newest first.
 * @param limit of an attachment at the help desk; undefined where none is configured
 */
export async function findRuns(operator: Operator, runs: RunStore, limit?: number): Promise<FoundRun[]> {
  const atOnce = pLimit(readAtOnce);
  const found = await Promise.all((await runs.ids()).map((id) => atOnce(() => foundRun(id, operator, runs, limit))));
  const editions = found.flatMap(({ run, manifest }): Edition[] =>
    run === undefined ? [] : [{ id: run.id, journal: run.journal, manifest }],
  );
  const settled = found.map((each) => withoutSuperseded(each, editions));
  return settled.sort((a, b) => (a.listed.started < b.listed.started ? 1 : -1));
}

export async function listRuns(operator: Operator, runs: RunStore): Promise<ListedRun[]> {
  return (await findRuns(operator, runs)).map(({ listed }) => listed);
}

/** What a later edition has is not owed any more. */
function withoutSuperseded(found: FoundRun, editions: readonly Edition[]): FoundRun {
  const { listed, run, manifest } = found;
  if (run === undefined || listed.steps.length === 0) return found;
  const by = supersededBy({ id: run.id, journal: run.journal, manifest }, editions);
  return by === undefined
    ? found
    : { ...found, listed: { ...listed, owes: false, missing: [], steps: [], supersededBy: by } };
}

async function foundRun(id: string, operator: Operator, runs: RunStore, limit: number | undefined): Promise<FoundRun> {
  const bytes = await runs.sizeOf(id).catch(() => 0); // it goes away at this moment
  const unknown: ListedRun = {
    ...{
      id,
      started: dayOf(id).toISOString(),
      state: 'damaged',
      servers: [],
      cluster: undefined,
      bytes,
      missing: [],
      owes: false,
    },
    ...{ event: undefined, summary: undefined, ticket: undefined, supersededBy: undefined, steps: [] },
  };
  try {
    const run = await runs.find(id);
    if (run === undefined) return { listed: unknown, run, manifest: undefined };
    const manifest = await run.readManifest().catch(() => undefined); // cut before it was written
    const isGoingOn = await runs.isGoingOn(id);
    const known = { ...unknown, ...factsOf(run, manifest), ...standingOf(run, manifest, operator.now(), limit) };
    return {
      listed: isGoingOn ? { ...known, state: 'going on', owes: false, steps: [] } : known,
      ...{ run, manifest },
    };
  } catch {
    return { listed: unknown, run: undefined, manifest: undefined }; // a damaged journal is shown as that
  }
}

function factsOf(run: Run, manifest: Manifest | undefined) {
  const started = latest(run.journal, 'started');
  return {
    ...defined({ started: started?.at }),
    servers: manifest?.servers.map(({ name }) => name) ?? started?.servers ?? [],
    cluster: manifest && clusterOf(manifest, started?.label),
    event: manifest?.event.at ?? started?.event,
    summary: meantOf(run).summary,
    ticket: latest(run.journal, 'registered')?.key ?? createdTicket(run.journal)?.key ?? meantOf(run).ticket,
  };
}

/** @param label what was named: a cluster, or all servers, are taken whole */
function clusterOf({ servers }: Manifest, label: string | undefined): string | undefined {
  const [cluster, ...others] = new Set(servers.map((server) => server.cluster));
  return others.length === 0 && (label === cluster || label === 'all') ? cluster : undefined;
}

function standingOf({ id, journal }: Run, manifest: Manifest | undefined, now: Date, limit: number | undefined) {
  const state = stateOf(journal);
  const owesMore = ['all', 'missing', 'too early'].includes(owesEvidence(journal, manifest, now));
  return {
    state,
    missing: manifest === undefined || state === 'continued' ? [] : missingOf(manifest),
    owes: owesTicket(state) || owesMore,
    steps: nextSteps({ run: id, journal, manifest, now, limit }),
  };
}

function missingOf(manifest: Manifest): string[] {
  return missingKinds(manifest).map(({ server, kinds }) => `${server} ${kinds.join(', ')}`);
}

const dayMs = 86_400_000;
const done: readonly ListedRun['state'][] = ['attached', 'uploaded', 'by hand', 'collected', 'continued'];
/** A run folder that is larger holds more than the note of the process that made it. */
const somethingBytes = 1000;

/**
 * Deletes old runs, by age and then by what all take together, oldest first. Never one that still owes its ticket, was cut
 * or goes on, and never the newest. What cannot be deleted stays, and is told.
 */
export async function pruneRuns(
  keep: { age: number; size: number },
  operator: Operator,
  runs: RunStore,
): Promise<void> {
  const [newest, ...older] = await listRuns(operator, runs);
  let total = (newest?.bytes ?? 0) + older.reduce((sum, { bytes }) => sum + bytes, 0);
  const gone: string[] = [];
  for (const run of older.reverse()) {
    const isOld = operator.now().getTime() - Date.parse(run.started) > Math.max(keep.age, dayMs);
    if (!(isOld || total > keep.size)) continue;
    const isEmpty = run.state === 'not begun' && run.bytes < somethingBytes;
    if (!done.includes(run.state) && !isEmpty && run.supersededBy === undefined) continue;
    try {
      await runs.remove(run.id);
      total -= run.bytes;
      gone.push(run.id);
    } catch (error) {
      operator.emit({ type: 'warning', text: `the old run ${run.id} cannot be deleted: ${reasonOf(error)}` });
    }
  }
  if (gone.length > 0) {
    const why = `older than keep.age, or beyond keep.size (${formatSize(keep.size)}) together`;
    operator.emit({
      type: 'note',
      text: `deleted ${gone.length} old ${gone.length === 1 ? 'run' : 'runs'}, ${why}: ${gone.join(', ')}`,
    });
  }
}

/** The end of the day that the id of a run names. */
function dayOf(id: string): Date {
  const [, year, month, day] = /^(\d{4})(\d{2})(\d{2})-/.exec(id) ?? [];
  return new Date(Date.UTC(Number(year), Number(month) - 1, Number(day) + 1));
}
