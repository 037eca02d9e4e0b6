import { type CollectorId, collectorIds } from '../domain/collector-id.js';
import { latest, type NewJournalEntry } from '../domain/journal.js';
import type { Manifest } from '../domain/manifest.js';
import type { Program } from '../domain/program.js';
import type { Recipe } from '../domain/recipe.js';
import type { Run } from '../state/runs.js';
import type { CollectRequest } from './collect-request.js';
import { type Configured, type Wanted, wantedOf } from './wanted.js';

/** Written before anything is collected: whatever ends the run, it can be begun again as it was meant. */
export function startedEntry(request: CollectRequest, reference: string, program: Program): NewJournalEntry {
  const { wanted, keepRemote, jobs, continues } = request;
  return {
    type: 'started',
    schema: 1,
    tool: program.version,
    argv: program.argv,
    intent: request.intent,
    ...(request.submit.noSubmit ? { noSubmit: true as const } : {}),
    servers: request.appliances.map(({ name }) => name),
    label: request.label,
    event: request.at.toISOString(),
    reference,
    wanted: { ...wanted, skipped: Object.fromEntries(wanted.skipped), keepRemote, jobs },
    ...(continues === undefined ? {} : { continues: continues.id }),
  };
}

/** What is wanted when a run is taken up: what it wanted, or, where there is a manifest, what that lacks of it. */
export function wantedAgain(
  run: Run,
  { kinds, at, manifest }: { kinds: readonly CollectorId[]; at: Date; manifest: Manifest | undefined },
  config: Configured,
  usual: Recipe,
): Pick<CollectRequest, 'wanted' | 'keepRemote' | 'jobs' | 'reference'> & { label: string | undefined } {
  const started = latest(run.journal, 'started');
  const { keepRemote = false, jobs = 8, ...before } = started?.wanted ?? {};
  const wanted: Wanted = { ...wantedOf(config, usual, undefined), ...before, skipped: new Map() };
  const window = manifest?.event.window;
  if (window !== undefined)
    wanted.window = {
      beforeMs: at.getTime() - Date.parse(window.since),
      afterMs: Date.parse(window.until) - at.getTime(),
    };
  for (const id of collectorIds) {
    const left = started?.wanted?.skipped[id];
    const isLeft = manifest === undefined ? left !== undefined : !kinds.includes(id);
    if (isLeft) wanted.skipped.set(id, left ?? 'it is there already');
  }
  return { wanted, keepRemote, jobs, reference: manifest?.reference ?? started?.reference, label: started?.label };
}
