import { UserError } from '../errors.js';
import type { RemoteEntry, RemoteFiles } from '../ssh/files/remote-files.js';

/**
 * Removes a file of ours from a server; it is fine if the file is already gone. @throws the errors of
 * `RemoteFiles.remove`
 */
export async function removeFile(files: RemoteFiles, path: string, signal: AbortSignal): Promise<void> {
  try {
    await files.remove(path, signal);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

/** Lists a folder, or nothing if it is missing: it may not exist before the first file is made. */
export async function listOrNothing(files: RemoteFiles, folder: string, signal: AbortSignal): Promise<RemoteEntry[]> {
  try {
    return await files.list(folder, signal);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

export function isMissing(error: unknown): boolean {
  return error instanceof UserError && error.code === 'no-such-file';
}
