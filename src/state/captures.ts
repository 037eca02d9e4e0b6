import { constants } from 'node:fs';
import { lstat, mkdir, open, readdir, rename, rm, statfs, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { type Capture, type CaptureRecord, captureSchema, sequenceOf } from '../domain/capture.js';
import { visibleJson } from '../domain/text.js';
import { trace } from '../domain/trace.js';
import { inLocalTerms, isCode, makePrivateFolder, syncFolder, writeDurably } from '../fs/durable.js';
import { type AtWorkNotes, atWorkFile, openAtWorkNotes, wantedFile } from './capture-at-work.js';
import { openStandings, type Standings, standingFile } from './capture-standing.js';
import { type Journal, openJournal } from './journal.js';
import { takeLock } from './lock.js';
import { refuseExposed } from './machine.js';

/** The captures of a server, oldest first, and what lies beside them that is not of icepack. */
export type Ring = { captures: Capture[]; strangers: string[] };

/** A capture that is being made, or was cut: what it made on the server is in its journal. */
export type Unfinished = {
  id: string;
  folder: string;
  journal: Journal;
  /** Gives it its name; a folder under that is whole. */
  commit(record: CaptureRecord): Promise<void>;
  /** Throws away what was captured; where something may be left on the server, the journal stays for the next one. */
  discard(): Promise<void>;
};

/** What was captured ahead of incidents: a ring per server. No links are followed, and nothing foreign is touched. */
export interface CaptureStore {
  /** The servers that have a ring. */
  servers(): Promise<string[]>;
  ring(server: string): Promise<Ring>;
  /** What lies among the rings and is none. */
  strangers(): Promise<string[]>;
  begin(server: string, at: Date): Promise<Unfinished>;
  /** Those that were cut, oldest first. */
  unfinished(server: string): Promise<Unfinished[]>;
  /** The journals of captures that may have left something on the server. */
  journals(server: string): Promise<{ id: string; journal: Journal }[]>;
  remove(server: string, id: string): Promise<void>;
  /** The size of the disk, and how much of it is free. */
  room(): Promise<{ bytes: number; freeBytes: number }>;
  readonly standings: Standings;
  readonly atWork: AtWorkNotes;
  /** One capture of a server at a time. @throws UserError `busy` */
  lock(server: string): Promise<() => void>;
}

const wholeName = /^\d{6,9}-\d{8}T\d{4}Z$/;
const partialName = /^\.(\d{6,9}-\d{8}T\d{4}Z)\.partial$/;
const ownFiles: ReadonlySet<string> = new Set([standingFile, atWorkFile, wantedFile]);
const halfWritten = /^\.[0-9a-f]{8}-\d+-[0-9a-f]{12}\.partial$/;
const journalFile = 'journal.jsonl';

export function openCaptureStore(stateFolder: string, now: () => Date): CaptureStore {
  const root = join(stateFolder, 'captures');
  const folderOf = (server: string) => join(root, server);
  const openUnfinished = async (server: string, id: string) => {
    const folder = join(folderOf(server), `.${id}.partial`);
    return unfinishedAt(folder, id, await openJournal(join(folder, journalFile), now));
  };
  return {
    async servers() {
      return (await entriesOf(root)).filter((entry) => entry.isDirectory()).map(({ name }) => name);
    },
    async strangers() {
      return (await entriesOf(root)).filter((entry) => !entry.isDirectory()).map(({ name }) => join(root, name));
    },
    ring: (server) => readRing(folderOf(server), now),
    async begin(server, at) {
      await makePrivateFolder(folderOf(server));
      await refuseExposed(stateFolder);
      const id = await makeNext(folderOf(server), at);
      return openUnfinished(server, id);
    },
    async unfinished(server) {
      const ids = (await entriesOf(folderOf(server)))
        .filter((entry) => entry.isDirectory())
        .flatMap(({ name }) => partialName.exec(name)?.[1] ?? []);
      const opened = ids.sort().map((id) => openUnfinished(server, id).catch(() => undefined)); // damaged: told by doctor
      return (await Promise.all(opened)).filter((each) => each !== undefined);
    },
    journals: (server) => readJournals(folderOf(server), now),
    remove: (server, id) => (wholeName.test(id) ? removeFolder(join(folderOf(server), id)) : Promise.resolve()),
    async room() {
      await makePrivateFolder(root);
      const { bavail, blocks, bsize } = await statfs(root);
      return { bytes: blocks * bsize, freeBytes: bavail * bsize };
    },
    standings: openStandings(folderOf),
    atWork: openAtWorkNotes(folderOf),
    lock: (server) => takeLock(`${stateFolder} capture ${server}`),
  };
}

async function readJournals(folder: string, now: () => Date): Promise<{ id: string; journal: Journal }[]> {
  const journals: { id: string; journal: Journal }[] = [];
  for (const entry of await entriesOf(folder)) {
    const id = partialName.exec(entry.name)?.[1] ?? entry.name;
    if (!entry.isDirectory() || !wholeName.test(id)) continue;
    const journal = await openJournal(join(folder, entry.name, journalFile), now).catch(() => undefined); // damaged
    if (journal !== undefined) journals.push({ id, journal });
  }
  return journals;
}

async function entriesOf(folder: string) {
  try {
    if (!(await lstat(folder)).isDirectory()) return []; // a link is not followed
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if (isCode(error, 'ENOENT')) return [];
    throw error;
  }
}

async function readRing(folder: string, now: () => Date): Promise<Ring> {
  const captures: Capture[] = [];
  const strangers: string[] = [];
  for (const entry of await entriesOf(folder)) {
    if (ownFiles.has(entry.name) || halfWritten.test(entry.name)) continue;
    if (entry.isDirectory() && partialName.test(entry.name)) {
      const journal = openJournal(join(folder, entry.name, journalFile), now);
      await journal.catch(() => strangers.push(join(folder, entry.name))); // nobody can take it away then
      continue;
    }
    const isNamed = entry.isDirectory() && wholeName.test(entry.name);
    const capture = isNamed ? await readCapture(join(folder, entry.name), entry.name) : undefined;
    if (capture === undefined) strangers.push(join(folder, entry.name));
    else captures.push(capture);
  }
  return { captures: captures.sort((a, b) => sequenceOf(a.id) - sequenceOf(b.id)), strangers };
}

const maxRecordBytes = 4 * 1024 * 1024;

/** @returns undefined where it is none of ours, or damaged */
async function readCapture(folder: string, id: string): Promise<Capture | undefined> {
  try {
    const handle = await open(join(folder, 'capture.json'), constants.O_RDONLY | constants.O_NOFOLLOW);
    try {
      if ((await handle.stat()).size > maxRecordBytes) return undefined;
      const record = captureSchema.parse(JSON.parse(await handle.readFile('utf8')));
      return record.id === id ? { id, folder, bytes: await sizeBelow(folder), record } : undefined;
    } finally {
      await handle.close();
    }
  } catch {
    return undefined; // it is left alone, and named by doctor
  }
}

async function sizeBelow(folder: string): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  const files = entries.filter((entry) => entry.isFile());
  const sizes = await Promise.all(
    files.map((file) => lstat(join(file.parentPath, file.name)).then(({ size }) => size)),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** Makes the folder of the next capture: its number is above all that are there, also of those that were cut. */
async function makeNext(folder: string, at: Date): Promise<string> {
  const time = at.toISOString().replace(/[-:]/g, '').slice(0, 13);
  for (;;) {
    const names = (await entriesOf(folder)).map(({ name }) => partialName.exec(name)?.[1] ?? name);
    const last = Math.max(0, ...names.filter((name) => wholeName.test(name)).map(sequenceOf));
    const id = `${String(last + 1).padStart(6, '0')}-${time}Z`;
    const path = join(folder, `.${id}.partial`);
    try {
      await inLocalTerms(path, () => mkdir(path, { mode: 0o700 }));
      await inLocalTerms(path, () => syncFolder(folder));
      return id;
    } catch (error) {
      if (!(error instanceof Error && isCode(error.cause, 'EEXIST'))) throw error;
    }
  }
}

function unfinishedAt(folder: string, id: string, journal: Journal): Unfinished {
  const ring = join(folder, '..');
  return {
    id,
    folder,
    journal,
    async commit(record) {
      await writeDurably(join(folder, 'capture.json'), `${visibleJson(record, null, 2)}\n`);
      await inLocalTerms(folder, async () => {
        if (leftOn(journal).length === 0) await unlink(join(folder, journalFile)).catch(() => undefined); // nothing was noted
        await syncFolder(folder);
        await rename(folder, join(ring, id));
        await syncFolder(ring);
      });
      trace('file', () => `renamed ${folder} to ${id}`);
    },
    async discard() {
      if (leftOn(journal).length === 0) return removeFolder(folder);
      for (const entry of await entriesOf(folder))
        if (entry.name !== journalFile) await removeFolder(join(folder, entry.name));
    },
  };
}

/** What a capture made on its server, and did not see gone. */
export function leftOn({ entries }: Pick<Journal, 'entries'>) {
  const open = new Map<string, Extract<Journal['entries'][number], { type: 'making' }>>();
  for (const entry of entries) {
    if (entry.type === 'making') open.set(`${entry.face} ${entry.folder}`, entry);
    if (entry.type === 'gone') open.delete(`${entry.face} ${entry.folder}`);
  }
  return [...open.values()];
}

async function removeFolder(path: string): Promise<void> {
  await inLocalTerms(path, () => rm(path, { recursive: true, force: true }));
  trace('file', () => `removed ${path}`);
}
