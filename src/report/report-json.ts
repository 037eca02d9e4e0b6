import type { Reading } from '../reading/reading.js';
import { severities } from '../reading/reading.js';
import { instantOf } from './wording.js';

/** The reading as one document: what was found, what is missing, how much there is. */
export function reportJson(reading: Reading) {
  const { bundle, layout, span, clocks, logs, lines, density, missing, findings, moreFindings } = reading;
  const label = (server: number | undefined) => (server === undefined ? null : (layout.servers[server]?.label ?? null));
  const logOf = (line: number) => logs[lines.log[line] ?? 0];
  const place = (line: number | undefined) =>
    line === undefined ? null : { path: logOf(line)?.path ?? null, number: lines.number[line] ?? null };
  return {
    file: { name: bundle.name, bytes: bundle.bytes, sha256: bundle.sha256 ?? null, kind: bundle.kind },
    of: { ticket: layout.ticket ?? null, number: layout.event?.number ?? null, at: layout.event?.at ?? null },
    span: { since: instantOf(span.since), until: instantOf(span.until), zone: layout.zone },
    servers: layout.servers.map(({ label, folder, cluster, zone }, server) => ({
      ...{ label, folder, cluster: cluster ?? null, zone, clock: clocks[server] ?? null },
      counts: Object.fromEntries(
        severities.map((name, severity) => [
          name,
          density.counts[server]?.[severity]?.reduce((sum, count) => sum + count, 0) ?? 0,
        ]),
      ),
    })),
    logs: logs.map(({ server, ...log }) => ({ server: label(server), ...log })),
    lines: lines.count,
    missing: missing.map(({ server, ...rest }) => ({ server: label(server), ...rest })),
    findings: findings.map(({ server, severity, also, line, at, ...rest }) => ({
      ...{ server: label(server), severity: severities[severity], at: instantOf(at), line: place(line) },
      also: also.map((other) => ({ server: label(other.server), count: other.count })),
      ...rest,
    })),
    moreFindings,
    markers: reading.markers.map(({ kind, server, at, until, line, text, times = 1 }) => ({
      ...{ kind, server: label(server), at: instantOf(at), until: until === undefined ? null : instantOf(until) },
      ...{ line: place(line), text, times },
    })),
  };
}
