import { instantsAt } from './bounds.js';
import type { PartEnd } from './part-end.js';
import type { Rhythm } from './rhythm.js';

/** The zone of a log's times, as its own files show it. */
export type ZoneFinding =
  /** No time needed a zone. */
  | { kind: 'none' }
  | { kind: 'confirmed'; zone: string }
  /** The zone is another one than the server's. */
  | { kind: 'other'; zone: string }
  /**
   * The zone cannot be known; `zones` are the possible ones, `contradicts` says whether a file contradicts the server's
   * own.
   */
  | { kind: 'unknown'; zones: readonly string[]; contradicts: boolean };

/** A file's time is never before its newest line by more than this, the precision of both. */
const finenessMs = 2000;
/** A live log is packed, or written to, within this time after its newest line. */
const nearMs = 90_000;
/** A file's time this near its newest line is proof by itself. */
const exactMs = 5000;
/** What was read within this time is still new. */
const freshMs = 5 * 60_000;
const hourMs = 3_600_000;

/** The offsets from UTC that are in use, whole hours and others. */
const legalMinutes: readonly number[] = [
  ...Array.from({ length: 27 }, (_, index) => (index - 12) * 60),
  ...[-570, -210, -150, 210, 270, 330, 345, 390, 525, 570, 630, 765, 825],
].sort((a, b) => a - b);

/** What else is known of a log whose zone is looked for. */
export type ZoneContext = {
  /** The time by the server's clock; a newest line that agrees with it confirms the zone without a file's time. */
  now: Date;
  rhythm: Rhythm;
};

/**
 * Finds the zone of a log. The time of a file is that of its newest line (measured with logrotate, Log4j, Logback and
 * java.util.logging), so the zone is the one in which both agree. Another zone than the server's is believed only if the
 * server's own is impossible, or would mean that logging had stopped: files are also packed, copied and touched some
 * hours after their last line.
 * @param parts newest last; a file without a time of its own proves nothing
 * @param zones the possible ones, the server's own first
 */
export function zoneFrom(parts: readonly PartEnd[], zones: readonly string[], context: ZoneContext): ZoneFinding {
  const [own = 'UTC'] = zones;
  const newest = parts.at(-1);
  if (newest === undefined) return { kind: 'none' };
  const { now, rhythm } = context;
  if (newest.writtenAt === undefined && isLegal({ ...newest, writtenAt: now }, own, nearMs))
    return { kind: 'confirmed', zone: own };
  const dated = parts.filter((part): part is Dated => part.writtenAt !== undefined);
  if (dated.length === 0) return { kind: 'unknown', zones, contradicts: false };
  const all = [...new Set([...zones, ...dated.slice(-1).flatMap(smallestLegal)])];
  const possible = all.filter((zone) => dated.every((part) => delayMs(part, zone) >= -finenessMs));
  const others = possible.filter((zone) => zone !== own);
  const unknown: ZoneFinding = {
    ...{ kind: 'unknown', zones: [own, ...others] },
    contradicts: !possible.includes(own),
  };
  if (!possible.includes(own)) {
    // A newest line as new as the server's clock speaks for its zone, whatever the time of the file.
    const isNew = isLegal({ ...newest, writtenAt: now }, own, freshMs);
    return isNew ? unknown : (otherOf(others.find((zone) => isProven(dated, zone))) ?? unknown);
  }
  if (isConfirmed(dated, own)) return isMixed(dated, own, rhythm) ? unknown : { kind: 'confirmed', zone: own };
  const last = dated.at(-1);
  if (last?.isCurrent !== true || last.isAlone || !rhythm.isStop(delayMs(last, own), false)) return unknown;
  return otherOf(others.find((zone) => isLegal(last, zone, exactMs))) ?? unknown;
}

function otherOf(zone: string | undefined): ZoneFinding | undefined {
  return zone === undefined ? undefined : { kind: 'other', zone };
}

type Dated = PartEnd & { writtenAt: Date };

/**
 * Whether the files confirm a zone. A log that is being written to has the time of its newest line; a file that was
 * packed later may have another time.
 */
function isConfirmed(parts: readonly Dated[], zone: string): boolean {
  const newest = parts.at(-1);
  const proof = newest?.isCurrent === true ? [newest] : parts;
  return proof.some((part) => isLegal(part, zone, nearMs));
}

/**
 * Whether a file's newest line is whole hours before its time, to the second: its times may be in another zone than the
 * others'.
 */
function isMixed(parts: readonly Dated[], own: string, rhythm: Rhythm): boolean {
  return parts.some((part) => {
    const delay = delayMs(part, own);
    const isHours = delay > nearMs && Math.abs(delay - Math.round(delay / hourMs) * hourMs) <= exactMs;
    return isHours && !rhythm.isUsual(delay);
  });
}

/**
 * Whether a zone is proven where the server's own is impossible: the file that is being written to, or two files, agree.
 */
function isProven(parts: readonly Dated[], zone: string): boolean {
  const newest = parts.at(-1);
  if (newest === undefined || !isLegal(newest, zone, nearMs)) return false;
  if (newest.isCurrent && !newest.isAlone && isLegal(newest, zone, exactMs)) return true;
  return parts.filter((part) => isLegal(part, zone, nearMs)).length >= 2;
}

function isLegal(part: Dated, zone: string, withinMs: number): boolean {
  const delay = delayMs(part, zone);
  return delay >= -finenessMs && delay <= withinMs;
}

/**
 * How long after its newest line a file was written, if its times are in this zone; in an hour that comes twice, the
 * shorter time.
 */
function delayMs({ newestLocalMs, writtenAt }: Dated, zone: string): number {
  const delays = instantsAt(newestLocalMs, zone).map((ms) => writtenAt.getTime() - ms);
  const legal = delays.filter((delay) => delay >= -finenessMs);
  return legal.length > 0 ? Math.min(...legal) : Math.max(...delays);
}

/** The zone by offset in which the newest line is not after the file's time, and closest to it. */
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
