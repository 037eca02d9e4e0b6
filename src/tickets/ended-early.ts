import { icepack, say } from '../domain/command.js';
import { latest } from '../domain/journal.js';
import type { Manifest } from '../domain/manifest.js';
import { collectionExit } from '../domain/outcome.js';
import { missingKinds } from '../domain/owed.js';
import type { RunResult, TicketResult } from '../domain/result.js';
import { type ExitCode, exitCode, mostUrgent, UserError } from '../errors.js';
import type { Run } from '../state/runs.js';

/** The result of a run that ended before its bundle was made: the evidence is kept, and commands to go on are told. */
export function endedEarly(run: Run, manifest: Manifest, reason: UserError): RunResult {
  const isCut = reason.code === 'interrupted' && missingKinds(manifest).length > 0; // the rest can be had, too
  return {
    exitCode: exitOf(manifest, reason.exit),
    manifest,
    ticket: ticketSoFar(run),
    bundle: null,
    next: [icepack('submit', run.id), ...(isCut ? [icepack('resume', run.id)] : [])],
    error: { code: reason.code, message: reason.message, hint: reason.hint ?? null },
  };
}

/** The result where no server let us in, and so no ticket is registered. */
export function nothingReached(run: Run, manifest: Manifest): RunResult {
  const submit = icepack('submit', run.id);
  const reason = new UserError('nothing-reached', 'no server could be reached or logged in to; no ticket was opened', {
    exit: exitCode.unreachable,
    hint: say`What was tried is kept; a ticket can still be opened with it: ${submit}`,
  });
  const doctor = icepack('doctor', ...manifest.servers.map(({ name }) => name));
  return { ...endedEarly(run, manifest, reason), next: [doctor, submit] };
}

export function interruption(signal: AbortSignal): UserError {
  if (signal.reason instanceof UserError) return signal.reason;
  return new UserError('interrupted', 'interrupted', { exit: exitCode.interrupted });
}

/** A signal and a fault of usage outweigh what is missing. */
function exitOf(manifest: Manifest, exit: ExitCode): ExitCode {
  if (exit > 128 || exit === exitCode.usage || exit === exitCode.busy) return exit;
  return mostUrgent([collectionExit(manifest.servers), exit]);
}

function ticketSoFar(run: Run): TicketResult | null {
  const registered = latest(run.journal, 'registered');
  if (registered === undefined) return null;
  const { id, key, url, created } = registered;
  return { id, key, url, state: 'unknown', created };
}
