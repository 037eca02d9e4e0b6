/** Something that went wrong on one server, as the logs of all of them tell it. */
export type MockIncident = { atMs: number; isHere: boolean };

/** One line of a system log: when, and what stands behind the time. */
export type IncidentLine = { ms: number; level: string; text: string };

const lostSeconds = 60;
const everyMs = 400;

/** Where it happens, connections are lost until an exception and a restart end it; the others miss a heartbeat. */
export function incidentLines({ atMs, isHere }: MockIncident): IncidentLine[] {
  const sinceMs = atMs - 45_000;
  if (!isHere)
    return steps(lostSeconds / 3).map((step) => ({
      ms: sinceMs + step * 3000,
      level: 'WARNING',
      text: `no heartbeat of ICE02 for ${step * 3 + 3} s`,
    }));
  const lost = steps((lostSeconds * 1000) / everyMs).map((step) => ({
    ms: sinceMs + step * everyMs,
    level: 'ERROR',
    text: `connection to peer ICE01 lost: timeout after ${1000 + ((step * 37) % 250)} ms`,
  }));
  const endMs = sinceMs + lostSeconds * 1000;
  return [
    { ms: sinceMs - 7 * 60_000, level: 'INFO', text: 'rule set 12 activated by admin' },
    ...lost,
    { ms: endMs, level: 'CRITICAL', text: 'System exception occurred, report exception.err' },
    { ms: endMs + 900, level: 'INFO', text: 'InCenter starting, version 2.2.5' },
    { ms: endMs + 4000, level: 'INFO', text: 'all nodes are connected' },
  ];
}

function steps(count: number): number[] {
  return Array.from({ length: Math.floor(count) }, (_, index) => index);
}
