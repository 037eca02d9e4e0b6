import type { Marker, Reading } from '../reading/reading.js';
import { standsForRoutine } from '../reading/routine.js';
import type { PackedLines } from './pack-lines.js';
import type { PageData, PageMarker } from './page-data.js';
import { clockOf, grouped } from './wording.js';
import { zoneShifts } from './zone-shifts.js';

/** What the script of the page is given. */
export function pageDataOf(reading: Reading, { here, blocks }: PackedLines): PageData {
  const { layout, span, clocks, logs, lines, density, markers } = reading;
  const { since, stepMs, steps } = density;
  return {
    event: layout.event?.at.getTime() ?? null,
    span: [span.since, span.until],
    zone: { name: layout.zone, shifts: zoneShifts(layout.zone, span) },
    servers: layout.servers.map(({ label, cluster }, server) => ({
      label,
      cluster: cluster ?? null,
      isOnCommonClock: clocks[server] !== null && clocks[server] !== undefined,
      clock: clockOf(clocks[server]),
    })),
    logs: logs.map(({ server, name, path, zone, isOnCommonClock }) => ({
      ...{ server, name, path, zone, isOnCommonClock },
      shifts: zoneShifts(zone, span),
    })),
    lines: { here, all: lines.count },
    blocks: blocks.map((block) => block.lines),
    density: { since, stepMs, steps },
    markers: markers.map(pageMarker),
  };
}

function pageMarker(marker: Marker): PageMarker {
  const { kind, server, isOfOneLog, at, until, line, text, times = 1 } = marker;
  return {
    ...{ kind, server, at: Math.round(at) },
    text: standsForRoutine(marker) ? `${text} (${grouped(times)} times in all)` : text,
    ...(isOfOneLog ? { isOfOneLog } : {}),
    ...(until === undefined ? {} : { until: Math.round(until) }),
    ...(line === undefined ? {} : { line: line + 1 }),
  };
}
