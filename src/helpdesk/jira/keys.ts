import { isTicketKey } from '../../domain/ticket.js';
import type { TicketKeys } from '../ticket-key.js';

/** Keys as `SUP-7`, of any project and in any case; a number alone is one of this project. */
export function jiraKeys(project: string): TicketKeys {
  return {
    example: `${project}-1234 or 1234`,
    parse(text) {
      const [, of = project, number] = /^(?:([A-Za-z][A-Za-z0-9_]*)-|#)?(\d{1,12})$/.exec(text.trim()) ?? [];
      const key = `${of.toUpperCase()}-${Number(number)}`;
      return number !== undefined && isTicketKey(key) ? key : undefined;
    },
  };
}

/** The number in a key of this project; undefined in those of others. */
export function numberIn(key: string, project: string): number | undefined {
  return key.startsWith(`${project}-`) ? Number(key.slice(project.length + 1)) : undefined;
}
