import { freeBytesIn, freeSpaceCommand } from '../collectors/host-os.js';
import type { Appliance } from '../domain/appliance.js';
import type { CapturePolicy } from '../domain/capture.js';
import { formatSize } from '../domain/quantities.js';
import { withDeadline } from '../servers/deadline.js';
import type { ServerFaces } from '../servers/server-faces.js';
import { exec } from '../ssh/exec.js';

const lookLimitMs = 15_000;
const mark = 'icepack-then';

/** The brackets keep the pattern from matching the shell that carries it. */
const running = "pgrep -f '[t]echsupport'";

/**
 * Looks at the host OS before anything is asked of it. @returns why the server is left alone; undefined where it may be
 * captured, also where the host OS cannot be asked
 */
export async function whyNotNow(
  { hostOs }: Appliance,
  faces: ServerFaces,
  { loadPerCore, freeDiskBytes }: CapturePolicy['skip'],
  signal: AbortSignal,
): Promise<string | undefined> {
  const parts = ['cat /proc/loadavg; nproc', freeSpaceCommand(hostOs.home), running];
  const asked = await printed(parts.join(`; echo ${mark}; `), faces, signal);
  const [busy = '', space = '', processes = ''] = asked.split(`${mark}\n`);
  const load = loadIn(busy);
  if (load !== undefined && load.perCore > loadPerCore)
    return `its load is ${load.text}, more than ${loadPerCore} per core (captures.skip.loadPerCore)`;
  const free = freeBytesIn(space);
  if (free !== undefined && free < freeDiskBytes)
    return `only ${formatSize(free)} are free on its host OS, less than ${formatSize(freeDiskBytes)} (captures.skip.freeDisk)`;
  return /^\d+$/m.test(processes) ? 'somebody runs techsupport there' : undefined;
}

async function printed(command: string, faces: ServerFaces, signal: AbortSignal): Promise<string> {
  try {
    const sessions = await faces.sessions('hostOs');
    return await withDeadline(lookLimitMs, signal, async (limited) => (await exec(sessions, command, limited)).stdout);
  } catch {
    signal.throwIfAborted();
    return ''; // it is not known then; what can be captured all the same is
  }
}

/** @returns undefined where this is not what Linux prints */
export function loadIn(output: string): { perCore: number; text: string } | undefined {
  const [, load, cores] = /^(\d+\.\d+) [\d. /]+\n(\d+)\s*$/m.exec(output) ?? [];
  if (load === undefined || cores === undefined || Number(cores) === 0) return undefined;
  return { perCore: Number(load) / Number(cores), text: `${load} on ${cores} cores` };
}
