import { type CollectorId, collectorIds } from '../domain/collector-id.js';
import { latest, type NewJournalEntry } from '../domain/journal.js';
import type { Manifest } from '../domain/manifest.js';
import type { Program } from '../domain/program.js';
import type { Recipe } from '../domain/recipe.js';
import type { Selection } from '../domain/selection.js';
import type { Run } from '../state/runs.js';
import type { CollectRequest } from './collect-request.js';
import { type Configured, selectionOf } from './selection.js';

/** The journal entry that is written before anything is collected, so that a run that is cut can be begun again. */
export function startedEntry(request: CollectRequest, reference: string, program: Program): NewJournalEntry {
  const { selection, keepRemote, jobs, captures, continues } = request;
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
    wanted: { ...selection, skipped: Object.fromEntries(selection.skipped), keepRemote, jobs, captures },
    ...(continues === undefined ? {} : { continues: continues.id }),
  };
}

/** What a resumed run has to collect: all that it was asked for, or only what its manifest lacks. */
export function wantedAgain(
  run: Run,
  { kinds, at, manifest }: { kinds: readonly CollectorId[]; at: Date; manifest: Manifest | undefined },
  config: Configured,
  standard: Recipe,
): Pick<CollectRequest, 'selection' | 'keepRemote' | 'jobs' | 'captures' | 'reference'> & {
  label: string | undefined;
} {
  const started = latest(run.journal, 'started');
  const { keepRemote = false, jobs = 8, captures = 'near', ...before } = started?.wanted ?? {};
  const selection: Selection = { ...selectionOf(config, standard, undefined), ...before, skipped: new Map() };
  const window = manifest?.event.window;
  if (window !== undefined)
    selection.window = {
      beforeMs: at.getTime() - Date.parse(window.since),
      afterMs: Date.parse(window.until) - at.getTime(),
    };
  for (const id of collectorIds) {
    const left = started?.wanted?.skipped[id];
    const isLeft = manifest === undefined ? left !== undefined : !kinds.includes(id);
    if (isLeft) selection.skipped.set(id, left ?? 'it is there already');
  }
  return {
    selection,
    keepRemote,
    jobs,
    captures,
    reference: manifest?.reference ?? started?.reference,
    label: started?.label,
  };
}
