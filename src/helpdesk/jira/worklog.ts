import { afterWriting } from '../after-writing.js';
import type { Comment } from '../help-desk.js';
import { enterHours, takenUnseen } from '../hours.js';
import { worklogsSchema } from './answers.js';
import { issuePath, type JiraApi } from './api.js';
import { plainText, preformatted } from './text.js';

/** Logs the hours of a comment as work, once: Jira adds what it is sent twice, so the marker is looked for first. */
export function logWork(api: JiraApi, id: string, comment: Comment, signal: AbortSignal): Promise<void> {
  const { marker } = comment;
  const isThere = async () => (await commentsOfWork(api, id, signal)).some((text) => plainText(text).includes(marker));
  return enterHours(comment, async (minutes) => {
    if (await isThere()) return undefined;
    const work = { timeSpentSeconds: minutes * 60, comment: preformatted('icepack', marker), started: now() };
    await api.send(api.write('POST', issuePath(id, '/worklog'), work), signal);
    return (await afterWriting(isThere())) ? undefined : takenUnseen(api.origin);
  });
}

async function commentsOfWork(api: JiraApi, id: string, signal: AbortSignal): Promise<string[]> {
  const all: string[] = [];
  for (;;) {
    const query = { startAt: String(all.length), maxResults: '100' };
    const { total, worklogs } = await api.ask(worklogsSchema, api.read(issuePath(id, '/worklog'), query), signal);
    all.push(...worklogs.map(({ comment }) => comment));
    if (worklogs.length === 0 || all.length >= total) return all;
  }
}

/** Jira takes no `Z` for a zone. */
function now(): string {
  return new Date().toISOString().replace('Z', '+0000');
}
