import type { Window } from '../domain/window.js';
import { instantsOf, localTime, offsetMinutes } from '../domain/zone.js';
import { readStamp, type Stamp } from './timestamp.js';

export type CutOptions = {
  /** The window as the appliance's clock shows it. */
  window: Window;
  /** The zone of stamps that name none. */
  zone: string;
  /** When the log was read, by the appliance's clock. */
  readAt: Date;
};

/** What a log held and what of it was kept. */
export type CutResult = {
  first: Date | undefined;
  last: Date | undefined;
  /** Lines with a time of their own; 0 means that nothing parsed and the log was kept whole. */
  stampedLines: number;
  /** Those of them that name no zone. */
  localLines: number;
  bytesIn: number;
  bytesOut: number;
  /** The last line has no end: it was being written. */
  openEnd: boolean;
};

const lineFeed = 10;
/** A longer line is judged by its beginning and passed on as it comes. */
const maxHeldBytes = 1024 * 1024;
const maxStampBytes = 48;

/**
 * Cuts a window out of a log that comes in chunks; both ends are inclusive. Bytes are passed on as they are. A line
 * without a time belongs to the entry before it; lines before the first time are kept, so a log in which nothing
 * parses is kept whole. Where a wall-clock time stands for two instants, both count; where it names no year, any year.
 */
export function createCutter(options: CutOptions) {
  const bounds = boundsOf(options);
  const stamp: Stamp = { kind: 'local', ms: 0, spanMs: 1, yearless: false };
  const years = { ...bounds.years };
  const result: CutResult = {
    first: undefined,
    last: undefined,
    stampedLines: 0,
    localLines: 0,
    bytesIn: 0,
    bytesOut: 0,
    openEnd: false,
  };
  const seen = { instant: nothingSeen(), local: nothingSeen() };
  let keeping = true;
  let rest: Buffer[] = [];
  let restBytes = 0;
  /** The line that goes on was judged already. */
  let isJudged = false;

  /** Judges the lines in `chunk` up to its last line feed; yields the runs of lines to keep. */
  function* linesOf(chunk: Buffer, end: number): Generator<Buffer> {
    let runStart = -1;
    let at = 0;
    while (at < end) {
      const feed = chunk.indexOf(lineFeed, at);
      const lineEnd = feed < 0 || feed >= end ? end : feed + 1;
      if (readStamp(chunk, at, lineEnd, stamp, years)) keeping = isInside();
      if (keeping && runStart < 0) runStart = at;
      if (!keeping && runStart >= 0) {
        yield kept(chunk.subarray(runStart, at));
        runStart = -1;
      }
      at = lineEnd;
    }
    if (runStart >= 0) yield kept(chunk.subarray(runStart, end));
  }

  function isInside(): boolean {
    result.stampedLines++;
    const { ms } = stamp;
    const isLocal = stamp.kind === 'local';
    if (isLocal) result.localLines++;
    const span = isLocal ? seen.local : seen.instant;
    if (ms < span.firstMs) span.firstMs = ms;
    if (ms > span.lastMs) span.lastMs = ms;
    const range = isLocal ? bounds.local : bounds.instant;
    if (ms + stamp.spanMs > range.since && ms <= range.until) return true;
    return stamp.yearless && bounds.otherYears.some((year) => isInsideIn(year));
  }

  function isInsideIn(year: number): boolean {
    const ms = new Date(stamp.ms).setUTCFullYear(year);
    return ms + stamp.spanMs > bounds.local.since && ms <= bounds.local.until;
  }

  function kept(bytes: Buffer): Buffer {
    result.bytesOut += bytes.length;
    return bytes;
  }

  return {
    /** Another file of the log begins. @param writtenAt when it was last written to, if that is known */
    startPart(writtenAt: Date | undefined): void {
      years.latestLocalMs = Math.min(
        bounds.years.latestLocalMs,
        writtenAt === undefined ? Number.POSITIVE_INFINITY : writtenAt.getTime() + bounds.offsetMs,
      );
    },
    /** Feeds more of the log. @returns what is to be kept of the lines now complete */
    *push(next: Buffer): Generator<Buffer> {
      result.bytesIn += next.length;
      let chunk = next;
      if (isJudged) {
        const feed = chunk.indexOf(lineFeed);
        const end = feed < 0 ? chunk.length : feed + 1;
        if (keeping) yield kept(chunk.subarray(0, end));
        if (feed < 0) return;
        isJudged = false;
        chunk = chunk.subarray(end);
      }
      if (chunk.length === 0) return;
      const lastFeed = chunk.lastIndexOf(lineFeed);
      if (lastFeed < 0) {
        rest.push(chunk);
        restBytes += chunk.length;
        if (restBytes <= maxHeldBytes) return;
        const begun = Buffer.concat(rest);
        rest = [];
        restBytes = 0;
        yield* linesOf(begun, begun.length);
        isJudged = true;
        return;
      }
      let from = 0;
      if (rest.length > 0) {
        const firstFeed = chunk.indexOf(lineFeed) + 1;
        const line = Buffer.concat([...rest, chunk.subarray(0, firstFeed)]);
        rest = [];
        restBytes = 0;
        yield* linesOf(line, line.length);
        from = firstFeed;
      }
      const body = chunk.subarray(from, lastFeed + 1);
      yield* linesOf(body, body.length);
      if (lastFeed + 1 < chunk.length) {
        rest.push(Buffer.from(chunk.subarray(lastFeed + 1))); // a copy: the rest of the chunk is let go
        restBytes = chunk.length - lastFeed - 1;
      }
    },
    /** The end of one file of the log: a last line without an end is a line. */
    *endOfPart(): Generator<Buffer> {
      if (isJudged && keeping) yield kept(Buffer.from('\n'));
      result.openEnd = isJudged || rest.length > 0;
      isJudged = false;
      if (rest.length === 0) return;
      const line = Buffer.concat([...rest, Buffer.from('\n')]);
      // Its stamp may still be being written: then nothing can be said of its time.
      const undecided = line.length <= maxStampBytes;
      rest = [];
      restBytes = 0;
      if (!undecided) return yield* linesOf(line, line.length);
      const [decided = Buffer.alloc(0)] = linesOf(line, line.length);
      if (decided.length === 0) yield kept(line);
      else yield decided;
    },
    result(): CutResult {
      return {
        ...result,
        ...coverageOf(seen, options.zone),
      };
    },
  };
}

