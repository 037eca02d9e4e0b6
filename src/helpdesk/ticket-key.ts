import { parseTicketKey } from '../domain/ticket.js';

/** How keys look at a help desk; each has its own. */
export type TicketKeys = {
  /** The key of a ticket as people type it; undefined where it cannot be one. Safe as the name of a folder. */
  parse(text: string): string | undefined;
  /** How to write it, e.g. `TIC-1234 or 1234`. */
  example: string;
};

/** Keys that begin with a prefix, and end in a number. */
export function numberedKeys(prefix: string): TicketKeys {
  return { parse: (text) => parseTicketKey(text, prefix), example: `${prefix}-1234 or 1234` };
}

/** Where no help desk is configured, and at desks that say nothing else. */
export const usualKeys = numberedKeys('TIC');
