import { type CollectorId, collectorIds } from '../domain/collector-id.js';
import { icepack, say, type Text } from '../domain/command.js';
import { latest } from '../domain/journal.js';
import type { Manifest } from '../domain/manifest.js';
import { openUntil } from '../domain/next-step.js';
import { createdTicket, missingKinds, owesEvidence, owesTicket, stateOf } from '../domain/owed.js';
import { formatDuration } from '../domain/quantities.js';
import { formatLocal } from '../domain/zone.js';
import { exitCode, UserError, usageError } from '../errors.js';
import type { Run, RunStore } from '../state/runs.js';
import type { Operator } from '../ui/operator.js';
import { type ListedRun, listRuns } from './run-list.js';

/** What a run still needs, in the order in which it is done. */
export type Owed = {
  run: Run;
  /** The ticket, or its attachment. */
  submit: boolean;
  /** Evidence to be asked for again; undefined where there is none. */
  collect: { servers: string[]; at: Date; kinds: CollectorId[]; manifest: Manifest | undefined } | undefined;
  /** The evidence so far, where nothing can be done before the window is over. */
  waits?: Manifest;
};

/**
 * Finds out what is left to be done of a run.
 * @param id without it, the newest run that owes something
 * @throws UserError `no-such-run`, `nothing-owed`, `busy`
 */
export async function findOwed(id: string | undefined, operator: Operator, runs: RunStore): Promise<Owed> {
  const listed = await listRuns(operator, runs);
  const chosen = id ?? listed.find(({ owes }) => owes)?.id ?? listed.find(({ state }) => state === 'going on')?.id;
  if (chosen === undefined)
    throw usageError('nothing-owed', 'no run owes anything', say`See them all: ${icepack('runs')}`);
  const run = await runs.find(chosen);
  if (run === undefined)
    throw usageError('no-such-run', `there is no run "${chosen}"`, say`See them all: ${icepack('runs')}`);
  if (await runs.isGoingOn(chosen)) throw stillGoingOn(chosen);
  const state = stateOf(run.journal);
  if (state === 'continued') throw await takenUp(run, listed, runs);
  const completed = await completedBy(run, runs);
  if (completed !== undefined && state === 'unfinished') {
    await run.journal.write({ type: 'continued', by: completed.id }); // cut while it completed that one
    return findOwed(completed.id, operator, runs);
  }
  if (completed !== undefined && stateOf(completed.journal) !== 'continued')
    await completed.journal.write({ type: 'continued', by: run.id }); // cut before it could say so
  const by = listed.find((each) => each.id === chosen)?.supersededBy;
  if (by !== undefined) {
    const text = `run ${chosen} owes nothing: run ${by} has all of its event`;
    throw usageError('nothing-owed', text, whereItIs(by, await runs.find(by)));
  }
  return owedBy(run, operator);
}

async function owedBy(run: Run, operator: Operator): Promise<Owed> {
  const state = stateOf(run.journal);
  const manifest = state === 'unfinished' || state === 'not begun' ? undefined : await run.readManifest();
  const submit = owesTicket(state);
  const isTooEarly = owesEvidence(run.journal, manifest, operator.now()) === 'too early';
  if (manifest !== undefined && isTooEarly && (!submit || state === 'second half owed'))
    return { run, submit: false, collect: undefined, waits: manifest };
  const collect = evidenceOf(run, manifest, operator);
  if (!submit && collect === undefined)
    throw usageError('nothing-owed', `run ${run.id} owes nothing`, whereItIs(run.id, run));
  return { run, submit, collect };
}

function stillGoingOn(run: string): UserError {
  return new UserError('busy', `run ${run} is still going on`, {
    exit: exitCode.busy,
    hint: say`Wait for it to end, then: ${icepack('resume', run)}`,
  });
}

/** The error for a run that was taken up: the way on is that of the last run that did. */
async function takenUp(run: Run, listed: readonly ListedRun[], runs: RunStore): Promise<UserError> {
  const last = await lastOf(run, runs);
  const text = `run ${run.id} was taken up by run ${last.id}`;
  const found = listed.find(({ id }) => id === last.id);
  if (last === run || found === undefined)
    return usageError(
      'nothing-owed',
      `run ${run.id} was taken up by a run that is gone from this machine`,
      say`See them all: ${icepack('runs')}`,
    );
  if (found.state === 'going on') return stillGoingOn(last.id);
  return found.owes
    ? usageError('nothing-owed', text, say`Go on with that one: ${icepack('resume', last.id)}`)
    : usageError('nothing-owed', `${text}, which owes nothing`, whereItIs(last.id, last));
}

/** Where a chain of runs ends, each of which took up the one before. */
async function lastOf(run: Run, runs: RunStore): Promise<Run> {
  const by = latest(run.journal, 'continued')?.by;
  const next = by === undefined ? undefined : await runs.find(by);
  return next === undefined ? run : lastOf(next, runs);
}

function whereItIs(id: string, run: Run | undefined): Text {
  const journal = run?.journal ?? { entries: [] };
  const [key, zip] = [latest(journal, 'registered')?.key, latest(journal, 'attached')?.name];
  const done = key === undefined || zip === undefined ? '' : `Nothing to do: ${key} has ${zip}. `;
  return say`${done}All about it: ${icepack('runs', id)}`;
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
  if (owed === 'nothing' || owed === 'too early' || event === undefined) return undefined;
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
  if (stateOf(run.journal) !== 'unknown' && createdTicket(run.journal) === undefined) {
    throw usageError(
      'not-unknown',
      `whether run ${run.id} has a ticket is no question: it is ${stateOf(run.journal)}`,
      say`Go on with: ${icepack('resume', run.id)}`,
    );
  }
  if (said.doesNotExist)
    await run.journal.write({ type: 'not-registered', reason: 'the operator has looked: it does not exist' });
}
