import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { makePrivateFolder } from '../fs/durable.js';
import { type Journal, openJournal } from './journal.js';
import { refuseExposed } from './machine.js';

/** What was written to tickets that no run knows of: a journal for each ticket. */
export interface TicketJournals {
  /** @throws UserError `state-exposed`, `journal-damaged` */
  of(origin: string, id: string): Promise<Journal>;
}

/** Opens the journals of a state folder. */
export function openTicketJournals(stateFolder: string, now: () => Date): TicketJournals {
  return {
    async of(origin, id) {
      const folder = join(stateFolder, 'tickets');
      await makePrivateFolder(folder);
      await refuseExposed(stateFolder);
      const name = createHash('sha256').update(`${origin}\n${id}`).digest('hex').slice(0, 16);
      return openJournal(join(folder, `${name}.jsonl`), now);
    },
  };
}
