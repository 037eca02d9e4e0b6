import { offsetMinutes } from '../domain/zone.js';
import type { PartEnd } from './entries.js';

/** What zone the times of a log are of, as its own files show it. */
export type ZoneFinding =
  /** No time needed a zone. */
  | { kind: 'none' }
  | { kind: 'confirmed'; zone: string }
  /** Another one than that of the server. */
  | { kind: 'other'; zone: string }
  /** It cannot be known; `zones` are those that may be, `contradicts` whether a file contradicts the server's own. */
  | { kind: 'unknown'; zones: readonly string[]; contradicts: boolean };

/** A file's time is never before its newest line, by more than the fineness of both. */
const finenessMs = 2000;
/** A live log is packed, or written to, so soon after its newest line. */
const nearMs = 90_000;
/** So near that one file alone is proof. */
const exactMs = 5000;

/** Whole hours, and the others that are in use. */
const legalMinutes: readonly number[] = [
  ...Array.from({ length: 27 }, (_, index) => (index - 12) * 60),
  ...[-570, -210, -150, 210, 270, 330, 345, 390, 525, 570, 630, 765, 825],
].sort((a, b) => a - b);

/**
 * Finds out the zone of a log: the time of a file is that of its newest line (measured with logrotate, Log4j, Logback
 * and java.util.logging), so that the zone is the one in which both agree.
 * @param parts newest last; a file without a time of its own proves nothing
 * @param zones those that may be, the server's own first
 * @param now the server's clock; a newest line that is as new as that confirms its zone without a file's time
 */
export function zoneFrom(parts: readonly PartEnd[], zones: readonly string[], now: Date): ZoneFinding {
  const [own = 'UTC'] = zones;
  const newest = parts.at(-1);
  if (newest === undefined) return { kind: 'none' };
  if (newest.writtenAt === undefined && isFresh({ ...newest, writtenAt: now }, own))
    return { kind: 'confirmed', zone: own };
  const dated = parts.filter((part): part is Dated => part.writtenAt !== undefined);
  if (dated.length === 0) return { kind: 'unknown', zones, contradicts: false };
  const all = [...new Set([...zones, ...dated.slice(-1).flatMap(smallestLegal)])];
  const possible = all.filter((zone) => dated.every((part) => delayMs(part, zone) >= -finenessMs));
  if (possible.includes(own) && isConfirmed(dated, own)) return { kind: 'confirmed', zone: own };
  const other = possible.find((zone) => zone !== own && fits(dated, zone));
  if (other !== undefined) return { kind: 'other', zone: other };
  return { kind: 'unknown', zones: [...new Set([own, ...possible])], contradicts: !possible.includes(own) };
}

function isFresh(part: Dated, zone: string): boolean {
  return delayMs(part, zone) >= -finenessMs && isNear(part, zone, nearMs);
}

type Dated = PartEnd & { writtenAt: Date };

/** A log that is written to has the time of its newest line; what was packed later than that may have another one. */
function isConfirmed(parts: readonly Dated[], zone: string): boolean {
  const newest = parts.at(-1);
  const proof = newest?.isCurrent === true ? [newest] : parts;
  return proof.some((part) => isNear(part, zone, nearMs));
}

function fits(parts: readonly Dated[], zone: string): boolean {
  const newest = parts.at(-1);
  if (newest === undefined || !isNear(newest, zone, nearMs)) return false;
  return isNear(newest, zone, exactMs) || parts.filter((part) => isNear(part, zone, nearMs)).length >= 2;
}

function isNear(part: Dated, zone: string, withinMs: number): boolean {
  return Math.abs(delayMs(part, zone)) <= withinMs;
}

/** How long after its newest line a file was written, if its times are of this zone. */
function delayMs({ newestLocalMs, writtenAt }: Dated, zone: string): number {
  return writtenAt.getTime() - newestLocalMs + offsetMinutes(zone, writtenAt) * 60_000;
}

/** The zone without a name in which the newest line is not after the file's time, and nearest to it. */
function smallestLegal({ newestLocalMs, writtenAt }: Dated): string[] {
  const leastMs = newestLocalMs - writtenAt.getTime() - finenessMs;
  const minutes = legalMinutes.find((east) => east * 60_000 >= leastMs);
  return minutes === undefined ? [] : [fixedZone(minutes)];
}

/** @returns e.g. `+05:30`; `UTC` for 0 */
function fixedZone(minutes: number): string {
  if (minutes === 0) return 'UTC';
  const absolute = Math.abs(minutes);
  const [hours, rest] = [Math.floor(absolute / 60), absolute % 60].map((part) => String(part).padStart(2, '0'));
  return `${minutes < 0 ? '-' : '+'}${hours}:${rest}`;
}
