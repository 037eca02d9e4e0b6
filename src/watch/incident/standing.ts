import { type Command, icepack, placeholder } from '../../domain/command.js';
import { latestOf } from '../../domain/incident.js';
import { latest } from '../../domain/journal.js';
import { isOutcomeUnknown } from '../../domain/owed.js';
import type { StoredIncident } from '../../state/incidents.js';
import { flappingIn } from '../core/flapping.js';
import {
  acknowledgement,
  everyMember,
  isCleared,
  isResolved,
  membersOf,
  opening,
  pausedBy,
} from '../core/incidents.js';
import { type About, subjectOf } from './words.js';

/** How an incident stands. */
export type IncidentStanding = {
  id: string;
  state: 'firing' | 'acknowledged' | 'well again' | 'resolved';
  subject: string;
  /** When it was seen bad first. */
  since: Date;
  /** So many things are bad now. */
  bad: number;
  ticket: { key: string; url: string } | null;
  /** Why there is no ticket; undefined where there is one, or that is only a matter of time. */
  noTicket?: string;
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
  const rank = { firing: 0, acknowledged: 1, 'well again': 2, resolved: 3 };
  return open.map((each) => standingOf(each, about)).toSorted((a, b) => rank[a.state] - rank[b.state]);
}

function standingOf(incident: StoredIncident, about: About): IncidentStanding {
  const { id, log, ticket } = incident;
  const state = stateOf(incident);
  const [first] = everyMember(log);
  const registered = latest(ticket, 'registered');
  const had = acknowledgement(log);
  const paused = pausedBy(log);
  const why = registered === undefined ? whyNoTicket(incident) : undefined;
  return {
    ...{ id, state, subject: subjectOf(log, about), bad: membersOf(log).length },
    since: new Date(first?.since ?? opening(log).at),
    ticket: registered === undefined ? null : { key: registered.key, url: registered.url },
    ...(why === undefined ? {} : { noTicket: why }),
    ...(had === undefined || state !== 'acknowledged' ? {} : { by: had.by }),
    ...(had?.note === undefined ? {} : { note: had.note }),
    ...(paused === undefined ? {} : { suppressed: { by: paused.by, until: paused.until ?? null } }),
    ...(flappingIn(log).length === 0 ? {} : { isFlapping: true as const }),
    next: nextOf(state, id, registered === undefined && isByHand(ticket)),
  };
}

function nextOf(state: IncidentStanding['state'], id: string, isByHand: boolean): Command | null {
  if (isByHand) return icepack('ack', id, '--ticket', placeholder('NUMBER'));
  if (state === 'firing') return icepack('ack', id);
  return state === 'resolved' ? null : icepack('resolved', id);
}

function stateOf({ log }: StoredIncident): IncidentStanding['state'] {
  if (isResolved(log)) return 'resolved';
  if (isCleared(log)) return 'well again';
  return acknowledgement(log) === undefined ? 'firing' : 'acknowledged';
}

export function isByHand(ticket: StoredIncident['ticket']): boolean {
  return latest(ticket, 'drafted')?.byHand === true;
}

function whyNoTicket({ log, ticket, folder }: StoredIncident): string | undefined {
  if (isOutcomeUnknown(ticket)) return 'whether it was registered is not known';
  if (isByHand(ticket)) return `a person registers it, with the texts in ${folder}/form`;
  if (opening(log).kind === 'blind') return 'none is opened where there is no answer';
  return latest(ticket, 'not-registered')?.reason ?? (latestOf(log, 'named') && 'it is being looked for');
}
