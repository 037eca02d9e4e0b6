import { printableLine } from '../domain/text.js';
import { exitCode, reasonOf, UserError } from '../errors.js';

/**
 * A folder on someone else's server, logged in to, that files are put into. Every call is one attempt and classifies
 * its failure; finding out what is there, going on and repeating are done above, once (`upload/send-bundle.ts`).
 * All of them throw UserError `upload-interrupted` when the connection is gone: going on later is right.
 */
export interface UploadFolder {
  /** @returns bytes; undefined where the server shows no such file */
  sizeOf(name: string, signal: AbortSignal): Promise<number | undefined>;
  /** @returns the bytes of a file from `start` to its end; undefined where reading is not permitted */
  readFrom(name: string, start: number, signal: AbortSignal): Promise<Buffer | undefined>;
  /**
   * Sends a local file from `start` on, to a remote file that has just so many bytes. Returns when the server has
   * confirmed the whole. @throws UserError `upload-refused` where it does not take it
   */
  send(path: string, name: string, start: number, call: SendCall): Promise<void>;
  /** @returns whether the server has done it; why it did not is of no interest */
  rename(from: string, to: string, signal: AbortSignal): Promise<boolean>;
  close(): void;
}

export type SendCall = { signal: AbortSignal; onProgress: (bytes: number) => void };

/** The connection is gone; what has arrived stays there. */
export function interrupted(title: string, cause: unknown): UserError {
  return new UserError('upload-interrupted', `the connection to ${title} was lost: ${shown(cause)}`, {
    exit: exitCode.unreachable,
    cause,
  });
}

/** The server is there and says no. */
export function refused(title: string, what: string, cause: unknown): UserError {
  return new UserError('upload-refused', `${title} ${what}: ${shown(cause)}`, { exit: exitCode.unreachable, cause });
}

/** Our own file could not be read. */
export function unreadable(path: string, cause: unknown): UserError {
  return new UserError('local-read', `"${path}" cannot be read: ${shown(cause)}`, { exit: exitCode.local, cause });
}

function shown(error: unknown): string {
  return printableLine(reasonOf(error));
}
