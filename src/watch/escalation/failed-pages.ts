import type { IncidentLog } from '../../domain/incident.js';
import { printableLine } from '../../domain/text.js';
import { attemptsIn } from './attempts.js';
import type { Setting } from './targets.js';

/** Why a page did not leave that nobody needs any more. */
export const noLongerDue = 'it was not due any more when it was to leave';

/** Over which channels the last page of an incident failed, and why: a line for each person. */
export function failedPages({ entries }: IncidentLog, { escalation }: Setting): string[] {
  const attempts = attemptsIn(entries, 0);
  const last = new Map(attempts.map((attempt) => [`${attempt.person} ${attempt.channel}`, attempt]));
  const failed = [...last.values()].filter(({ outcome, reason }) => outcome === 'failed' && reason !== noLongerDue);
  return [...new Set(failed.map(({ person }) => person))].map((person) => {
    const theirs = failed.filter((each) => each.person === person);
    const ways = theirs.map(({ channel, reason = 'no reason' }) => `${channel} (${reason})`);
    const who = person === undefined ? 'an engine' : (escalation.people.get(person)?.name ?? person);
    return printableLine(`${who} was not told by ${ways.join(', ')}`, 400);
  });
}
