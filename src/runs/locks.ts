import { type Appliance, serverTitle } from '../domain/appliance.js';
import { icepack, say } from '../domain/command.js';
import { latest } from '../domain/journal.js';
import { exitCode, UserError } from '../errors.js';
import type { RunStore } from '../state/runs.js';

/**
 * Keeps other runs with this state folder away from these servers: one techsupport and one backup at a time.
 * @param own the run that asks, where it has begun
 * @returns what lets them in again
 * @throws UserError `busy`, which names the run that is at work
 */
export async function lockServers(appliances: readonly Appliance[], runs: RunStore, own?: string): Promise<() => void> {
  const held: (() => void)[] = [];
  const release = () => {
    for (const free of held) free();
  };
  try {
    for (const appliance of appliances) held.push(await lockServer(appliance, runs, own));
    const atWork = await serversAtWork(runs, own); // a lock is not seen from another network namespace; a process is
    for (const appliance of appliances) {
      const run = atWork.get(appliance.name);
      if (run !== undefined) throw busyAt(appliance, run);
    }
  } catch (error) {
    release();
    throw error;
  }
  return release;
}

async function lockServer(appliance: Appliance, runs: RunStore, own: string | undefined): Promise<() => void> {
  const { name, address, cli, hostOs, via } = appliance;
  const way = via.map((hop) => `via ${hop.address} ${hop.port} `).join(''); // sites have the same private addresses
  try {
    return await runs.lock(`server ${way}${address} ${cli.port} ${hostOs.port}`);
  } catch (error) {
    if (!isBusy(error)) throw error;
    throw busyAt(appliance, (await serversAtWork(runs, own)).get(name), error);
  }
}

/** The error for a server at work; it names no run where that has not begun, or a stranger holds the lock. */
function busyAt({ id, name }: Appliance, run: string | undefined, cause?: UserError): UserError {
  const who = cause?.hint;
  const again = 'Nothing was done. Run it again when that one has ended';
  return new UserError(
    'busy',
    `${serverTitle(id)} ${name} is being collected from by ${run === undefined ? 'another icepack' : `run ${run}`}`,
    {
      exit: exitCode.busy,
      hint: run === undefined && who !== undefined ? say`${again}. ${who}` : say`${again}; ${icepack('runs')} shows it`,
      cause,
    },
  );
}

export function isBusy(error: unknown): error is UserError {
  return error instanceof UserError && error.code === 'busy';
}

/** One submission per incident at a time. @throws UserError `busy` */
export async function lockReference(reference: string, run: string, runs: RunStore): Promise<() => void> {
  try {
    return await runs.lock(`reference ${reference}`);
  } catch (error) {
    if (!isBusy(error)) throw error;
    throw new UserError('busy', 'another icepack is submitting this incident', {
      exit: error.exit,
      hint: say`What was collected is kept. ${error.hint ?? ''}. When that one has ended: ${icepack('resume', run)}`,
      cause: error,
    });
  }
}

/** The servers that runs are collecting from now, and the runs. */
export async function serversAtWork(runs: RunStore, own: string | undefined): Promise<Map<string, string>> {
  const atWork = new Map<string, string>();
  const goingOn: string[] = [];
  for (const id of await runs.ids()) if (id !== own && (await runs.isGoingOn(id))) goingOn.push(id);
  for await (const { id, journal } of runs.each(goingOn)) {
    if (latest(journal, 'collected') !== undefined) continue;
    for (const server of latest(journal, 'started')?.servers ?? []) atWork.set(server, id);
  }
  return atWork;
}
