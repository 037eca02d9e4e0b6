import { printableLine } from '../domain/text.js';
import { exitCode, reasonOf, UserError } from '../errors.js';

/**
 * A folder on someone else's server to put files into, after login. Every call is one attempt and classifies its failure;
 * looking for what is there, resuming and repeating are done above, once (`upload/send-bundle.ts`). All calls throw
 * UserError `upload-interrupted` when the connection is gone, so that resuming later makes sense.
 */
export interface UploadFolder {
  /** @returns bytes; undefined where the server shows no such file */
  sizeOf(name: string, signal: AbortSignal): Promise<number | undefined>;
  /** @returns the bytes of a file from `start` to its end; undefined where reading is not permitted */
  readFrom(name: string, start: number, signal: AbortSignal): Promise<Buffer | undefined>;
  /**
   * Sends a local file from `start` on, to a remote file that has exactly that many bytes. Returns when the server has
   * confirmed all of it. @throws UserError `upload-refused` where the server does not accept it
   */
  send(path: string, name: string, start: number, call: SendCall): Promise<void>;
  /** @returns whether the server has done it; the reason for a failure does not matter */
  rename(from: string, to: string, signal: AbortSignal): Promise<boolean>;
  close(): void;
}

export type SendCall = { signal: AbortSignal; onProgress: (bytes: number) => void };

/** The error for a lost connection; what has arrived stays on the server. */
export function interrupted(title: string, cause: unknown): UserError {
  return new UserError('upload-interrupted', `the connection to ${title} was lost: ${shown(cause)}`, {
    exit: exitCode.unreachable,
    cause,
  });
}

/** The error for a server that answers, but refuses. */
export function refused(title: string, what: string, cause: unknown): UserError {
  return new UserError('upload-refused', `${title} ${what}: ${shown(cause)}`, { exit: exitCode.unreachable, cause });
}

/** The error for a local file that could not be read. */
export function unreadable(path: string, cause: unknown): UserError {
  return new UserError('local-read', `"${path}" cannot be read: ${shown(cause)}`, { exit: exitCode.local, cause });
}

function shown(error: unknown): string {
  return printableLine(reasonOf(error));
}
