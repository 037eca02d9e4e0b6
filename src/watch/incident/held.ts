import pLimit, { type LimitFunction } from 'p-limit';
import { printableLine } from '../../domain/text.js';
import { reasonOf } from '../../errors.js';
import type { StoredIncident } from '../../state/incidents.js';
import type { IncidentTools } from './incident-tools.js';
import { Pace } from './pace.js';

/** An incident, with what goes on for it here. */
export type Held = { incident: StoredIncident } & Record<
  'ticket' | 'telling' | 'looking' | 'evidence' | 'delivering',
  Pace
>;

export function held(incident: StoredIncident): Held {
  const paces = { ticket: new Pace(), telling: new Pace(), looking: new Pace() };
  return { incident, ...paces, evidence: new Pace(), delivering: new Pace() };
}

/** So many are collected for at the same time. */
export function collectingLimit(): LimitFunction {
  return pLimit(2);
}

/** What went wrong is told once. */
export function tellFailure(
  { id }: StoredIncident,
  what: string,
  pace: Pace,
  { tell }: Pick<IncidentTools, 'tell'>,
): void {
  const failure = pace.newFailure();
  if (failure !== undefined) tell({ text: printableLine(`${id}: ${what}: ${reasonOf(failure)}`, 400), tone: 'warn' });
}
