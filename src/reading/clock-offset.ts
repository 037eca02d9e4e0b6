import type { Manifest, ServerRecord } from '../domain/manifest.js';
import type { ClockOffset } from './reading.js';

/** A clock that was not looked at may go wrong by so much meanwhile, in ms per ms. */
const drift = 20e-6;

/** How far a server's clock is ahead, at any time. */
export type Clock = {
  /** @param raw the time by that clock @returns by how many ms it is ahead */
  offsetAt(raw: number): number;
  /** With its error, which grows with the distance from where it was measured. */
  at(time: number): ClockOffset;
};

type Measured = NonNullable<ServerRecord['clock']>;

/** @returns undefined where the clock was never measured */
export function clockOf(server: ServerRecord | undefined, manifest: Manifest | undefined): Clock | undefined {
  if (server === undefined || manifest === undefined || server.clock === null) return undefined;
  const own = server.items.filter(({ fromRun, capture }) => fromRun === undefined && capture === undefined);
  const times = (key: 'started' | 'ended') =>
    own.flatMap((item) => (item[key] === undefined ? [] : [Date.parse(item[key])]));
  const created = Date.parse(manifest.created);
  return measuredClock(
    server.clock,
    Math.min(created, ...times('started')),
    Math.max(...times('ended'), Number.NEGATIVE_INFINITY),
  );
}

/**
 * Between the measurements at the start and at the end the offset is linear where they differ by more than their errors,
 * else their mean counts. Where the clock was set meanwhile, nothing goes across that: what was logged before is as the
 * first one says.
 */
export function measuredClock({ offsetMs, errorMs, atEnd, jumpedMs }: Measured, startAt: number, endAt: number): Clock {
  const isLinear = atEnd !== undefined && jumpedMs === undefined && endAt > startAt;
  const differs = atEnd !== undefined && Math.abs(atEnd.offsetMs - offsetMs) > errorMs + atEnd.errorMs;
  const mean = isLinear && !differs ? (offsetMs + atEnd.offsetMs) / 2 : offsetMs;
  const slope = isLinear && differs ? (atEnd.offsetMs - offsetMs) / (endAt - startAt) : 0;
  const lastAt = isLinear ? endAt : startAt;
  const atTime = (time: number) => mean + slope * (Math.min(Math.max(time, startAt), lastAt) - startAt);
  return {
    offsetAt: (raw) => (slope === 0 ? mean : atTime(raw - atTime(raw - mean))),
    at: (time) => {
      const away = Math.max(startAt - time, time - lastAt, 0);
      return { offsetMs: atTime(time), errorMs: errorMs + away * drift };
    },
  };
}
