import { readFile, truncate } from 'node:fs/promises';
import { type JournalEntry, journalEntrySchema, type NewJournalEntry } from '../domain/journal.js';
import { exitCode, UserError } from '../errors.js';
import { appendDurably, inLocalTerms, isCode } from '../fs/durable.js';

export interface Journal {
  readonly entries: readonly JournalEntry[];
  /** Returns when the entry is on the disk. */
  write(entry: NewJournalEntry): Promise<void>;
}

/** @throws UserError `journal-damaged` when a line other than a cut last one cannot be read */
export async function openJournal(path: string, now: () => Date): Promise<Journal> {
  const { entries, wholeBytes } = await readEntries(path);
  let cutAt = wholeBytes;
  return {
    entries,
    async write(entry) {
      // A last line without its end is taken away before another one is added; reading changes nothing.
      if (cutAt !== undefined) await truncate(path, cutAt);
      cutAt = undefined;
      const complete = { at: now().toISOString(), ...entry } as JournalEntry;
      await appendDurably(path, JSON.stringify(complete));
      entries.push(complete);
    },
  };
}

/** `wholeBytes`: where the whole lines end, when something follows them. */
async function readEntries(path: string): Promise<{ entries: JournalEntry[]; wholeBytes: number | undefined }> {
  let text: string;
  try {
    text = await inLocalTerms(path, () => readFile(path, 'utf8'));
  } catch (error) {
    if (error instanceof UserError && isCode(error.cause, 'ENOENT')) return { entries: [], wholeBytes: undefined };
    throw error;
  }
  const lines = text.split('\n');
  const unfinished = lines.pop() ?? ''; // a line without its end was never written whole
  const entries = lines.map((line, index) => parseEntry(path, index + 1, line));
  const wholeBytes = unfinished === '' ? undefined : Buffer.byteLength(text) - Buffer.byteLength(unfinished);
  return { entries: entries.filter((entry) => entry !== undefined), wholeBytes };
}

function parseEntry(path: string, number: number, line: string): JournalEntry | undefined {
  if (line === '') return undefined;
  try {
    return journalEntrySchema.parse(JSON.parse(line));
  } catch (cause) {
    throw new UserError('journal-damaged', `${path}:${number} is damaged or of a newer icepack`, {
      exit: exitCode.local,
      hint: 'Nothing is registered on a guess. Look at the file; the evidence beside it is untouched',
      cause,
    });
  }
}
