import { usageError } from '../errors.js';
import type { HelpDesk } from '../helpdesk/help-desk.js';
import { usualKeys } from '../helpdesk/ticket-key.js';

/** The key of a ticket that was named. @throws UserError `bad-ticket` */
export function keyAt(desk: HelpDesk | undefined, text: string): string {
  const keys = desk?.keys ?? usualKeys;
  const key = keys.parse(text);
  if (key === undefined)
    throw usageError(
      'bad-ticket',
      `"${text}" is no ticket of ${desk?.origin ?? 'a help desk'}`,
      `Write it like ${keys.example}`,
    );
  return key;
}
