import type { Manifest } from '../domain/manifest.js';
import type { Run, RunStore } from '../state/runs.js';

export type PastRun = { run: Run; manifest: Manifest };

const runsLookedBackOn = 50;

/** Runs on this machine that collected something, newest minute first; the runs of one minute are in no order. */
export async function* pastRuns(runs: RunStore, except?: string): AsyncGenerator<PastRun> {
  const ids = (await runs.ids()).filter((id) => id !== except);
  for await (const run of runs.each(ids.slice(-runsLookedBackOn).reverse())) {
    const manifest = await run.readManifest().catch(() => undefined); // cut before it was written
    if (manifest !== undefined) yield { run, manifest };
  }
}
