import { lstat, mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { icepack, say } from '../domain/command.js';
import {
  type IncidentEntry,
  type IncidentLog,
  incidentEntrySchema,
  latestOf,
  type NewIncidentEntry,
} from '../domain/incident.js';
import type { Stamp } from '../domain/watch-event.js';
import { exitCode, UserError } from '../errors.js';
import { inLocalTerms, isCode, makePrivateFolder, syncFolder } from '../fs/durable.js';
import { namesIn } from '../fs/names-in.js';
import { type Journal, type JournalOf, openJournal, openJournalOf } from './journal.js';
import { monthOf, noLongerKept } from './kept-months.js';
import { takeLock } from './lock.js';
import { makeStateFolder, refuseExposed } from './machine.js';

type Opened = Extract<IncidentEntry, { type: 'opened' }>;
type IncidentJournal = JournalOf<IncidentEntry, NewIncidentEntry>;

/** An incident: a folder with what became of it, what people said of it, and what was done about its ticket. */
export interface StoredIncident {
  readonly id: string;
  readonly folder: string;
  /** What became of it, with what people said among that, in order of time. */
  readonly log: IncidentLog & {
    /** For the watch, which is the only one that writes it. */
    write(entry: NewIncidentEntry): Promise<void>;
    /** Takes up what people have said since. */
    refresh(): Promise<void>;
  };
  /** What was done about its ticket. */
  readonly ticket: Journal;
}

export interface IncidentStore {
  /** Those that are not closed, the oldest first; `damaged`: the error for each that cannot be read. */
  open(): Promise<{ known: StoredIncident[]; damaged: UserError[] }>;
  /** Those that were closed since an instant, and perhaps some before, the oldest first; `damaged` as with `open`. */
  closed(since: Date): Promise<{ known: StoredIncident[]; damaged: UserError[] }>;
  find(id: string): Promise<StoredIncident | undefined>;
  /** Gives it its number. It is there whole, with what is bad, or not at all. */
  create(
    opened: Omit<Opened, 'type' | 'id' | 'at' | 'schema'>,
    joined: readonly NewIncidentEntry[],
  ): Promise<StoredIncident>;
  /** What a person says of one, from any process. @throws UserError `busy` while another one says something of it */
  say(id: string, entry: NewIncidentEntry): Promise<void>;
  close(incident: StoredIncident, why: string): Promise<void>;
}

const named = /^I([1-9]\d{0,8})$/;
const month = /^\d{4}-\d\d$/;
const journalFile = 'journal.jsonl';
const saidFile = 'said.jsonl';
const ticketFile = 'ticket.jsonl';
/** People do not say so much of one. */
const mostSaidBytes = 1024 * 1024;

export function openIncidents(stateFolder: string, now: () => Date): IncidentStore {
  const watch = join(stateFolder, 'watch');
  const [openFolder, closedFolder] = [join(watch, 'open'), join(watch, 'closed')];
  const closedIn = (month: string) => join(closedFolder, month);
  const at = (folder: string, id: string) => incidentAt(id, join(folder, id), now);
  const allIn = async (folder: string) => {
    await refuseExposed(stateFolder);
    const read = await Promise.all((await idsIn(folder)).map((id) => at(folder, id).catch(whyNot)));
    return { known: read.filter(isRead), damaged: read.filter((each) => each instanceof UserError) };
  };
  return {
    open: () => allIn(openFolder),
    async closed(since) {
      const months = (await monthsIn(closedFolder)).filter((month) => month >= monthOf(since)).sort();
      const read = [];
      for (const month of months) read.push(await allIn(closedIn(month)));
      return { known: read.flatMap(({ known }) => known), damaged: read.flatMap(({ damaged }) => damaged) };
    },
    async find(id) {
      await refuseExposed(stateFolder);
      const folders = [openFolder, ...(await monthsIn(closedFolder)).map(closedIn)];
      for (const folder of folders) if ((await idsIn(folder)).includes(id)) return at(folder, id);
      return undefined;
    },
    async create(opened, joined) {
      await makeStateFolder(openFolder, stateFolder);
      await sweep(openFolder);
      const id = `I${(await lastNumber(openFolder, closedFolder)) + 1}`;
      const part = join(openFolder, `.part-${id}`);
      await inLocalTerms(part, () => mkdir(part, { mode: 0o700 }));
      const journal: IncidentJournal = await openJournalOf(join(part, journalFile), now, incidentEntrySchema);
      await journal.write({ ...opened, type: 'opened', schema: 1, id });
      for (const entry of joined) await journal.write(entry);
      await moved(part, join(openFolder, id));
      return at(openFolder, id);
    },
    async say(id, entry) {
      await refuseExposed(stateFolder);
      const folder = join(openFolder, id);
      const release = await takeLock(`said ${folder}`).catch((error: unknown) => {
        throw error instanceof UserError && error.code === 'busy' ? beingSaid(id, error) : error;
      });
      try {
        const path = join(folder, saidFile);
        await saidBytes(path);
        const said: IncidentJournal = await openJournalOf(path, now, incidentEntrySchema);
        await said.write(entry);
      } finally {
        release();
      }
    },
    async close(incident, why) {
      if (latestOf(incident.log, 'closed') === undefined) await incident.log.write({ type: 'closed', why });
      const target = join(closedIn(monthOf(now())), incident.id);
      await makePrivateFolder(dirname(target));
      await moved(incident.folder, target);
      await prune(openFolder, closedFolder);
    },
  };
}

async function incidentAt(id: string, folder: string, now: () => Date): Promise<StoredIncident> {
  const own: IncidentJournal = await openJournalOf(join(folder, journalFile), now, incidentEntrySchema);
  const first = own.entries[0];
  if (first?.type !== 'opened' || first.id !== id) throw notOurs(folder, 'does not begin as an incident');
  const saidPath = join(folder, saidFile);
  const readSaid = async () => (await openJournalOf(saidPath, now, incidentEntrySchema)).entries;
  let size = await saidBytes(saidPath);
  let said = await readSaid();
  return {
    ...{ id, folder },
    ticket: await openJournal(join(folder, ticketFile), now),
    log: {
      get entries() {
        return inOrder(own.entries, said);
      },
      write: (entry) => own.write(entry),
      async refresh() {
        const sizeNow = await saidBytes(saidPath);
        if (sizeNow === size) return;
        said = await readSaid();
        size = sizeNow;
      },
    },
  };
}

/** Two journals as one, by the clock that nobody can set where both have it. What is in one stays in its order. */
function inOrder(own: readonly IncidentEntry[], said: readonly IncidentEntry[]): readonly IncidentEntry[] {
  if (said.length === 0) return own;
  const merged: IncidentEntry[] = [];
  let next = 0;
  for (const entry of said) {
    while (next < own.length && !isLater(own[next], entry)) merged.push(own[next++] as IncidentEntry);
    merged.push(entry);
  }
  return [...merged, ...own.slice(next)];
}

function isLater(entry: IncidentEntry | undefined, than: IncidentEntry): boolean {
  if (entry === undefined) return true;
  const [a, b] = [stampOf(entry), stampOf(than)];
  if (a !== undefined && b !== undefined && a.boot === b.boot) return a.upMs > b.upMs;
  return entry.at > than.at;
}

function stampOf(entry: IncidentEntry): Stamp | undefined {
  return 'stamp' in entry ? entry.stamp : undefined;
}

async function lastNumber(openFolder: string, closedFolder: string): Promise<number> {
  const months = (await monthsIn(closedFolder)).map((month) => join(closedFolder, month));
  const ids = await Promise.all([openFolder, ...months].map(idsIn));
  return Math.max(0, ...ids.flat().map((id) => Number(id.slice(1))));
}

/** What was begun and never got its name. */
async function sweep(folder: string): Promise<void> {
  for (const name of await namesIn(folder))
    if (name.startsWith('.part-')) await inLocalTerms(folder, () => rm(join(folder, name), { recursive: true }));
}

/** Deletes what is old; but never the newest number, so that no other incident gets it again. */
async function prune(openFolder: string, closedFolder: string): Promise<void> {
  const old = noLongerKept(await monthsIn(closedFolder));
  if (old.length === 0) return;
  const last = `I${await lastNumber(openFolder, closedFolder)}`;
  for (const folder of old.map((name) => join(closedFolder, name)))
    if (!(await idsIn(folder)).includes(last)) await inLocalTerms(folder, () => rm(folder, { recursive: true }));
}

async function moved(from: string, to: string): Promise<void> {
  await inLocalTerms(to, async () => {
    await rename(from, to);
    await syncFolder(dirname(to));
    if (dirname(from) !== dirname(to)) await syncFolder(dirname(from));
  });
}

async function monthsIn(closedFolder: string): Promise<string[]> {
  return (await namesIn(closedFolder)).filter((name) => month.test(name));
}

async function idsIn(folder: string): Promise<string[]> {
  const ids = (await namesIn(folder)).filter((name) => named.test(name));
  return ids.sort((a, b) => Number(a.slice(1)) - Number(b.slice(1)));
}

/** Its size, for what other processes write. @throws UserError `journal-damaged` where it can be none of theirs */
async function saidBytes(path: string): Promise<number> {
  try {
    const found = await lstat(path);
    const isOurs = process.getuid === undefined || found.uid === process.getuid();
    if (found.isFile() && isOurs && found.size <= mostSaidBytes) return found.size;
  } catch (error) {
    if (isCode(error, 'ENOENT')) return 0;
    throw error;
  }
  throw notOurs(path, 'is nothing that icepack has written');
}

function whyNot(error: unknown): UserError {
  if (error instanceof UserError) return error;
  throw error;
}

function isRead(each: StoredIncident | UserError): each is StoredIncident {
  return !(each instanceof UserError);
}

function notOurs(path: string, why: string): UserError {
  return new UserError('journal-damaged', `${path} ${why}`, {
    exit: exitCode.local,
    hint: 'It is left alone, and nothing is registered on a guess. Look at the file, and at the help desk',
  });
}

function beingSaid(id: string, cause: UserError): UserError {
  return new UserError('busy', `somebody else is saying something of ${id}`, {
    exit: exitCode.busy,
    hint: say`See what it was, then say yours: ${icepack('watch', 'status')}`,
    cause,
  });
}
