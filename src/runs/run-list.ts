import pLimit from 'p-limit';
import { latest } from '../domain/journal.js';
import type { Manifest } from '../domain/manifest.js';
import { missingKinds, owesEvidence, owesTicket, type RunState, stateOf } from '../domain/owed.js';
import { formatSize } from '../domain/quantities.js';
import { reasonOf } from '../errors.js';
import type { RunStore } from '../state/runs.js';
import type { Operator } from '../ui/operator.js';

/** A run as `icepack runs` shows it. */
export type ListedRun = {
  id: string;
  /** When it began, in UTC. */
  started: string;
  state: RunState | 'going on' | 'damaged';
  servers: string[];
  /** When the incident was. */
  event: string | undefined;
  ticket: string | undefined;
  bytes: number;
  /** What did not come, and can be asked for again: `ice01 logs, techsupport`. */
  missing: string[];
  /** Whether `resume` has something to do. */
  owes: boolean;
};

const readAtOnce = 16;

/** All runs on this machine, newest first. */
export async function listRuns(operator: Operator, runs: RunStore): Promise<ListedRun[]> {
  const limit = pLimit(readAtOnce);
  const found = await Promise.all((await runs.ids()).map((id) => limit(() => listed(id, operator, runs))));
  return found.sort((a, b) => (a.started < b.started ? 1 : -1));
}

async function listed(id: string, operator: Operator, runs: RunStore): Promise<ListedRun> {
  const bytes = await runs.sizeOf(id).catch(() => 0); // it goes away at this moment
  const empty = {
    id,
    started: dayOf(id).toISOString(),
    servers: [],
    event: undefined,
    ticket: undefined,
    bytes,
    missing: [],
    owes: false,
  };
  try {
    const run = await runs.find(id);
    if (run === undefined) return { ...empty, state: 'damaged' };
    const started = latest(run.journal, 'started');
    const manifest = await run.readManifest().catch(() => undefined); // cut before it was written
    const state = (await runs.isGoingOn(id)) ? 'going on' : stateOf(run.journal);
    const missing = manifest === undefined ? [] : missingOf(manifest);
    const ticket = latest(run.journal, 'registered')?.key ?? started?.intent.ticket;
    return {
      ...empty,
      started: started?.at ?? empty.started,
      state,
      servers: manifest?.servers.map(({ name }) => name) ?? started?.servers ?? [],
      event: manifest?.event.at ?? started?.event,
      ticket,
      missing,
      owes:
        state !== 'going on' &&
        (owesTicket(state) || ['all', 'missing'].includes(owesEvidence(run.journal, manifest, operator.now()))),
    };
  } catch {
    return { ...empty, state: 'damaged' };
  }
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
    if (!done.includes(run.state) && !isEmpty) continue;
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
