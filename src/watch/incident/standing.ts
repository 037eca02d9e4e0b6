import { type Command, icepack, placeholder, say, type Text } from '../../domain/command.js';
import { defined } from '../../domain/defined.js';
import { latestOf, ticketGone } from '../../domain/incident.js';
import { latest } from '../../domain/journal.js';
import { isOutcomeUnknown } from '../../domain/owed.js';
import { printableLine } from '../../domain/text.js';
import { exitCode } from '../../errors.js';
import type { StoredIncident } from '../../state/incidents.js';
import { flappingIn } from '../core/flapping.js';
import {
  acknowledgement,
  everyMember,
  isCleared,
  isReplaced,
  isResolved,
  membersOf,
  opening,
  pausedBy,
} from '../core/incidents.js';
import { type About, subjectOf, timeOf } from './words.js';

/** How an incident stands. */
export type IncidentStanding = {
  id: string;
  state: 'firing' | 'acknowledged' | 'well again' | 'resolved' | 'replaced';
  subject: string;
  /** When it was seen bad first. */
  since: Date;
  /** So many things are bad now. */
  bad: number;
  ticket: { key: string; url: string } | null;
  /** Why there is no ticket; undefined where there is one, or that is only a matter of time. */
  noTicket?: string;
  /** The ticket into which its own was merged, where that is gone; null where nobody knows of one. */
  ticketGone?: { instead: string | null };
  /** The run whose bundle is over the limit of the help desk: its ticket was asked how to bring it there. */
  overLimit?: string;
  /** Who has it. */
  by?: string;
  note?: string;
  /** By what all of it is suppressed, so that nobody is told, and until when. */
  suppressed?: { by: string; until: string | null };
  /** Something of it comes and goes, and counts as bad until it is calm. */
  isFlapping?: true;
  /** What is to be typed next. */
  next: Command | null;
};

/** How all that are open stand, those first that nobody has. */
export function incidentStandings(open: readonly StoredIncident[], about: About): IncidentStanding[] {
  const rank = { firing: 0, acknowledged: 1, 'well again': 2, resolved: 3, replaced: 4 };
  return open.map((each) => standingOf(each, about)).toSorted((a, b) => rank[a.state] - rank[b.state]);
}

function standingOf(incident: StoredIncident, about: About): IncidentStanding {
  const { id, log, ticket } = incident;
  const state = stateOf(incident);
  const [first] = everyMember(log);
  const registered = latest(ticket, 'registered');
  const had = acknowledgement(log);
  const paused = pausedBy(log);
  const gone = state === 'replaced' ? undefined : ticketGone(log);
  const why = registered === undefined ? whyNoTicket(incident, about) : undefined;
  return {
    ...{ id, state, subject: subjectOf(log, about), bad: membersOf(log).length },
    since: new Date(first?.since ?? opening(log).at),
    ticket: registered === undefined ? null : { key: registered.key, url: registered.url },
    ...(why === undefined ? {} : { noTicket: why }),
    ...(gone === undefined ? {} : { ticketGone: { instead: gone.instead ?? null } }),
    ...defined({ overLimit: overLimitOf(incident) }),
    ...(had === undefined || state !== 'acknowledged' ? {} : { by: had.by }),
    ...(had?.note === undefined ? {} : { note: had.note }),
    ...(paused === undefined ? {} : { suppressed: { by: paused.by, until: paused.until ?? null } }),
    ...(flappingIn(log).length === 0 ? {} : { isFlapping: true as const }),
    next: gone === undefined ? nextOf(state, id, registered === undefined && isByHand(ticket)) : takeInstead(id, gone),
  };
}

/** What a person types who says which ticket it has, where its own is gone. */
function takeInstead(id: string, { instead }: { instead?: string | undefined }): Command {
  return icepack('ack', id, '--ticket', instead ?? placeholder('NUMBER'));
}

/** What a person types who wants a new ticket, where its own is gone. */
export function newTicket(id: string): Command {
  return icepack('ack', id, '--ticket', 'new');
}

/** That its ticket is gone; none is opened in its place unless a person says so. */
export function goneText(id: string, { key, instead }: { key: string; instead?: string | undefined }): Text {
  const why = instead === undefined ? 'is not at the help desk any more' : `was merged into ${printableLine(instead)}`;
  return say`${id}: its ticket ${printableLine(key)} ${why}; none is opened in its place. The one it has now: ${takeInstead(id, { instead })}; or a new one: ${newTicket(id)}`;
}

function overLimitOf({ log }: StoredIncident): string | undefined {
  const last = latestOf(log, 'collected');
  return last?.exit === exitCode.overLimit ? last.run : undefined;
}

function nextOf(state: IncidentStanding['state'], id: string, isByHand: boolean): Command | null {
  if (isByHand) return icepack('ack', id, '--ticket', placeholder('NUMBER'));
  if (state === 'firing') return icepack('ack', id);
  return state === 'resolved' || state === 'replaced' ? null : icepack('resolved', id);
}

function stateOf({ log }: StoredIncident): IncidentStanding['state'] {
  if (isReplaced(log)) return 'replaced';
  if (isResolved(log)) return 'resolved';
  if (isCleared(log)) return 'well again';
  return acknowledgement(log) === undefined ? 'firing' : 'acknowledged';
}

export function isByHand(ticket: StoredIncident['ticket']): boolean {
  return latest(ticket, 'drafted')?.byHand === true;
}

function whyNoTicket({ log, ticket, folder }: StoredIncident, about: About): string | undefined {
  if (isOutcomeUnknown(ticket)) return 'whether it was registered is not known';
  if (isByHand(ticket)) return `a person registers it, with the texts in ${folder}/form`;
  if (opening(log).kind === 'blind') return 'none is opened for this';
  const asked = latestOf(log, 'asked-to-wait');
  if (asked !== undefined) {
    const until = new Date(asked.stamp.wallMs + asked.forMs).toISOString();
    return `the help desk asked to wait until ${timeOf(until, about)}`;
  }
  return latest(ticket, 'not-registered')?.reason ?? (latestOf(log, 'named') && 'it is being looked for');
}
