import type { Window } from '../domain/window.js';
import { instantsOf, localTime, offsetMinutes } from '../domain/zone.js';
import type { Stamp } from './stamp-fields.js';

type Range = { since: number; until: number };

/** No change of the clocks is larger. */
const largestChangeMs = 3 * 3_600_000;
/** A time may stand for so much that follows it. */
const largestSpanMs = 60_000;

/** A window as the stamps of a log show it: those that name their zone, and those that do not, in each zone they may be of. */
export class Bounds {
  readonly instant: Range;
  /** All wall-clock times of the window, in whatever zone, read as if they were UTC. */
  readonly local: Range;
  private readonly locals: readonly Range[];
  /** By the server's calendar: around new year UTC is in another year. */
  private readonly years: readonly number[];

  constructor(window: Window, zones: readonly string[]) {
    this.instant = { since: window.since.getTime(), until: window.until.getTime() };
    this.locals = zones.map((zone) => localRange(this.instant, zone));
    this.local = {
      since: Math.min(...this.locals.map(({ since }) => since)),
      until: Math.max(...this.locals.map(({ until }) => until)),
    };
    this.years = [...new Set([this.local.since, this.local.until].map((ms) => new Date(ms).getUTCFullYear()))];
  }

  /** Where a time stands for two instants, or may be read in two ways, both count; where it names no year, any year. */
  holds(stamp: Stamp): boolean {
    if (this.holdsAt(stamp.ms, stamp)) return true;
    for (const ms of stamp.others) if (this.holdsAt(ms, stamp)) return true;
    return stamp.yearless && this.years.some((year) => this.holdsAt(new Date(stamp.ms).setUTCFullYear(year), stamp));
  }

  /** Whether another time of the same minute may be on the other side of an end of the window. */
  isNearEnd({ kind, ms, yearless }: Stamp): boolean {
    const ranges = kind === 'instant' ? [this.instant] : this.locals;
    const others = yearless ? this.years.map((year) => new Date(ms).setUTCFullYear(year)) : [];
    return [ms, ...others].some((at) => ranges.some(({ since, until }) => isNear(at, since) || isNear(at, until)));
  }

  /** Whether a time is of the window as it was read, and not only in another year or another order of day and month. */
  isNear(kind: Stamp['kind'], ms: number): boolean {
    const { since, until } = this[kind];
    return ms > since - largestSpanMs && ms <= until;
  }

  private holdsAt(ms: number, { kind, spanMs }: Stamp): boolean {
    if (kind === 'instant') return isWithin(this.instant, ms, spanMs);
    for (const range of this.locals) if (isWithin(range, ms, spanMs)) return true;
    return false;
  }
}

function isWithin({ since, until }: Range, ms: number, spanMs: number): boolean {
  return ms + spanMs > since && ms <= until;
}

function isNear(ms: number, endMs: number): boolean {
  return Math.abs(ms - endMs) <= 2 * 60_000;
}

/** Where the offset changes inside the window, the wider span holds all wall-clock times of it. */
function localRange({ since, until }: Range, zone: string): Range {
  // Also right inside: the clocks may be set at one end of a long window, and be set again at the other one.
  const inside = [Math.min(since + largestChangeMs, until), Math.max(until - largestChangeMs, since)];
  const offsets = [since, ...inside, until].map((ms) => offsetMinutes(zone, new Date(ms)) * 60_000);
  return { since: since + Math.min(...offsets), until: until + Math.max(...offsets) };
}

/** The instants at which the clocks of a zone show a wall-clock time; none only where there is no time. */
export function instantsAt(wallMs: number, zone: string): number[] {
  if (!Number.isFinite(wallMs)) return [];
  const wholeMs = Math.floor(wallMs / 1000) * 1000;
  const found = instantsOf(localTime(new Date(wholeMs), 'UTC'), zone).map((at) => at.getTime() + wallMs - wholeMs);
  // A clock that did not follow the change shows a time that was skipped.
  return found.length > 0 ? found : [wallMs - offsetMinutes(zone, new Date(wallMs)) * 60_000];
}
