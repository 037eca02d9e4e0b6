import { latest } from '../domain/journal.js';
import type { Answers } from '../domain/questions.js';
import type { Run, RunStore } from '../state/runs.js';
import { pastRuns } from './past-runs.js';
import { meantOf } from './stored-run.js';

/** What was answered in the last run on this machine that had answers for the ticket of a help desk. */
export async function lastAnswers(runs: RunStore, origin: string, except?: string): Promise<Answers> {
  for await (const { run } of pastRuns(runs, except)) {
    const { answers = {} } = meantOf(run);
    if (isFor(run, origin) && Object.keys(answers).length > 0) return answers;
  }
  return {};
}

function isFor({ journal }: Run, origin: string): boolean {
  return (latest(journal, 'drafted') ?? latest(journal, 'registered'))?.origin === origin;
}
