import type { Escalation } from '../domain/escalation.js';
import { type IncidentEntry, type IncidentLog, latestOf } from '../domain/incident.js';
import { latest } from '../domain/journal.js';
import type { Span } from '../domain/recurrence.js';
import type { Stamp } from '../domain/watch-event.js';
import type { StoredIncident } from '../state/incidents.js';
import { isResolved, opening } from '../watch/core/incidents.js';
import { waitedMs } from '../watch/escalation/waited.js';
import type { Goals } from './weekly-status.js';

/** So long after it was opened somebody said that they had it; undefined where nobody did. */
export function answeredMs({ entries }: IncidentLog): number | undefined {
  const answer = entries.find((entry) => entry.type === 'acknowledged');
  const ms = answer?.type === 'acknowledged' ? waitedMs(opening({ entries }).stamp, answer.stamp) : undefined;
  return ms === Number.POSITIVE_INFINITY ? undefined : ms;
}

/** How the goals were met of what began, and of what was resolved, in a time. */
export function goalsIn(
  incidents: readonly StoredIncident[],
  summary: Escalation['summary'],
  within: Span,
  now: Stamp,
): Goals {
  const isWithin = (at: string) => within.from <= new Date(at) && new Date(at) < within.until;
  const answers = incidents
    .filter(({ log }) => isWithin(opening(log).at))
    .flatMap(({ log }) => answerOf(log, now) ?? []);
  const goals = [...new Set(answers.map(({ goalMs }) => goalMs))];
  const count = (is: Answer['is']) => answers.filter((answer) => answer.is === is).length;
  return {
    ...(answers.length === 0
      ? {}
      : {
          answer: {
            ...{ met: count('met'), of: count('met') + count('missed'), over: count('over') },
            goalMs: goals.length === 1 ? (goals[0] ?? null) : null,
          },
        }),
    ...(summary === undefined ? {} : { summary: summariesOf(incidents, summary.withinMs, isWithin, now) }),
  };
}

/** `over`: it was well again, or repaired, before anybody had to answer. */
type Answer = { is: 'met' | 'missed' | 'over'; goalMs: number };

/** @returns undefined where no goal was set, or there is time left */
function answerOf({ entries }: IncidentLog, now: Stamp): Answer | undefined {
  const routed = entries.find((entry) => entry.type === 'routed');
  const goalMs = routed?.type === 'routed' ? routed.answerMs : undefined;
  if (goalMs === undefined) return undefined;
  const first = entries.find((entry): entry is Ended => endings.some((type) => type === entry.type));
  const isInTime = waitedMs(opening({ entries }).stamp, first?.stamp ?? now) <= goalMs;
  if (first === undefined) return isInTime ? undefined : { is: 'missed', goalMs };
  if (!isInTime) return { is: 'missed', goalMs };
  return { is: first.type === 'acknowledged' ? 'met' : 'over', goalMs };
}

const endings = ['acknowledged', 'cleared', 'resolved'] as const;
type Ended = Extract<IncidentEntry, { type: (typeof endings)[number] }>;

function summariesOf(
  incidents: readonly StoredIncident[],
  withinMs: number,
  isWithin: (at: string) => boolean,
  now: Stamp,
): NonNullable<Goals['summary']> {
  const all = incidents.flatMap((incident) => {
    const resolved = isResolved(incident.log) ? latestOf(incident.log, 'resolved') : undefined;
    if (resolved === undefined) return [];
    const written = latestOf(incident.log, 'summary');
    const waited =
      written === undefined ? waitedMs(resolved.stamp, now) : Date.parse(written.at) - Date.parse(resolved.at);
    const isPending = written === undefined && waited <= withinMs;
    const isMissing = written === undefined && !isPending;
    const name = latest(incident.ticket, 'registered')?.key ?? incident.id;
    return isPending ? [] : [{ name, isMissing, isMet: waited <= withinMs, isNew: isWithin(resolved.at) }];
  });
  const fresh = all.filter(({ isNew }) => isNew);
  return {
    ...{ met: fresh.filter(({ isMet }) => isMet).length, of: fresh.length, withinMs },
    missing: all.flatMap(({ name, isMissing }) => (isMissing ? [name] : [])),
  };
}
