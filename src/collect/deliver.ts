import { icepack, say } from '../domain/command.js';
import type { Manifest, ServerRecord } from '../domain/manifest.js';
import { isUnreachable } from '../domain/outcome.js';
import type { RunResult } from '../domain/result.js';
import { mostUrgent, UserError } from '../errors.js';
import type { DeskSettings } from '../helpdesk/desk-settings.js';
import type { Account } from '../helpdesk/help-desk.js';
import type { Workplace } from '../servers/workplace.js';
import type { Run } from '../state/runs.js';
import { endedEarly, interruption, nothingReached } from '../tickets/ended-early.js';
import { submitRun } from '../tickets/submit.js';
import type { Operator } from '../ui/operator.js';
import type { CollectRequest } from './collect-request.js';
import { completeFromEarlier } from './earlier-run.js';

/** A run whose servers were asked, with all that its ticket needs. */
export type Collected = {
  request: CollectRequest;
  run: Run;
  settings: DeskSettings;
  /** What the help desk says of itself; it is asked while servers are. */
  account: Promise<Account | undefined>;
  /** What failed on this machine. */
  localFailure: UserError | undefined;
  describe(servers: ServerRecord[]): Manifest;
};

type Tools = Pick<Workplace, 'operator' | 'runs'>;

/** The evidence with what an earlier run of the event has besides. */
export function wholeEvent(
  { request, run, describe }: Collected,
  servers: ServerRecord[],
  { operator, runs }: Tools,
): Promise<Manifest> {
  const { intent, selection, captures, continues } = request;
  const given = { ...intent, skipped: selection.skipped, captures, continues };
  return completeFromEarlier(run, describe(servers), given, operator, runs);
}

/** Writes down what was collected and brings it to its ticket, if there is anything to bring. */
export async function deliver(
  { request, run, settings, account, localFailure }: Collected,
  manifest: Manifest,
  { operator, runs }: Tools,
  signal: AbortSignal,
): Promise<RunResult> {
  const unwritten = await writeDown(run, manifest);
  if (unwritten === undefined) await request.continues?.journal.write({ type: 'continued', by: run.id });
  const desk = await account;
  const ended = { run, manifest, settings, operator };
  if (unwritten !== undefined) return endedEarly(ended, unwritten);
  if (signal.aborted) return endedEarly(ended, interruption(signal));
  if (manifest.servers.every(isUnreachable) && !(await submitNothing(request, operator))) {
    return nothingReached(ended);
  }
  const { intent, submit: options } = request;
  const result = await submitRun({ run, manifest, intent, options, settings, account: desk, operator, runs, signal });
  return localFailure === undefined || signal.aborted ? result : afterFailure(result, localFailure);
}

/** What this machine failed to keep is missing, as where a server failed; the ticket has what there is. */
function afterFailure(result: RunResult, { code, message, exit }: UserError): RunResult {
  const again = icepack('resume', result.manifest.run);
  const error = { code, message, hint: say`What is missing can be had later. When that is mended: ${again}` };
  return { ...result, exitCode: mostUrgent([result.exitCode, exit]), error: result.error ?? error };
}

/** @returns what kept this machine from writing the manifest; what was collected is told all the same */
export async function writeDown(run: Run, manifest: Manifest): Promise<UserError | undefined> {
  try {
    await run.writeManifest(manifest);
    await run.journal.write({ type: 'collected' });
    return undefined;
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
}

async function submitNothing({ submitAnyway, submit }: CollectRequest, operator: Operator): Promise<boolean> {
  if (submit.noSubmit || submitAnyway) return submitAnyway && !submit.noSubmit;
  if (operator.ask === undefined) return false;
  return operator.ask.confirm('No server could be reached. Open the ticket anyway?', false);
}
