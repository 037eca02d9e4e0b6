import { type Command, icepack, placeholder, say, type Text } from '../domain/command.js';
import { latest } from '../domain/journal.js';
import { isOutcomeUnknown } from '../domain/owed.js';
import type { Ticket } from '../domain/ticket.js';
import { exitCode, UserError } from '../errors.js';
import type { ApiHelpDesk } from '../helpdesk/help-desk.js';
import type { Run } from '../state/runs.js';
import type { Operator } from '../ui/operator.js';
import { withRetries } from './retry.js';

/** Whose ticket it is: a run, or an incident that a watch saw. */
export type TicketOwner = {
  journal: Run['journal'];
  /** What a person types who names its ticket, which `take` does with its number. */
  take(ticket: string | ReturnType<typeof placeholder>): Command;
  /** What a person types who has looked whether its ticket is there. */
  settled: Text;
  /** What of it is kept where there is no ticket; empty where that says itself. */
  kept: string;
};

/** An owner of a ticket, and the help desk where it gets that. */
export type Registration = { owner: TicketOwner; desk: ApiHelpDesk; operator: Operator; signal: AbortSignal };

/** A run as the owner of its ticket. */
export function runAsOwner({ id, journal }: Pick<Run, 'id' | 'journal'>): TicketOwner {
  return {
    journal,
    take: (ticket) => icepack('submit', id, '--ticket', ticket),
    settled: say`${icepack('resume', id, '--it-is', placeholder('NUMBER'))}, or --it-does-not-exist`,
    kept: 'The bundle is kept. ',
  };
}

/** When to look whether a ticket whose answer was lost is there. */
const lookAfterMs = [1000, 3000, 10_000];
/** Nobody who waits for a result waits longer than that for the answer; a later command goes on. */
const patienceMs = 60_000;

/** The waits before each look: a help desk that shows tickets late is looked at once more, when it should have. */
function looksAfter(searchLagMs: number): number[] {
  const usual = lookAfterMs.reduce((sum, ms) => sum + ms, 0);
  const more = Math.min(searchLagMs, patienceMs - usual);
  return more > 0 ? [...lookAfterMs, more] : lookAfterMs;
}

/** @throws HelpDeskError, or UserError `ambiguous-reference` */
export async function lookUp(
  reference: string,
  { owner, desk, operator, signal }: Registration,
): Promise<Ticket | undefined> {
  const found = await withRetries(() => desk.findByReference(reference, signal), operator, signal);
  if (found.length <= 1) return found[0];
  throw new UserError(
    'ambiguous-reference',
    `several tickets have the reference ${reference}: ${found.map((ticket) => ticket.key).join(', ')}`,
    {
      exit: exitCode.helpDesk,
      hint: say`None is chosen. Submit to the right one: ${owner.take(`${found[0]?.key}`)}`,
    },
  );
}

/** Looks several times: the desk may still be at work on a request whose answer never came. */
export async function settleNow(reference: string, registration: Registration): Promise<Ticket | undefined> {
  const { desk, operator, signal } = registration;
  for (const waitMs of looksAfter(desk.caps.searchLagMs)) {
    operator.emit({ type: 'note', text: `looking in ${waitMs / 1000} s whether the ticket is there all the same` });
    await operator.sleep(waitMs, signal);
    signal.throwIfAborted();
    const found = await lookUp(reference, registration);
    if (found !== undefined) return found;
  }
  return undefined;
}

/**
 * A request of an earlier run left, and nobody knows its outcome. Where the desk knows repeated requests by their key,
 * repeating is the answer; elsewhere "not found" says something only after a while, and a person may have to.
 * @throws UserError `outcome-unknown`
 */
export async function settleEarlier(reference: string, registration: Registration): Promise<Ticket | undefined> {
  const { owner, desk, operator, signal } = registration;
  const open = openRequest(owner);
  if (open === undefined || isUnderItsKey(registration)) return undefined;
  // A clock that was set back meanwhile makes this longer, never shorter than what the desk may need.
  const horizonMs = desk.caps.settleMs + desk.caps.searchLagMs;
  const waitMs = Math.min(Date.parse(open.at) + horizonMs - operator.now().getTime(), horizonMs);
  if (waitMs > 0) {
    operator.emit({
      type: 'note',
      text: `an earlier request may still be at work there; looking again in ${Math.ceil(waitMs / 1000)} s`,
    });
    await operator.sleep(waitMs, signal);
    signal.throwIfAborted();
    const found = await lookUp(reference, registration);
    if (found !== undefined) return found;
  }
  if (desk.caps.searchLagMs > 0) throw outcomeUnknown(reference, undefined, owner);
  return undefined;
}

/** The request whose outcome nobody knows. */
function openRequest({ journal }: TicketOwner) {
  return isOutcomeUnknown(journal) ? latest(journal, 'registering') : undefined;
}

/** Whether a request of an earlier run is open still, and is settled only by repeating it. */
export function isUnderItsKey({ owner, desk, operator }: Registration): boolean {
  const open = openRequest(owner);
  return open !== undefined && isKeyKept(desk, operator.now().getTime() - Date.parse(open.at));
}

/** Whether the help desk still knows a request of that age by its key. A clock that was set back vouches for nothing. */
function isKeyKept({ caps }: ApiHelpDesk, ageMs: number): boolean {
  if (!caps.idempotencyKey) return false;
  return caps.idempotencyMs === undefined || (ageMs >= 0 && ageMs < caps.idempotencyMs);
}

export function outcomeUnknown(reference: string, cause: unknown, { settled }: TicketOwner): UserError {
  return new UserError(
    'outcome-unknown',
    `whether the ticket with the reference ${reference} was registered is not known`,
    {
      exit: exitCode.helpDesk,
      hint: say`Nothing is registered twice. Look at the help desk, then: ${settled}`,
      cause,
    },
  );
}
