import { createHash } from 'node:crypto';
import type { Capture } from '../domain/capture.js';
import { formatDuration } from '../domain/quantities.js';

/** How much later a server is captured than it is due: fixed for a machine and a server, so that distances stay equal. */
export function jitterOf(machine: string, server: string, jitterMs: number): number {
  const hash = createHash('sha256').update(`${machine} ${server}`).digest().readUInt32BE(0);
  return Math.floor((hash / 2 ** 32) * jitterMs);
}

/** When it begins, for who waits for it; nothing where it begins at once. @param delays of each server, the shortest first */
export function waitText(delays: readonly { name: string; laterMs: number }[]): string | undefined {
  const [first, last] = [delays[0], delays.at(-1)];
  if (first === undefined || last === undefined || last.laterMs === 0) return undefined;
  const others = last === first ? '' : `, ${last.name} in ${formatDuration(last.laterMs)}`;
  return `${first.name} begins in ${formatDuration(first.laterMs)}${others} (captures.jitter); at once with --jitter 0`;
}

/** Whether the last capture began less than half a distance ago; one that the clock puts far into the future does not count. */
export function isTooEarly(last: Capture | undefined, everyMs: number, now: Date): boolean {
  return last !== undefined && Math.abs(now.getTime() - Date.parse(last.record.started)) < everyMs / 2;
}
