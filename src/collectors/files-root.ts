import { itemError } from '../errors.js';
import type { RemoteFiles } from '../ssh/files/remote-files.js';

/** The guide shows `./logs`, the administration guide `storage/logs`. */
const candidates = ['.', 'storage'];

/** Finds the folder of the CLI face that holds `logs/` or `techsupport/`. @throws UserError `no-files-root` */
export async function findFilesRoot(
  files: RemoteFiles,
  configured: string | undefined,
  signal: AbortSignal,
): Promise<string> {
  if (configured !== undefined) return configured;
  for (const root of candidates) {
    for (const folder of ['logs', 'techsupport']) {
      const found = await files.find(inRoot(root, folder), signal);
      if (found?.kind === 'folder') return root;
    }
  }
  throw itemError(
    'no-files-root',
    `${files.title} has neither logs/ nor storage/logs/; name the folder as files.root in the configuration`,
  );
}

/** Joins a path to the root; names below `.` are written without it. */
export function inRoot(root: string, path: string): string {
  return root === '.' ? path : `${root}/${path}`;
}
