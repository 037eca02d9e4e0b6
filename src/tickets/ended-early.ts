import { defined } from '../domain/defined.js';
import { latest } from '../domain/journal.js';
import type { Manifest } from '../domain/manifest.js';
import { nextSteps } from '../domain/next-step.js';
import { collectionExit } from '../domain/outcome.js';
import type { RunResult, TicketResult } from '../domain/result.js';
import { type ExitCode, exitCode, mostUrgent, UserError } from '../errors.js';
import type { DeskSettings } from '../helpdesk/desk-settings.js';
import type { Run } from '../state/runs.js';
import type { Operator } from '../ui/operator.js';

type Ended = { run: Run; manifest: Manifest; settings: DeskSettings; operator: Operator };

/** The result of a run that ended before its bundle was made: the evidence is kept, and commands to go on are told. */
export function endedEarly({ run, manifest, settings, operator }: Ended, reason: UserError): RunResult {
  return {
    exitCode: exitOf(manifest, reason.exit),
    manifest,
    ticket: ticketSoFar(run),
    bundle: null,
    next: nextSteps({ run: run.id, journal: run.journal, manifest, now: operator.now(), limit: limitAt(settings) }),
    error: { code: reason.code, message: reason.message, hint: reason.hint ?? null },
    ...defined({ say: settings.route?.say }),
  };
}

/** The result where no server let us in, and so no ticket is registered. */
export function nothingReached(ended: Ended): RunResult {
  const reason = new UserError('nothing-reached', 'no server could be reached or logged in to; no ticket was opened', {
    exit: exitCode.unreachable,
    hint: 'What was tried is kept',
  });
  return endedEarly(ended, reason);
}

/** The largest ZIP that can be attached; undefined where no help desk is configured. */
export function limitAt({ desk, attachmentLimit }: DeskSettings): number | undefined {
  return desk === undefined ? undefined : attachmentLimit;
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

export function ticketSoFar(run: Run): TicketResult | null {
  const registered = latest(run.journal, 'registered');
  if (registered === undefined) return null;
  const { id, key, url, created } = registered;
  return { id, key, url, state: 'unknown', created };
}
