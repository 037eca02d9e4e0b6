import type { Text } from './domain/command.js';
import type { ErrorCode } from './error-codes.js';
import { type ExitCode, exitCode } from './exit-code.js';

export type { ErrorCode } from './error-codes.js';
export { type ExitCode, exitCode, exitCodeMeaning, mostUrgent, urgency } from './exit-code.js';

/** A failure the operator can act on. Anything else that reaches `cli.ts` is our bug and shows its stack. */
export class UserError extends Error {
  override readonly name = 'UserError';
  /** Stable and greppable, e.g. `login-refused`; the `error.code` of `--json`. */
  readonly code: ErrorCode;
  readonly exit: ExitCode;
  /** The next step; a command that exists where there is one. */
  readonly hint: Text | undefined;

  constructor(code: ErrorCode, message: string, facts: { exit: ExitCode; hint?: Text; cause?: unknown }) {
    super(message, { cause: facts.cause });
    this.code = code;
    this.exit = facts.exit;
    this.hint = facts.hint;
  }
}

export function usageError(code: ErrorCode, message: string, hint?: Text): UserError {
  return new UserError(code, message, hint === undefined ? { exit: exitCode.usage } : { exit: exitCode.usage, hint });
}

/** The text of anything that was thrown, in one line. */
export function reasonOf(error: unknown): string {
  if (error instanceof Error) return error.message;
  return String(error);
}

/** Why a file that a person named cannot be read, in their words. */
export function whyNoFile(path: string, error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT') return `there is no file ${path}`;
  if (code === 'EACCES') return `you may not read ${path}`;
  return code === 'EISDIR' ? `${path} is a folder` : reasonOf(error);
}

/** One piece of evidence could not be had, or not whole. Its message is the `reason` in the manifest. */
export function itemError(code: ErrorCode, message: string, cause?: unknown): UserError {
  return new UserError(code, message, { exit: exitCode.partial, cause });
}
