import { icepack, placeholder, say } from '../domain/command.js';
import { unfilled } from '../domain/required-field.js';
import { reasonOf } from '../errors.js';
import { type Account, type ApiHelpDesk, type HelpDesk, HelpDeskError } from '../helpdesk/help-desk.js';
import type { Operator } from '../ui/operator.js';
import { tellMissing } from './missing-fields.js';

/**
 * A help desk that will not take the ticket is said at once, and stops nothing.
 * @param ticket the ticket that was named; that there is none is said, too
 * @param fields what is given for a new ticket, or is said to be missing already; undefined where no ticket is made
 * @returns what it said of itself: the account, the largest file; undefined where nobody is asked or it failed
 */
export async function checkDesk(
  desk: HelpDesk | undefined,
  operator: Operator,
  signal: AbortSignal,
  { ticket, fields }: { ticket?: string | undefined; fields?: readonly string[] | undefined } = {},
): Promise<Account | undefined> {
  if (desk?.kind !== 'api') return undefined;
  try {
    const checked = await desk.check(signal);
    const { account, problems, required = [] } = checked;
    operator.emit({ type: 'step-ended', step: 'help-desk', text: `help desk ${desk.origin} knows us as ${account}` });
    for (const problem of problems) operator.emit({ type: 'warning', text: `help desk: ${problem}` });
    if (ticket !== undefined) await tellNoTicket(desk, ticket, operator, signal);
    if (fields !== undefined) tellMissing(unfilled(required, fields), operator);
    return checked;
  } catch (error) {
    if (!signal.aborted)
      operator.emit({
        type: 'warning',
        text: `the help desk does not answer as it should: ${reasonOf(error)}`,
        hint: 'It is tried all the same; what was collected is kept',
      });
    return undefined;
  }
}

/** A wrong number is noticed while something else can still be done; of other failures it is too early to speak. */
async function tellNoTicket(desk: ApiHelpDesk, ticket: string, { emit }: Operator, signal: AbortSignal): Promise<void> {
  try {
    await desk.get(ticket, signal);
  } catch (error) {
    if (!(error instanceof HelpDeskError)) throw error;
    if (error.kind !== 'not-found') return;
    const hint = say`What is collected is kept. Another ticket: ${icepack('submit', placeholder('RUN'), '--ticket', placeholder('TICKET'))}`;
    emit({ type: 'warning', text: `the help desk has no ticket ${ticket}`, hint });
  }
}
