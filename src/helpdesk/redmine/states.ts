import type { TicketState } from '../../domain/ticket.js';
import { HelpDeskError } from '../help-desk.js';
import { type NativeStates, stateNamed } from '../native-states.js';
import { type Issue, type IssueStatus, isNamed } from './answers.js';
import type { RedmineApi } from './api.js';

/** Redmine itself comes with the later names. */
export const usualStates: NativeStates = {
  open: ['Open', 'In Progress', 'New'],
  'awaiting-information': ['Awaiting Information', 'Feedback'],
  fixed: ['Fixed', 'Resolved'],
  closed: ['Closed', 'Rejected'],
};

/** A state that nobody named is closed where Redmine says so. */
export function stateOf({ name, is_closed: isClosed }: IssueStatus, states: NativeStates): TicketState | 'other' {
  const state = stateNamed(name, states);
  return state === 'other' && isClosed ? 'closed' : state;
}

/**
 * Changes the state. What its workflow forbids Redmine answers with a 2xx, so it is read back.
 * @param key how messages name the issue
 * @throws HelpDeskError `refused-transition`
 */
export async function changeState(
  api: RedmineApi,
  { id, key }: { id: number; key: string },
  { to, states }: { to: TicketState; states: NativeStates },
  signal: AbortSignal,
): Promise<Issue> {
  const read = () => api.issue(id, 'attachments,allowed_statuses', signal);
  const before = await read();
  if (stateOf(before.status, states) === to) return before;
  const target = statusFor(states[to], before, await api.statuses(signal));
  await api.change(id, { status_id: target.id }, signal);
  const after = await read();
  if (stateOf(after.status, states) === to) return after;
  const allowed = after.allowed_statuses?.filter((status) => status.id !== after.status.id) ?? [];
  const why = `its workflow leads from there to ${listed(allowed)}, for us, and not to ${target.name}`;
  throw new HelpDeskError('refused-transition', `${key} stays ${after.status.name}: ${why}`);
}

/** The first of a state's names that the workflow leads to; where it leads to none, the first that there is. */
function statusFor(
  names: readonly string[],
  { allowed_statuses: allowed = [] }: Issue,
  all: IssueStatus[],
): IssueStatus {
  const found = [allowed, all].flatMap((statuses) =>
    names.flatMap((name) => statuses.filter(isNamed(name)).slice(0, 1)),
  );
  if (found[0] !== undefined) return found[0];
  throw new HelpDeskError('refused-transition', `Redmine has no status ${names.join(' or ')}, but ${listed(all)}`);
}

function listed(statuses: readonly IssueStatus[]): string {
  return statuses.map(({ name }) => name).join(', ') || 'none';
}
