import { rename, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { type HistoryEntry, historyEntrySchema, type NewHistoryEntry } from '../domain/watch-history.js';
import { reasonOf, UserError } from '../errors.js';
import { inLocalTerms, makePrivateFolder } from '../fs/durable.js';
import { namesIn } from '../fs/names-in.js';
import { type JournalOf, openJournalOf } from './journal.js';
import { monthOf, noLongerKept } from './kept-months.js';
import { refuseExposed } from './machine.js';

/** What the watch saw over a year: a file for each month, which only the watch writes. */
export interface WatchHistory {
  /** What is damaged is put aside, and begun anew. @throws UserError `local-write`, `journal-newer` */
  write(entry: NewHistoryEntry): Promise<void>;
  /** All since an instant, in order; `unread`: what cannot be read of that, each in words. */
  read(since: Date): Promise<{ entries: HistoryEntry[]; unread: string[] }>;
}

type MonthJournal = JournalOf<HistoryEntry, NewHistoryEntry>;

const named = /^(\d{4}-\d\d)\.jsonl(\.damaged-\d+)?$/;
export function openWatchHistory(stateFolder: string, now: () => Date): WatchHistory {
  const folder = join(stateFolder, 'watch', 'history');
  const open = (month: string): Promise<MonthJournal> =>
    openJournalOf(join(folder, `${month}.jsonl`), now, historyEntrySchema);
  let current: { month: string; journal: MonthJournal } | undefined;

  async function begun(month: string): Promise<MonthJournal> {
    await makePrivateFolder(folder);
    await refuseExposed(stateFolder);
    await prune(folder);
    try {
      return await open(month);
    } catch (error) {
      if (!(error instanceof UserError) || error.code !== 'journal-damaged') throw error;
      const path = join(folder, `${month}.jsonl`);
      await inLocalTerms(path, () => rename(path, `${path}.damaged-${now().getTime()}`));
      return open(month);
    }
  }
  return {
    async write(entry) {
      const month = monthOf(now());
      if (current?.month !== month) current = { month, journal: await begun(month) };
      await current.journal.write(entry);
    },
    async read(since) {
      const [entries, unread]: [HistoryEntry[], string[]] = [[], []];
      for (const { name, month, isDamaged } of await monthsIn(folder)) {
        if (month < monthOf(since)) continue;
        try {
          if (isDamaged) unread.push(`${join(folder, name)} is damaged`);
          else entries.push(...(await open(month)).entries);
        } catch (error) {
          unread.push(reasonOf(error));
        }
      }
      return { entries: entries.filter((entry) => new Date(entry.at) >= since), unread };
    },
  };
}

async function monthsIn(folder: string) {
  return (await namesIn(folder)).flatMap((name) => {
    const [, month, damaged] = named.exec(name) ?? [];
    return month === undefined ? [] : [{ name, month, isDamaged: damaged !== undefined }];
  });
}

async function prune(folder: string): Promise<void> {
  const files = await monthsIn(folder);
  const old = noLongerKept(files.map(({ month }) => month));
  for (const { name, month } of files) if (old.includes(month)) await unlink(join(folder, name));
}
