import { afterWriting } from '../after-writing.js';
import { type Comment, HelpDeskError } from '../help-desk.js';
import { enterHours, takenUnseen } from '../hours.js';
import { isNamed, type TimeEntry } from './answers.js';
import type { RedmineApi } from './api.js';

/**
 * Enters the hours of a comment as spent time, once: the entry bears the marker of the comment, and is looked for first.
 * @param activity by name or number; undefined for the usual one of Redmine
 */
export function enterTime(
  api: RedmineApi,
  issue: number,
  { comment, activity }: { comment: Comment; activity: string | undefined },
  signal: AbortSignal,
): Promise<void> {
  const { marker } = comment;
  // Other filters than it knows are ignored: what it answers is looked at.
  const isOurs = ({ issue: of, comments }: TimeEntry) => of?.id === issue && comments?.includes(marker) === true;
  const entry = async () => (await api.timeEntries(issue, signal).catch(sayRight('View spent time'))).find(isOurs);
  return enterHours(comment, async (minutes) => {
    if ((await entry()) !== undefined) return undefined;
    const activityId = await activityOf(api, activity, signal);
    const hours = Math.round((minutes / 60) * 100) / 100;
    const fields = { issue_id: issue, hours, comments: `${marker} by icepack` };
    await api.enterTime({ ...fields, ...activityId }, signal).catch(sayRight('Log spent time'));
    return (await afterWriting(entry())) === undefined ? takenUnseen(api.origin) : undefined;
  });
}

async function activityOf(
  api: RedmineApi,
  given: string | undefined,
  signal: AbortSignal,
): Promise<{ activity_id?: number }> {
  if (given === undefined) return {};
  const known = (await api.aboutProject(signal)).time_entry_activities;
  const found = known.find(isNamed(given));
  if (found !== undefined) return { activity_id: found.id };
  throw new HelpDeskError('invalid', `the project has no activity ${given}; correct helpdesk.timeActivity`);
}

/** Redmine does not say what is missing. */
function sayRight(right: string): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof HelpDeskError) || error.kind !== 'forbidden') throw error;
    const because = `the account lacks the right "${right}", or the project has no time tracking`;
    throw new HelpDeskError('forbidden', `${error.message}: ${because}`, { cause: error });
  };
}
