import { type Appliance, serverTitle } from '../domain/appliance.js';
import { latest } from '../domain/journal.js';
import { UserError } from '../errors.js';
import type { Edges } from './edges.js';

/**
 * Keeps other runs with this state folder away from these servers: one techsupport and one backup at a time.
 * @returns what lets them in again
 * @throws UserError `busy`, which names the run that is at work
 */
export async function lockServers(appliances: readonly Appliance[], edges: Edges): Promise<() => void> {
  const held: (() => void)[] = [];
  const release = () => {
    for (const free of held) free();
  };
  for (const { name, id, address, cli, hostOs } of appliances) {
    try {
      held.push(await edges.takeLock(`server ${address} ${cli.port} ${hostOs.port}`));
    } catch (error) {
      release();
      if (!(error instanceof UserError) || error.code !== 'busy') throw error;
      const by = await runAtWorkOn(name, edges);
      throw new UserError('busy', `${serverTitle(id)} ${name} is being collected from by ${by ?? 'another icepack'}`, {
        exit: error.exit,
        hint: 'Nothing was done. Run it again when that one has ended; icepack runs shows it',
        cause: error,
      });
    }
  }
  return release;
}

const pollMs = 2000;

/** As `lockServers`, but waits for its turn. */
export async function awaitServers(
  appliances: readonly Appliance[],
  edges: Edges,
  signal: AbortSignal,
): Promise<() => void> {
  for (;;) {
    try {
      return await lockServers(appliances, edges);
    } catch (error) {
      if (signal.aborted || !(error instanceof UserError) || error.code !== 'busy') throw error;
      await edges.sleep(pollMs, signal);
    }
  }
}

/** One submission per incident at a time. @throws UserError `busy` */
export async function lockReference(reference: string, run: string, edges: Edges): Promise<() => void> {
  try {
    return await edges.takeLock(`reference ${reference}`);
  } catch (error) {
    if (!(error instanceof UserError) || error.code !== 'busy') throw error;
    throw new UserError('busy', 'another icepack is submitting this incident', {
      exit: error.exit,
      hint: `What was collected is kept. When that one has ended: icepack resume ${run}`,
      cause: error,
    });
  }
}

async function runAtWorkOn(server: string, edges: Edges): Promise<string | undefined> {
  for (const id of (await edges.runs.ids()).reverse()) {
    const run = await edges.runs.find(id).catch(() => undefined); // a damaged run is not at work
    if (run === undefined || !latest(run.journal, 'started')?.servers?.includes(server)) continue;
    if (await edges.runs.isGoingOn(id)) return `run ${id}`;
  }
  return undefined;
}
