import type { OpenBundle } from '../reading/open-bundle.js';
import type { Run } from '../state/runs.js';
import { type Check, check } from './check.js';

const where = 'the ZIP itself';

/**
 * Compares the SHA-256 of the ZIP with what this machine knows of it: the journal of the run that wrote it, and the ticket
 * it was attached to. Hashes inside can be changed together with what they are of, this one cannot.
 * @param run that of the manifest, where it is on this machine
 */
export async function ownHashCheck(bundle: OpenBundle, run: Run | undefined, signal: AbortSignal): Promise<Check[]> {
  const sha256 = await bundle.sha256(signal);
  if (sha256 === undefined) return manifestOfFolder(bundle);
  const written = run?.journal.entries.filter((entry) => entry.type === 'bundled' || entry.type === 'attached') ?? [];
  if (run === undefined || written.length === 0)
    return [
      check(
        'unknown',
        'zip.sha256',
        where,
        `no run here wrote it; compare with what its sender says: SHA-256 ${sha256}`,
      ),
    ];
  const known = written.find((entry) => entry.sha256 === sha256);
  if (known === undefined)
    return [
      check(
        'unsafe',
        'zip.sha256',
        where,
        `SHA-256 ${sha256} is none of those that run ${run.id} wrote: it was changed since`,
      ),
    ];
  const place = written.some((entry) => entry.type === 'attached' && entry.sha256 === sha256) ? ', and attached' : '';
  return [check('ok', 'zip.sha256', where, `SHA-256 as run ${run.id} wrote it${place}`)];
}

/** What is not in a ZIP has no hash that somebody could compare. The manifest of a run lies where it was written. */
function manifestOfFolder({ kind, manifest }: OpenBundle): Check[] {
  if (kind !== 'folder' || manifest === undefined) return [];
  const text = 'manifest.json has no SHA-256 that it could be compared with, as a ZIP has';
  return [check('unknown', 'manifest.hash', 'manifest', text)];
}
