import type { Manifest } from '../domain/manifest.js';
import { collectionExit } from '../domain/outcome.js';
import type { RunResult } from '../domain/result.js';
import { type ExitCode, exitCode, mostUrgent, UserError } from '../errors.js';

export function nothingReached(manifest: Manifest): RunResult {
  return {
    ...kept(
      manifest,
      new UserError('nothing-reached', 'no server could be reached or logged in to; no ticket was opened', {
        exit: exitCode.unreachable,
        hint: 'What was tried is kept in the run',
      }),
    ),
    next: [`icepack doctor ${manifest.servers.map(({ name }) => name).join(' ')}`, `icepack submit ${manifest.run}`],
  };
}

/** What was collected stays, and the command that goes on from here is told. */
export function kept(manifest: Manifest, reason: UserError): RunResult {
  const exit: ExitCode =
    reason.exit === exitCode.usage
      ? reason.exit
      : isSignal(reason.exit)
        ? reason.exit
        : mostUrgent([collectionExit(manifest.servers), reason.exit]);
  return {
    exitCode: exit,
    manifest,
    ticket: null,
    bundle: null,
    next: [`icepack submit ${manifest.run}`],
    error: { code: reason.code, message: reason.message, hint: reason.hint ?? null },
  };
}

function isSignal(code: ExitCode): boolean {
  return code > 128;
}

export function interruption(signal: AbortSignal): UserError {
  if (signal.reason instanceof UserError) return signal.reason;
  return new UserError('interrupted', 'interrupted', { exit: exitCode.interrupted });
}
