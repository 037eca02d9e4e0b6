import { defined } from '../domain/defined.js';
import { latest } from '../domain/journal.js';
import { hasBegun } from '../domain/owed.js';
import { pastRuns } from '../runs/past-runs.js';
import type { Run } from '../state/runs.js';
import { deskFor, deskOf } from './choose-desk.js';
import type { Submission } from './submission.js';

/**
 * Goes to the help desk that counts in the moment of registering, and writes it down before anything is sent there: a run
 * that has begun at one goes on there at any hour.
 */
export async function atItsDesk(submission: Submission): Promise<Submission> {
  const { run, intent, options, settings: first, operator } = submission;
  const { desks } = first;
  if (options.noSubmit) return submission;
  const settings = await deskFor(first, intent, await journalsOf(submission), operator.now());
  if (desks === undefined) {
    await leaveRoute(run, first);
    return submission;
  }
  const desk = deskOf(settings);
  await writeRoute(run, { ...defined({ route: settings.route?.name }), place: settings.route?.place ?? desks.rest });
  return desk === first.desk ? submission : { ...submission, settings, account: undefined };
}

/** Of the run, and of the runs of this machine that are of the same incident. */
async function journalsOf({ run, manifest, runs }: Submission): Promise<Run['journal'][]> {
  const journals = [run.journal];
  for await (const past of pastRuns(runs, run.id))
    if (past.manifest.reference === manifest.reference) journals.push(past.run.journal);
  return journals;
}

/** A route that the run was to take, and that is gone, is not where its ticket is begun now. */
async function leaveRoute(run: Run, { place }: Submission['settings']): Promise<void> {
  const isToBegin = latest(run.journal, 'routed') !== undefined && !hasBegun(run.journal);
  if (isToBegin && place !== undefined) await writeRoute(run, { place });
}

async function writeRoute({ journal }: Run, routed: { route?: string; place: string }): Promise<void> {
  const before = latest(journal, 'routed');
  if (before?.route === routed.route && before?.place === routed.place) return;
  await journal.write({ type: 'routed', ...routed });
}
