import type { Ticket, TicketState } from '../../domain/ticket.js';
import type { TicketFilter } from '../help-desk.js';
import type { NativeStates } from '../native-states.js';
import { type Issue, isIn, issueFields, issueSchema, statusesSchema } from './answers.js';
import type { JiraApi } from './api.js';
import { quoted } from './text.js';

/** Nobody lists more. */
const mostListed = 1000;
type Listed = { project: string; states: NativeStates };

/** The issues that a filter asks for, newest change first. */
export async function listIssues(
  api: JiraApi,
  settings: Listed,
  { state: wanted, updatedSince, scope, limit = mostListed }: TicketFilter,
  signal: AbortSignal,
): Promise<Issue[]> {
  const statuses = wanted === undefined ? undefined : await statusesOf(api, settings, wanted, signal);
  if (statuses?.length === 0) return [];
  const conditions = [
    `project = ${quoted(settings.project)}`,
    ...(statuses === undefined ? [] : [`status in (${statuses.map(quoted).join(', ')})`]),
    // Dates of JQL are in the zone of the account, minutes before now are in none.
    ...(updatedSince === undefined ? [] : [`updated >= "-${minutesSince(updatedSince)}m"`]),
    ...(scope === 'mine' ? ['creator = currentUser()'] : []),
  ];
  const jql = `${conditions.join(' AND ')} ORDER BY updated DESC`;
  return api.search(issueSchema, { jql, fields: issueFields, limit: Math.min(limit, mostListed) }, signal);
}

/** What search let through that the filter does not: it goes by minutes, and by what it last knew. */
export function isAsked({ updatedAt }: Ticket, { updatedSince }: TicketFilter): boolean {
  return updatedSince === undefined || updatedAt === undefined || Date.parse(updatedAt) >= updatedSince.getTime();
}

/** The statuses of the project that are such a state: a name that does not exist makes JQL fail. */
async function statusesOf(
  api: JiraApi,
  { project, states }: Listed,
  wanted: readonly TicketState[],
  signal: AbortSignal,
): Promise<string[]> {
  const call = api.read(`2/project/${encodeURIComponent(project)}/statuses`);
  const all = (await api.ask(statusesSchema, call, signal)).flatMap(({ statuses }) => statuses);
  const ofState = all.filter((status) => wanted.some((state) => isIn(status, state, states)));
  return [...new Set(ofState.map(({ name }) => name))];
}

/** Rounded up: what is too old is left out afterwards. */
function minutesSince(time: Date): number {
  return Math.max(1, Math.ceil((Date.now() - time.getTime()) / 60_000) + 1);
}
