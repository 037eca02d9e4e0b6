import type { Window } from '../domain/window.js';
import { instantsOf, localTime, offsetMinutes } from '../domain/zone.js';
import type { Stamp } from './stamp-fields.js';

type Range = { since: number; until: number };

/** The largest change of a zone's clocks. */
const largestChangeMs = 3 * 3_600_000;
/** The longest span that one time may stand for. */
const largestSpanMs = 60_000;

/**
 * A window in terms of the stamps in a log: those that name their zone, and those that do not, in each zone they may
 * belong to.
 */
export class Bounds {
  readonly instant: Range;
  /** All wall-clock times in the window, in any of the zones, read as if they were UTC. */
  readonly local: Range;
  private readonly locals: readonly Range[];
  /** The years of the window by the server's calendar: around new year, UTC is in another year. */
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

  /**
   * Whether a time is in the window. If it stands for two instants, or can be read in two ways, both count; without a
   * year, any year counts.
   */
  holds(stamp: Stamp): boolean {
    if (this.holdsAt(stamp.ms, stamp)) return true;
    for (const ms of stamp.others) if (this.holdsAt(ms, stamp)) return true;
    return stamp.yearless && this.years.some((year) => this.holdsAt(new Date(stamp.ms).setUTCFullYear(year), stamp));
  }

  /** Whether another time in the same minute may be across one of the window's ends. */
  isNearEnd({ kind, ms, yearless }: Stamp): boolean {
    const ranges = kind === 'instant' ? [this.instant] : this.locals;
    const others = yearless ? this.years.map((year) => new Date(ms).setUTCFullYear(year)) : [];
    return [ms, ...others].some((at) => ranges.some(({ since, until }) => isNear(at, since) || isNear(at, until)));
  }

  /** Whether a time is in the window as it was read, not only in another year or with day and month exchanged. */
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

/**
 * The wall-clock times of the window. Where the offset changes inside the window, the wider span is taken, which holds
 * all of them.
 */
function localRange({ since, until }: Range, zone: string): Range {
  // Also right inside: the clocks may be set at one end of a long window, and be set again at the other one.
  const inside = [Math.min(since + largestChangeMs, until), Math.max(until - largestChangeMs, since)];
  const offsets = [since, ...inside, until].map((ms) => offsetMinutes(zone, new Date(ms)) * 60_000);
  return { since: since + Math.min(...offsets), until: until + Math.max(...offsets) };
}

/** The instants at which the clocks of a zone show a wall-clock time; there are none only if the time is invalid. */
export function instantsAt(wallMs: number, zone: string): number[] {
  if (!Number.isFinite(wallMs)) return [];
  const wholeMs = Math.floor(wallMs / 1000) * 1000;
  const found = instantsOf(localTime(new Date(wholeMs), 'UTC'), zone).map((at) => at.getTime() + wallMs - wholeMs);
  // A clock that did not follow the change shows a time that was skipped.
  return found.length > 0 ? found : [wallMs - offsetMinutes(zone, new Date(wallMs)) * 60_000];
}
