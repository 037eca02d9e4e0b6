import { formatSize } from '../domain/quantities.js';
import { doubling } from '../domain/retried.js';
import { itemError } from '../errors.js';
import type { CollectorTools, HostOsTools } from './collector.js';
import { scriptsFolder } from './scripts.js';

/** Prints the free space below a folder, as every `df` since POSIX does. */
export function freeSpaceCommand(folder: string): string {
  return `LC_ALL=C df -Pk ${folder}`;
}

/** @returns bytes, or undefined when this is no answer of `df -Pk` */
export function freeBytesIn(output: string): number | undefined {
  const match = /\s(\d+)\s+(\d+)\s+(-?\d+)\s+\d+%\s+\S+\s*$/.exec(output.trimEnd());
  return match?.[3] === undefined ? undefined : Number(match[3]) * 1024;
}

type ReadyTools = Pick<CollectorTools, 'server' | 'hostOs' | 'signal' | 'pause' | 'warn'>;

/**
 * Checks, before anything is written on the host OS, that there is room, for a full disk would turn trouble into an
 * outage, and that no script of an earlier, interrupted run still runs. Both are asked in one session.
 * @throws UserError `disk-full`, `still-running`
 */
export async function awaitReady(tools: ReadyTools, script: string): Promise<void> {
  const { home } = tools.server.appliance.hostOs;
  const running = runningCommand(script);
  const { stdout } = await tools.hostOs.exec(`${freeSpaceCommand(home)}; echo ${divider}; ${running}`, {
    limitMs: commandLimitMs,
  });
  const [space = '', processes = ''] = stdout.split(`${divider}\n`);
  assertFreeSpace(tools, space);
  if (isProcess(processes)) await awaitTurn(tools, script, running);
}

const divider = 'icepack-then';

/** The command that finds a running script; the brackets keep its pattern from matching the shell that carries it. */
function runningCommand(script: string): string {
  return `pgrep -f '[.]/${script.replaceAll('.', '[.]')}( icepack-|$)'`;
}

/** Whether a process was found; without one, or without `pgrep`, no number is printed. */
function isProcess(output: string): boolean {
  return /^\d+$/m.test(output);
}

function assertFreeSpace({ server, warn }: ReadyTools, output: string): void {
  const { home, minFreeBytes } = server.appliance.hostOs;
  const free = freeBytesIn(output);
  if (free === undefined) {
    warn(`the free disk space of the host OS could not be read (df -Pk ${home}); going on`);
    return;
  }
  if (free < minFreeBytes)
    throw itemError(
      'disk-full',
      `only ${formatSize(free)} are free in ${home} on the host OS, less than hostOs.minFree of ${formatSize(minFreeBytes)}; nothing was written there`,
    );
}

const commandLimitMs = 15_000;
const scriptLimitSeconds = 45 * 60;
const shortestWaitMs = 200;
const longestWaitMs = 2000;
const maxWaits = 150;

/** Runs a script of the appliance in its folder; the server ends the script by itself if our connection is gone. */
export function runScript({ server, hostOs }: Pick<CollectorTools, 'server' | 'hostOs'>, script: string, args = '') {
  // Where there is no `timeout`, the script runs without it.
  const bounded = `$(command -v timeout >/dev/null && echo timeout ${scriptLimitSeconds}) ./${script}${args && ` ${args}`}`;
  return hostOs.exec(`cd ${scriptsFolder(server.appliance)} && ${bounded}`);
}

/** Ends a script that still runs with this name among its arguments. @returns whether the script is over now */
export async function endScript(
  { exec }: Pick<HostOsTools, 'exec'>,
  name: string,
  signal: AbortSignal,
): Promise<boolean> {
  const pattern = `[${name[0]}]${name.slice(1).replaceAll('.', '[.]')}`; // not the shell that carries it
  const { code } = await exec(`pkill -f '${pattern}'; sleep 0.2; pgrep -f '${pattern}'`, { signal });
  return code === 1;
}

/** Waits for a script that is running, because only one may run at a time. @throws UserError `still-running` */
async function awaitTurn({ hostOs, signal, pause, warn }: ReadyTools, script: string, running: string): Promise<void> {
  warn(`./${script} is still running on the host OS; waiting for it to end`);
  for (let waits = 1; waits <= maxWaits; waits++) {
    await pause(doubling(shortestWaitMs, waits, longestWaitMs));
    signal.throwIfAborted();
    const { stdout } = await hostOs.exec(running, { limitMs: commandLimitMs });
    if (!isProcess(stdout)) return;
  }
  throw itemError(
    'still-running',
    `./${script} of an earlier run is still running on the host OS; nothing was started`,
  );
}
