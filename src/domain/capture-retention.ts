import type { Capture, CapturePolicy } from './capture.js';

export type Kept = Pick<Capture, 'id' | 'bytes'> & {
  server: string;
  startedMs: number;
  /** A bundle that is still owed has it. */
  isOwed: boolean;
};

type Limits = Pick<CapturePolicy, 'keep' | 'daily' | 'maxAgeMs' | 'maxBytes'>;

const dayMs = 86_400_000;
/** So many of a ring leave for their age at a time: a clock that is set far ahead, and back again, empties no ring. */
const oldAtATime = 2;

/**
 * What leaves the ring: oldest first, by their numbers and not by the clock, which may have been set. Never the last one of a
 * server, and never what is owed.
 * @param rings the captures of each server, oldest first
 * @param missingBytes how much room the disk lacks
 */
export function leaving(rings: readonly (readonly Kept[])[], limits: Limits, now: Date, missingBytes: number): Kept[] {
  const tooMany = rings.flatMap((ring) => beyondCount(ring, limits, now));
  const rest = rings.map((ring) => ring.filter((capture) => !tooMany.includes(capture)));
  return [...tooMany, ...beyondSize(rest, limits.maxBytes, missingBytes - bytesOf(tooMany))];
}

function beyondCount(ring: readonly Kept[], { keep, daily, maxAgeMs }: Limits, now: Date): Kept[] {
  const newest = new Set(ring.slice(-keep));
  for (const capture of daily === 0 ? [] : lastOfDays(ring).slice(-daily)) newest.add(capture);
  const isOld = ({ startedMs }: Kept) => now.getTime() - startedMs > maxAgeMs;
  const leavable = ring.filter((_, at) => mayLeave(ring, at));
  const old = leavable.filter(isOld).slice(0, oldAtATime);
  return leavable.filter((capture) => !newest.has(capture) || old.includes(capture));
}

/** The newest of each day, in UTC. */
function lastOfDays(ring: readonly Kept[]): Kept[] {
  const days = new Map(ring.map((capture) => [Math.floor(capture.startedMs / dayMs), capture]));
  return ring.filter((capture) => [...days.values()].includes(capture));
}

function beyondSize(rings: readonly (readonly Kept[])[], maxBytes: number, missingBytes: number): Kept[] {
  const queues = rings.map((ring) => ring.filter((_, at) => mayLeave(ring, at)));
  let excess = Math.max(bytesOf(rings.flat()) - maxBytes, missingBytes);
  const left: Kept[] = [];
  while (excess > 0) {
    const heads = queues.flatMap(([first]) => (first === undefined ? [] : [first]));
    const oldest = heads.reduce<Kept | undefined>((a, b) => (a && a.startedMs <= b.startedMs ? a : b), undefined);
    if (oldest === undefined) break;
    queues.find(([first]) => first === oldest)?.shift();
    left.push(oldest);
    excess -= oldest.bytes;
  }
  return left;
}

function mayLeave(ring: readonly Kept[], at: number): boolean {
  return at < ring.length - 1 && ring[at]?.isOwed === false;
}

function bytesOf(captures: readonly Kept[]): number {
  return captures.reduce((sum, { bytes }) => sum + bytes, 0);
}
