import type { Text } from '../domain/command.js';
import { type ExitCode, exitCode } from '../errors.js';

/** What became of a capture of one server. */
export type CaptureOutcome =
  /** `lacks`: why something optional is missing. */
  | { kind: 'captured'; id: string; bytes: number; lacks: readonly string[] }
  /** There was rightly nothing to do. */
  | { kind: 'rested'; why: string }
  /** The server, or this machine, is not fit for it now. */
  | { kind: 'skipped'; reason: string }
  | { kind: 'failed'; exit: ExitCode; reason: string; hint: Text | undefined }
  /** Another capture of the server does not end. */
  | { kind: 'hung'; pid: number; since: string };

export type Captured = { server: string; title: string; outcome: CaptureOutcome };

/** So many skips in a row are told. */
export const mostSkips = 3;

/** @param skips in a row, this one too */
export function exitOf(outcome: CaptureOutcome, skips: number): ExitCode {
  if (outcome.kind === 'captured') return outcome.lacks.length === 0 ? exitCode.ok : exitCode.partial;
  if (outcome.kind === 'skipped') return skips >= mostSkips ? exitCode.partial : exitCode.ok;
  if (outcome.kind === 'failed') return outcome.exit;
  return outcome.kind === 'hung' ? exitCode.busy : exitCode.ok;
}
