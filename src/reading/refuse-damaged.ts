import type { OpenBundle } from './open-bundle.js';

/**
 * Reads a ZIP through before anything of it is shown: what is damaged is found out only at the end of an entry.
 * @throws UserError `archive-damaged`
 */
export async function refuseDamaged({ kind, files }: OpenBundle, signal: AbortSignal): Promise<void> {
  if (kind !== 'zip') return;
  for (const file of files) for await (const _ of file.read()) signal.throwIfAborted();
}
