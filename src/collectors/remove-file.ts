import { UserError } from '../errors.js';
import type { RemoteEntry, RemoteFiles } from '../ssh/files/remote-files.js';

/** Removes a file of ours from a server; one that is gone already is fine, too. @throws as `RemoteFiles.remove` does */
export async function removeFile(files: RemoteFiles, path: string, signal: AbortSignal): Promise<void> {
  try {
    await files.remove(path, signal);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

/** The folder may not be there before the first file is. */
export async function listOrNothing(files: RemoteFiles, folder: string, signal: AbortSignal): Promise<RemoteEntry[]> {
  try {
    return await files.list(folder, signal);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof UserError && error.code === 'no-such-file';
}
