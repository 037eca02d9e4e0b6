import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { SentWeeks } from '../domain/weekly.js';
import { UserError } from '../errors.js';
import { inLocalTerms } from '../fs/durable.js';
import { openJournalOf } from './journal.js';
import { takeLock } from './lock.js';
import { makeStateFolder } from './machine.js';

const at = z.string();
const weeklyEntrySchema = z.discriminatedUnion('type', [
  /** From then on a watch sends it. */
  z.object({ type: z.literal('begun'), at }),
  /** It leaves now; until `weekly-sent`, whether it was sent is not known, and it is sent again under the same number. */
  z.object({ type: z.literal('weekly-sending'), at, week: z.string() }),
  z.object({ type: z.literal('weekly-sent'), at, week: z.string() }),
]);
type WeeklyEntry = z.infer<typeof weeklyEntrySchema>;
type NewEntry = { type: 'begun' } | { type: 'weekly-sending' | 'weekly-sent'; week: string };

/** Which weekly status was sent. */
export interface WeeklyJournal {
  /** @throws UserError `journal-damaged`, `journal-newer` */
  read(): Promise<SentWeeks>;
  /** Notes that it is sent from now on, where nothing was noted yet; what is damaged is put aside. */
  begin(): Promise<SentWeeks>;
  /**
   * Sends the status of a week: it is noted before it leaves, and after it has.
   * @param send is told whether it was sent before; `again`: it is called then, too
   * @returns whether it was sent now @throws UserError `busy` while another process sends one
   */
  sendOnce(week: string, again: boolean, send: (wasSent: boolean) => Promise<void>): Promise<boolean>;
}

export function openWeeklyJournal(stateFolder: string, now: () => Date): WeeklyJournal {
  const folder = join(stateFolder, 'watch');
  const path = join(folder, 'weekly.jsonl');
  const open = () => openJournalOf<WeeklyEntry, NewEntry>(path, now, weeklyEntrySchema);
  const alone = async <T>(work: () => Promise<T>): Promise<T> => {
    await makeStateFolder(folder, stateFolder);
    const release = await takeLock(`weekly ${stateFolder}`);
    try {
      return await work();
    } finally {
      release();
    }
  };
  return {
    read: async () => sentIn((await open()).entries),
    begin: () =>
      alone(async () => {
        const journal = await open().catch(async (error: unknown) => {
          if (!(error instanceof UserError) || error.code !== 'journal-damaged') throw error;
          await inLocalTerms(path, () => rename(path, `${path}.damaged-${now().getTime()}`));
          return undefined; // what was sent is not known: the last week is sent again, under the same number
        });
        if (journal === undefined) return { sent: new Set<string>(), since: undefined };
        if (journal.entries.length === 0) await journal.write({ type: 'begun' });
        return sentIn(journal.entries);
      }),
    sendOnce: (week, again, send) =>
      alone(async () => {
        const journal = await open();
        const wasSent = sentIn(journal.entries).sent.has(week);
        if (wasSent && !again) return false;
        await journal.write({ type: 'weekly-sending', week });
        await send(wasSent);
        await journal.write({ type: 'weekly-sent', week });
        return true;
      }),
  };
}

function sentIn(entries: readonly WeeklyEntry[]): SentWeeks {
  const begun = entries.find(({ type }) => type === 'begun');
  return {
    sent: new Set(entries.flatMap((entry) => (entry.type === 'weekly-sent' ? [entry.week] : []))),
    since: begun === undefined ? undefined : new Date(begun.at),
  };
}
