import { reasonOf } from '../errors.js';
import type { HelpDesk } from '../helpdesk/help-desk.js';
import type { Operator } from '../ui/operator.js';

/**
 * A help desk that will not take the ticket is said at once, and stops nothing; what it has to say of itself – the account,
 * the largest file, a clock that differs – is known then.
 */
export async function checkDesk(desk: HelpDesk | undefined, operator: Operator, signal: AbortSignal): Promise<void> {
  if (desk?.kind !== 'api') return;
  try {
    const { account, problems } = await desk.check(signal);
    operator.emit({ type: 'step-ended', step: 'help-desk', text: `help desk ${desk.origin} knows us as ${account}` });
    for (const problem of problems) operator.emit({ type: 'warning', text: `help desk: ${problem}` });
  } catch (error) {
    if (!signal.aborted)
      operator.emit({
        type: 'warning',
        text: `the help desk does not answer as it should: ${reasonOf(error)}`,
        hint: 'It is tried all the same; what was collected is kept',
      });
  }
}
