import { createHash } from 'node:crypto';
import type { Capture } from '../domain/capture.js';

/** How much later a server is captured than it is due: fixed for a machine and a server, so that distances stay equal. */
export function jitterOf(machine: string, server: string, jitterMs: number): number {
  const hash = createHash('sha256').update(`${machine} ${server}`).digest().readUInt32BE(0);
  return Math.floor((hash / 2 ** 32) * jitterMs);
}

/** Whether the last capture began less than half a distance ago; one that the clock puts far into the future does not count. */
export function isTooEarly(last: Capture | undefined, everyMs: number, now: Date): boolean {
  return last !== undefined && Math.abs(now.getTime() - Date.parse(last.record.started)) < everyMs / 2;
}
