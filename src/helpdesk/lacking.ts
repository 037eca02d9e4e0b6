import { printableLine } from '../domain/text.js';
import type { TicketDraft } from '../domain/ticket.js';
import { HelpDeskError } from './help-desk.js';

/** Fields that were sent and that the ticket shows nothing of, in words. @param shown by name; what it says is as it has it */
export function lackingFields(sent: Iterable<string>, isThere: (name: string) => boolean): string[] {
  return [...sent].filter((name) => !isThere(name)).map((name) => `it did not take the field ${printableLine(name)}`);
}

/** What is said of somebody or something that a ticket was to have. */
export function didNotTake(what: string, wanted: string | number, key: string): string {
  return `it did not take the ${what} ${wanted} (helpdesk.${key})`;
}

/** Where the configuration says what a help desk calls somebody. */
export const assigneeKey = 'people: atDesk';

/** What is said of who was to work on a ticket. @param key of `helpdesk:`, which counts where the draft names nobody */
export function didNotAssign({ assignee }: TicketDraft, what: string, wanted: string | number, key: string): string {
  return assignee === undefined
    ? didNotTake(what, wanted, key)
    : `it did not take the ${what} ${printableLine(assignee)} (${assigneeKey})`;
}

/** A refusal in which the fields that are missing are those that were found to be. */
export function refusedFor(error: HelpDeskError, required: HelpDeskError['required']): HelpDeskError {
  const { kind, message, status, maybeApplied } = error;
  const facts = { maybeApplied, required, cause: error.cause };
  return new HelpDeskError(kind, message, status === undefined ? facts : { ...facts, status });
}
