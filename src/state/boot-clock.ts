import { readFile } from 'node:fs/promises';
import { uptime } from 'node:os';
import type { Stamp } from '../domain/watch-event.js';

/** So much of its number tells a boot from others. */
const bootLength = 8;

/**
 * Now, by the clock on the wall and by the time since this machine was started, which nobody can set. Where the kernel gives
 * no number of the boot, each process counts as one: nothing is said of the time between two of them.
 */
export async function stampNow(): Promise<Stamp> {
  const read = (path: string) => readFile(path, 'utf8').catch(() => ''); // not Linux
  const [boot, up] = await Promise.all([read('/proc/sys/kernel/random/boot_id'), read('/proc/uptime')]);
  const upSeconds = /^\d+\.\d+/.exec(up)?.[0] ?? uptime();
  return {
    wallMs: Date.now(),
    boot: boot.slice(0, bootLength) || `process ${process.pid}`,
    upMs: Math.round(Number(upSeconds) * 1000),
  };
}
