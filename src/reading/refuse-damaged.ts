import { createHash } from 'node:crypto';
import type { BundleFile, OpenBundle } from './open-bundle.js';

/**
 * Reads a ZIP through before anything of it is shown: what is damaged is found out only at the end of an entry.
 * @returns the paths of what is not as it was collected, by the SHA-256 of the manifest
 * @throws UserError `archive-damaged`
 */
export async function refuseDamaged({ kind, files, manifest }: OpenBundle, signal: AbortSignal): Promise<string[]> {
  if (kind !== 'zip') return [];
  const known = hashesOf(manifest);
  const changed: string[] = [];
  for (const file of files) if (!(await isAsCollected(file, known.get(file.path), signal))) changed.push(file.path);
  return changed;
}

function hashesOf(manifest: OpenBundle['manifest']): Map<string, string> {
  const items = (manifest?.servers ?? []).flatMap(({ folder, items }) =>
    items.flatMap(({ path, sha256 }) => (sha256 === undefined ? [] : [[`${folder}/${path}`, sha256] as const])),
  );
  return new Map(items);
}

async function isAsCollected(file: BundleFile, sha256: string | undefined, signal: AbortSignal): Promise<boolean> {
  const hash = sha256 === undefined ? undefined : createHash('sha256');
  for await (const chunk of file.read()) {
    signal.throwIfAborted();
    hash?.update(chunk);
  }
  return hash === undefined || hash.digest('hex') === sha256;
}
