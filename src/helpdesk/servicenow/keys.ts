import type { TicketKeys } from '../ticket-key.js';

/** Numbers of ServiceNow: letters that tell the table, and digits. */
export const numberKeys: TicketKeys = {
  parse(text) {
    const number = text.trim().toUpperCase();
    return /^[A-Z]{1,10}\d{3,15}$/.test(number) ? number : undefined;
  },
  example: 'INC0010023',
};