type Seen = { firstMs: number; lastMs: number };

function nothingSeen(): Seen {
  return { firstMs: Number.POSITIVE_INFINITY, lastMs: Number.NEGATIVE_INFINITY };
}

/** Of two instants for which a wall-clock time stands, the one with which less is covered. */
function coverageOf({ instant, local }: Record<Stamp['kind'], Seen>, zone: string): Pick<CutResult, 'first' | 'last'> {
  const firstMs = Math.min(instant.firstMs, instantsAt(local.firstMs, zone).at(-1) ?? Number.POSITIVE_INFINITY);
  const lastMs = Math.max(instant.lastMs, instantsAt(local.lastMs, zone).at(0) ?? Number.NEGATIVE_INFINITY);
  return {
    first: Number.isFinite(firstMs) ? new Date(firstMs) : undefined,
    last: Number.isFinite(lastMs) ? new Date(lastMs) : undefined,
  };
}

function instantsAt(wallMs: number, zone: string): number[] {
  if (!Number.isFinite(wallMs)) return [];
  const wholeMs = Math.floor(wallMs / 1000) * 1000;
  const found = instantsOf(localTime(new Date(wholeMs), 'UTC'), zone).map((at) => at.getTime() + wallMs - wholeMs);
  // A clock that did not follow the change shows a time that was skipped.
  return found.length > 0 ? found : [wallMs - offsetMinutes(zone, new Date(wallMs)) * 60_000];
}

/** No change of the clocks is larger. */
const largestChangeMs = 3 * 3_600_000;

function boundsOf({ window, zone, readAt }: CutOptions) {
  const since = window.since.getTime();
  const until = window.until.getTime();
  // Also right inside: the clocks may be set at one end of a long window, and be set again at the other one.
  const inside = [Math.min(since + largestChangeMs, until), Math.max(until - largestChangeMs, since)];
  const offsets = [since, ...inside, until].map((ms) => offsetMinutes(zone, new Date(ms)) * 60_000);
  const local = { since: since + Math.min(...offsets), until: until + Math.max(...offsets) };
  return {
    instant: { since, until },
    // Where the offset changes inside the window, the wider span holds all wall-clock times of it.
    local,
    offsetMs: offsetMinutes(zone, window.until) * 60_000,
    years: { latestLocalMs: readAt.getTime() + offsetMinutes(zone, readAt) * 60_000 },
    // By the server's calendar: around new year UTC is in another year.
    otherYears: [...new Set([local.since, local.until].map((ms) => new Date(ms).getUTCFullYear()))],
  };
}
