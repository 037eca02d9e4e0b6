import type { Stamp } from '../domain/watch-event.js';
import type { ServerStanding } from './standing.js';
import type { StatusFacts } from './status-text.js';

/** The status of all servers for programs. */
export function statusDocument(facts: StatusFacts) {
  const { round } = facts.sighting;
  const last = round === undefined ? null : { at: isoOf(round.at), tookMs: round.tookMs };
  const { incidents, jumpHosts, servers } = facts;
  const { replies } = facts;
  const untilWell = facts.untilWell.map(({ servers: of, ...each }) => ({
    ...each,
    servers: of.map(({ name }) => name),
  }));
  return { round: last, self: selfOf(facts), replies, incidents, untilWell, jumpHosts, servers };
}

function selfOf(facts: StatusFacts) {
  const { self = {} } = facts.sighting;
  const { pinged, configuration = null, page = null, unwritten = null } = self;
  return {
    blindSince: blindSince(facts)?.toISOString() ?? null,
    canaries: facts.self.canaries.map(({ name }) => {
      const seen = self.canaries?.find((each) => each.name === name);
      return { name, answers: seen === undefined ? null : seen.failed === undefined, failed: seen?.failed ?? null };
    }),
    pinged: pinged === undefined ? null : { at: isoOf(pinged.at), failed: pinged.failed ?? null },
    ...{ configuration, page, unwritten },
  };
}

/** The same as far as it may be shown to others: no addresses, no outputs. */
export function sharedStatus(facts: StatusFacts) {
  const { sighting, servers, jumpHosts, everyMs } = facts;
  const at = sighting.round?.at;
  return {
    asOf: at === undefined ? null : isoOf(at),
    validUntil: at === undefined ? null : new Date(validUntil(at, everyMs)).toISOString(),
    blindSince: blindSince(facts)?.toISOString() ?? null,
    incidents: facts.incidents.map(({ id, state, subject, since, bad, ticket, suppressed }) => ({
      ...{ id, state, subject, since, bad, isSuppressed: suppressed !== undefined },
      ticket: ticket?.key ?? null,
    })),
    jumpHosts: jumpHosts.map(withoutTexts),
    servers: servers.map(withoutTexts),
  };
}

function withoutTexts({ things, ...server }: ServerStanding) {
  return { ...server, things: things.map(({ text: _, ...thing }) => thing) };
}

/** So many times the distance between looks is a status valid. */
const validFor = 3;

export function validUntil({ wallMs }: Stamp, everyMs: number): number {
  return wallMs + validFor * everyMs;
}

export function blindSince({ sighting: { self } }: StatusFacts): Date | undefined {
  return self?.blind === undefined ? undefined : new Date(self.blind.since.wallMs);
}

function isoOf({ wallMs }: Stamp): string {
  return new Date(wallMs).toISOString();
}
