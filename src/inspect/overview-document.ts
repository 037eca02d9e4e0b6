import type { Reading } from '../reading/reading.js';

const iso = (at: number) => new Date(at).toISOString();

/** What `inspect` found, for programs: all but the lines. */
export function overviewDocument(reading: Reading): Record<string, unknown> {
  const { bundle, layout, clocks, logs, lines, findings, moreFindings, markers, missing, contents, span } = reading;
  const label = (server: number | undefined) => (server === undefined ? null : (layout.servers[server]?.label ?? null));
  const { event } = layout;
  return {
    bundle,
    ticket: layout.ticket ?? null,
    event: event === undefined ? null : { ...event, zone: layout.zone },
    span: { since: iso(span.since), until: iso(span.until) },
    servers: layout.servers.map((server, at) => ({ ...server, clock: clocks[at] ?? null })),
    lines: lines.count,
    logs: logs.map((log) => ({ ...log, server: label(log.server) })),
    missing: missing.map((each) => ({ ...each, server: label(each.server) })),
    findings: findings.map(({ line, at, also, ...each }) => ({
      ...{ ...each, server: label(each.server), at: iso(at) },
      also: also.map(({ server, count }) => ({ server: label(server), count })),
      place: placeOf(reading, line),
    })),
    moreFindings,
    markers: markers.map(({ line, at, until, log: _log, ...each }) => ({
      ...{ ...each, server: label(each.server), at: iso(at) },
      ...(until === undefined ? {} : { until: iso(until) }),
      ...(line === undefined ? {} : { place: placeOf(reading, line) }),
    })),
    contents,
  };
}

/** e.g. `Event1_ICE01_20261120_1032/Logs/system.log:120`, as `inspect` takes it. */
function placeOf({ lines, logs }: Reading, line: number): string | null {
  const log = logs[lines.log[line] ?? 0];
  return line < 0 || log === undefined ? null : `${log.path}:${lines.number[line]}`;
}
