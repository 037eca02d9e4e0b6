import type { IncidentEntry, IncidentLog } from '../../domain/incident.js';
import { type Severity, severities } from '../../domain/ticket.js';

type Entry<T extends IncidentEntry['type']> = Extract<IncidentEntry, { type: T }>;
type Placed<T extends IncidentEntry['type']> = { entry: Entry<T>; index: number };

/** What is so of an incident by its journal. */
export type IncidentStanding = {
  opened: Entry<'opened'>;
  phase: 'firing' | 'clear' | 'resolved' | 'replaced';
  /** The highest of what belongs to it since it fires. */
  severity: Severity | undefined;
  /** What is bad now. */
  members: readonly Entry<'joined'>[];
  /** The last one for which people are to be told from the first step on, and why. */
  called: { index: number; why: string };
  routed?: Placed<'routed'>;
  /** It was since the policy began; whether it holds still, is a question of time. */
  acknowledged?: Placed<'acknowledged'>;
  cleared?: Placed<'cleared'>;
  resolved?: Placed<'resolved'>;
  /** What comes and goes: it counts as bad until it is calm. */
  flapping: readonly Thing[];
  /** By what all that is bad is suppressed: nobody is told meanwhile. */
  suppressed?: Placed<'suppressed'>;
};

/** What severity counts where none is known. */
export const unknownSeverity: Severity = 'high';

/** @returns undefined where it was not opened */
export function incidentStanding({ entries }: IncidentLog): IncidentStanding | undefined {
  const [opened] = entries;
  if (opened?.type !== 'opened') return undefined;
  const first: IncidentStanding = {
    ...{ opened, phase: 'firing', severity: undefined, members: [], flapping: [] },
    called: { index: 0, why: 'opened' },
  };
  return entries.reduce(after, first);
}

function after(before: IncidentStanding, entry: IncidentEntry, index: number): IncidentStanding {
  const { acknowledged: _acknowledged, ...unanswered } = before;
  if (entry.type === 'joined') return afterJoined(before, unanswered, entry, index);
  if (entry.type === 'left' || entry.type === 'flapping' || entry.type === 'calm') return afterTurn(before, entry);
  if (entry.type === 'suppressed') return { ...before, suppressed: { entry, index } };
  if (entry.type === 'released') return afterReleased(before, index);
  if (entry.type === 'routed') return { ...unanswered, routed: { entry, index } };
  if (entry.type === 'acknowledged') return { ...before, acknowledged: { entry, index } };
  if (entry.type === 'unacknowledged') return { ...unanswered, called: { index, why: 'taken back' } };
  if (entry.type === 'cleared') {
    const phase = before.phase === 'resolved' ? 'resolved' : 'clear';
    const { suppressed: _suppressed, ...rest } = before;
    return { ...rest, phase, members: [], flapping: [], cleared: { entry, index } };
  }
  if (entry.type === 'resolved') return { ...before, phase: 'resolved', resolved: { entry, index } };
  if (entry.type === 'replaced') return { ...before, phase: 'replaced' };
  return entry.type === 'closed' ? { ...before, phase: 'resolved' } : before;
}

function afterTurn(before: IncidentStanding, entry: Entry<'left' | 'flapping' | 'calm'>): IncidentStanding {
  const isIt = (thing: Thing) => isSame(thing, entry.thing);
  const members = before.members.filter(({ thing }) => !isIt(thing));
  if (entry.type === 'flapping') return { ...before, flapping: [...before.flapping, entry.thing] };
  if (entry.type === 'left') return before.flapping.some(isIt) ? before : { ...before, members };
  const flapping = before.flapping.filter((thing) => !isIt(thing));
  return { ...before, flapping, members: entry.bad ? before.members : members };
}

/** Whoever had it has it still; else it begins with those of the first step: the others were asked long ago, if at all. */
function afterReleased({ suppressed: _, ...before }: IncidentStanding, index: number): IncidentStanding {
  return before.acknowledged === undefined ? { ...before, called: { index, why: 'suppressed no more' } } : before;
}

function afterJoined(
  before: IncidentStanding,
  unanswered: IncidentStanding,
  entry: Entry<'joined'>,
  index: number,
): IncidentStanding {
  const members = [...before.members.filter(({ thing }) => !isSame(thing, entry.thing)), entry];
  if (before.phase !== 'firing')
    return { ...unanswered, phase: 'firing', severity: entry.severity, members, called: { index, why: 'fires again' } };
  if (!isHigher(entry.severity, before.severity)) return { ...before, members };
  const why = before.severity === undefined ? before.called.why : 'more severe';
  return { ...unanswered, members, severity: entry.severity, called: { index, why } };
}

export function isHigher(one: Severity, other: Severity | undefined): boolean {
  return severities.indexOf(one) > (other === undefined ? -1 : severities.indexOf(other));
}

type Thing = Entry<'joined'>['thing'];
function isSame(one: Thing, other: Thing): boolean {
  return one.server === other.server && one.check === other.check && one.instance === other.instance;
}
