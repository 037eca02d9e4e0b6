import { icepack, say } from '../domain/command.js';
import { formatSize } from '../domain/quantities.js';
import { usableBytes } from '../fs/room.js';
import { pastRuns } from '../runs/past-runs.js';
import type { Run, RunStore } from '../state/runs.js';
import type { Operator } from '../ui/operator.js';

/** Warns before anything is fetched where the disk has less room than the last run of these servers took. */
export async function warnOfRoom(
  servers: readonly string[],
  run: Run,
  operator: Operator,
  runs: RunStore,
): Promise<void> {
  const last = await lastRunOf(servers, run.id, runs);
  if (last === undefined) return;
  const [took, usable] = await Promise.all([runs.sizeOf(last), usableBytes(run.folder)]);
  if (usable >= took) return;
  operator.emit({
    type: 'warning',
    text: `there may be too little room: ${formatSize(usable)} can be used at ${run.folder}, and run ${last} of these servers took ${formatSize(took)}`,
    hint: say`Make room, or set XDG_STATE_HOME to a larger disk; what does not fit can be had later: ${icepack('resume', run.id)}`,
  });
}

async function lastRunOf(servers: readonly string[], thisRun: string, runs: RunStore): Promise<string | undefined> {
  for await (const { run, manifest } of pastRuns(runs, thisRun)) {
    const before = new Set(manifest.servers.map(({ name }) => name));
    if (servers.every((name) => before.has(name))) return run.id;
  }
  return undefined;
}
