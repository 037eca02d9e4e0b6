import { reasonOf } from '../errors.js';
import type { Account, HelpDesk } from '../helpdesk/help-desk.js';
import type { Operator } from '../ui/operator.js';

/**
 * A help desk that will not take the ticket is said at once, and stops nothing.
 * @returns what it said of itself: the account, the largest file; undefined where nobody is asked or it failed
 */
export async function checkDesk(
  desk: HelpDesk | undefined,
  operator: Operator,
  signal: AbortSignal,
): Promise<Account | undefined> {
  if (desk?.kind !== 'api') return undefined;
  try {
    const checked = await desk.check(signal);
    const { account, problems } = checked;
    operator.emit({ type: 'step-ended', step: 'help-desk', text: `help desk ${desk.origin} knows us as ${account}` });
    for (const problem of problems) operator.emit({ type: 'warning', text: `help desk: ${problem}` });
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
