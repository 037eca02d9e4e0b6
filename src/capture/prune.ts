import type { CapturePolicy } from '../domain/capture.js';
import { type Kept, leaving } from '../domain/capture-retention.js';
import { owesTicket, stateOf } from '../domain/owed.js';
import { pastRuns } from '../runs/past-runs.js';
import type { Workplace } from '../servers/workplace.js';

/** What is to stay free on the disk: so much, or a tenth of it. */
const [freeBytes, freeShare] = [2_000_000_000, 0.1];

/** Takes out of the rings what is too old or too much, oldest first. */
export async function pruneCaptures(
  policy: CapturePolicy,
  { captures, runs, operator }: Pick<Workplace, 'captures' | 'runs' | 'operator'>,
): Promise<void> {
  const owed = await owedCaptures(runs);
  const rings: Kept[][] = [];
  for (const server of await captures.servers()) {
    const ring = (await captures.ring(server)).captures.map(({ id, bytes, record }) => ({
      ...{ id, bytes, server, startedMs: Date.parse(record.started), isOwed: owed.has(`${server} ${id}`) },
    }));
    rings.push(ring);
  }
  const disk = await captures.room();
  const missingBytes = Math.min(freeBytes, disk.bytes * freeShare) - disk.freeBytes;
  for (const { server, id } of leaving(rings, policy, operator.now(), missingBytes)) await captures.remove(server, id);
}

/** What bundles have that are not at their tickets yet, by server and id. */
async function owedCaptures(runs: Workplace['runs']): Promise<Set<string>> {
  const owed = new Set<string>();
  for await (const { run, manifest } of pastRuns(runs)) {
    if (!owesTicket(stateOf(run.journal))) continue;
    for (const { name, items } of manifest.servers)
      for (const { capture } of items) if (capture !== undefined) owed.add(`${name} ${capture.id}`);
  }
  return owed;
}
