import { offsetMinutes } from '../domain/zone.js';
import type { Shift } from './page-data.js';

const hourMs = 3_600_000;
const marginMs = 24 * hourMs;

/** How far a zone is ahead of UTC over a span of time, so that the page needs no time zone data. */
export function zoneShifts(zone: string, { since, until }: { since: number; until: number }): Shift[] {
  const shifts: Shift[] = [];
  const first = Math.floor((since - marginMs) / hourMs) * hourMs;
  for (let at = first; at <= until + marginMs; at += hourMs / 4) {
    const minutes = offsetMinutes(zone, new Date(at));
    if (shifts.at(-1)?.[1] !== minutes) shifts.push([at, minutes]);
  }
  return shifts;
}
