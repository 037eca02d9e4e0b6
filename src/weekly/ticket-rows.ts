import { latestOf } from '../domain/incident.js';
import type { Span } from '../domain/recurrence.js';
import { stateText, type Ticket } from '../domain/ticket.js';
import type { StoredIncident } from '../state/incidents.js';
import { everyMember, isCleared, isReplaced, isResolved, opening } from '../watch/core/incidents.js';
import { incidentStandings } from '../watch/incident/standing.js';
import type { About } from '../watch/incident/words.js';
import type { DeskTickets } from './desk-tickets.js';
import { answeredMs } from './goals.js';
import type { TicketRow, Tickets } from './weekly-status.js';

/** So many are shown. */
const mostShown = 200;

/** The tickets of a time: those of our incidents, with what their help desk says of them, and then those of others. */
export function ticketsIn(
  incidents: readonly StoredIncident[],
  { tickets, isCut, notAsked }: DeskTickets,
  within: Span,
  about: About,
  shown: (text: string) => string,
): Tickets {
  const ours = incidents.filter((incident) => isOf(incident, within));
  const own = ours.map((incident) => incidentRow(incident, tickets, about, shown));
  const known = new Set(own.map(({ key }) => key));
  const others = tickets.filter((ticket) => !known.has(ticket.key) && hasChanged(ticket, within));
  const rows = [...own, ...others.map((ticket) => ticketRow(ticket, shown))];
  return {
    ...{ rows: rows.slice(0, mostShown), more: Math.max(0, rows.length - mostShown), isCut, notAsked },
    ...countsIn(ours, within),
    open: rows.filter(({ isOpen }) => isOpen).length,
  };
}

/** How many began in a time, and how many were resolved. */
export function countsIn(
  incidents: readonly StoredIncident[],
  { from, until }: Span,
): { began: number; resolved: number } {
  const isWithin = (at: string | undefined) => at !== undefined && from <= new Date(at) && new Date(at) < until;
  return {
    began: incidents.filter(({ log }) => isWithin(opening(log).at)).length,
    resolved: incidents.filter(({ log }) => isResolved(log) && isWithin(latestOf(log, 'resolved')?.at)).length,
  };
}

/** Whether anything of an incident is of a time: it had begun, and had not ended before. */
function isOf({ log }: StoredIncident, { from, until }: Span): boolean {
  const ended = isResolved(log) ? latestOf(log, 'resolved') : latestOf(log, 'closed');
  return new Date(opening(log).at) < until && (ended === undefined || new Date(ended.at) >= from);
}

function hasChanged({ updatedAt }: Ticket, { from, until }: Span): boolean {
  const changed = Date.parse(updatedAt ?? '');
  return Number.isNaN(changed) || (from.getTime() <= changed && changed < until.getTime());
}

const stateWords = {
  firing: 'open',
  acknowledged: 'open, acknowledged',
  'well again': 'open, well again',
  resolved: 'resolved',
  replaced: 'replaced by another one',
};

function incidentRow(
  incident: StoredIncident,
  tickets: readonly Ticket[],
  about: About,
  shown: (text: string) => string,
): TicketRow {
  const { id, log } = incident;
  const [standing] = incidentStandings([incident], { ...about, organization: undefined });
  const { reference } = opening(log);
  const known = tickets.find((ticket) => ticket.key === standing?.ticket?.key || ticket.reference === reference);
  const { key = null, url = null } = standing?.ticket ?? known ?? {};
  const isClosed = latestOf(log, 'closed') !== undefined;
  const ended =
    latestOf(log, 'replaced') ||
    (isResolved(log) && latestOf(log, 'resolved')) ||
    (isCleared(log) && latestOf(log, 'cleared')) ||
    undefined;
  const hours = log.entries.reduce((sum, entry) => sum + ((entry.type === 'summary' && entry.hours) || 0), 0);
  const ownWords =
    isClosed && !isResolved(log) && !isReplaced(log) ? 'closed' : stateWords[standing?.state ?? 'firing'];
  const isOpen = known === undefined ? !isClosed && !isResolved(log) && !isReplaced(log) : isOpenAt(known);
  const taken = isOpen && standing?.state === 'acknowledged' ? ', acknowledged' : '';
  return {
    ...{ key: key === null ? null : shown(key), url, incident: id, isOpen },
    state: known === undefined ? ownWords : shown(`${stateText(known)}${taken}`),
    what: shown(standing?.subject ?? ''),
    since: new Date(everyMember(log)[0]?.since ?? opening(log).at),
    until: ended === undefined ? null : new Date(ended.at),
    changed: null,
    answeredMs: answeredMs(log) ?? null,
    hours: hours === 0 ? null : hours,
  };
}

function ticketRow(ticket: Ticket, shown: (text: string) => string): TicketRow {
  const { key, url, subject, updatedAt } = ticket;
  const changed = Date.parse(updatedAt ?? '');
  return {
    ...{
      key: shown(key),
      url,
      incident: null,
      state: shown(stateText(ticket)),
      isOpen: isOpenAt(ticket),
      what: shown(subject),
    },
    ...{ since: null, until: null, answeredMs: null, hours: null },
    changed: Number.isNaN(changed) ? null : new Date(changed),
  };
}

function isOpenAt({ state }: Ticket): boolean {
  return state !== 'fixed' && state !== 'closed';
}
