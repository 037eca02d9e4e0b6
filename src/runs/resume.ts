import { type CollectorId, collectorIds } from '../domain/collector-id.js';
import { icepack, say } from '../domain/command.js';
import { latest } from '../domain/journal.js';
import type { Manifest } from '../domain/manifest.js';
import { openUntil } from '../domain/next-step.js';
import { missingKinds, owesEvidence, owesTicket, stateOf } from '../domain/owed.js';
import { formatDuration } from '../domain/quantities.js';
import { formatLocal } from '../domain/zone.js';
import { exitCode, UserError, usageError } from '../errors.js';
import type { Run, RunStore } from '../state/runs.js';
import type { Operator } from '../ui/operator.js';
import { listRuns } from './run-list.js';

/** What a run still needs, in the order in which it is done. */
export type Owed = {
  run: Run;
  /** The ticket, or its attachment. */
  submit: boolean;
  /** Evidence to be asked for again; undefined where there is none. */
  collect: { servers: string[]; at: Date; kinds: CollectorId[]; manifest: Manifest | undefined } | undefined;
};

/**
 * Finds out what is left to be done of a run.
 * @param id without it, the newest run that owes something
 * @throws UserError `no-such-run`, `nothing-owed`, `busy`
 */
export async function findOwed(id: string | undefined, operator: Operator, runs: RunStore): Promise<Owed> {
  const listed = await listRuns(operator, runs);
  const chosen = id ?? listed.find(({ owes }) => owes)?.id;
  if (chosen === undefined)
    throw usageError('nothing-owed', 'no run owes anything', say`See them all: ${icepack('runs')}`);
  const run = await runs.find(chosen);
  if (run === undefined)
    throw usageError('no-such-run', `there is no run "${chosen}"`, say`See them all: ${icepack('runs')}`);
  if (await runs.isGoingOn(chosen)) {
    throw new UserError('busy', `run ${chosen} is still going on`, {
      exit: exitCode.busy,
      hint: say`Wait for it to end, then: ${icepack('resume', chosen)}`,
    });
  }
  const state = stateOf(run.journal);
  if (state === 'continued') {
    const by = latest(run.journal, 'continued')?.by;
    throw usageError(
      'nothing-owed',
      `run ${chosen} was taken up by run ${by}`,
      say`Go on with that one: ${icepack('resume', `${by}`)}`,
    );
  }
  const completed = await completedBy(run, runs);
  if (completed !== undefined && state === 'unfinished') {
    await run.journal.write({ type: 'continued', by: completed.id }); // cut while it completed that one
    return findOwed(completed.id, operator, runs);
  }
  if (completed !== undefined && stateOf(completed.journal) !== 'continued')
    await completed.journal.write({ type: 'continued', by: run.id }); // cut before it could say so
  const manifest = state === 'unfinished' || state === 'not begun' ? undefined : await run.readManifest();
  const by = listed.find((each) => each.id === chosen)?.supersededBy;
  if (by !== undefined)
    throw usageError(
      'nothing-owed',
      `run ${chosen} owes nothing: run ${by} has all of its event`,
      say`See what it has: ${icepack('runs', by)}`,
    );
  const owed = { run, submit: owesTicket(state), collect: evidenceOf(run, manifest, operator) };
  if (!owed.submit && owed.collect === undefined)
    throw usageError('nothing-owed', `run ${chosen} owes nothing`, say`See them all: ${icepack('runs')}`);
  return owed;
}

/** The run whose missing evidence `run` was to collect. */
async function completedBy({ journal }: Run, runs: RunStore): Promise<Run | undefined> {
  const id = latest(journal, 'started')?.continues;
  return id === undefined ? undefined : runs.find(id);
}

function evidenceOf(run: Run, manifest: Manifest | undefined, operator: Operator): Owed['collect'] {
  const owed = owesEvidence(run.journal, manifest, operator.now());
  const started = latest(run.journal, 'started');
  const event = manifest?.event.at ?? started?.event;
  if (owed === 'nothing' || event === undefined) return undefined;
  const at = new Date(event);
  if (manifest === undefined)
    return { servers: started?.servers ?? [], at, kinds: [...collectorIds], manifest: undefined };
  const missing = missingKinds(manifest);
  if (owed === 'too late') {
    const age = operator.now().getTime() - at.getTime();
    const what = missing.map(({ server, kinds }) => `${server} ${kinds.join(', ')}`).join('; ');
    operator.emit({
      type: 'warning',
      text: `not asked for again, ${formatDuration(age)} after the event: ${what}`,
      hint: say`To ask all the same: ${icepack('collect', ...missing.map(({ server }) => server), '--at', event)}`,
    });
    return undefined;
  }
  const until = openUntil(manifest);
  if (until !== undefined && until > operator.now()) {
    const text = `the log window ends at ${formatLocal(until, operator.zone)} ${operator.zone}: not all of it can be had before`;
    operator.emit({ type: 'warning', text });
  }
  const kinds = collectorIds.filter((id) => missing.some((each) => each.kinds.includes(id)));
  return { servers: missing.map(({ server }) => server), at, kinds, manifest };
}

/** What only a person can know of a request whose answer was lost. */
export async function settleByHand(run: Run, said: { itIs?: string; doesNotExist?: boolean }): Promise<void> {
  if (said.itIs === undefined && !said.doesNotExist) return;
  if (stateOf(run.journal) !== 'unknown') {
    throw usageError(
      'not-unknown',
      `whether run ${run.id} has a ticket is no question: it is ${stateOf(run.journal)}`,
      say`Go on with: ${icepack('resume', run.id)}`,
    );
  }
  if (said.doesNotExist)
    await run.journal.write({ type: 'not-registered', reason: 'the operator has looked: it does not exist' });
}
