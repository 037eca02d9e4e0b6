import { randomInt } from 'node:crypto';
import { lstat, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { icepack, say } from '../domain/command.js';
import { type Manifest, manifestSchema } from '../domain/manifest.js';
import { visibleJson } from '../domain/text.js';
import { trace } from '../domain/trace.js';
import { folderTime } from '../domain/zone.js';
import { exitCode, UserError, usageError } from '../errors.js';
import { inLocalTerms, isCode, makePrivateFolder, syncFolder, writeDurably } from '../fs/durable.js';
import { type Journal, openJournal } from './journal.js';
import { takeLock } from './lock.js';
import { refuseExposed } from './machine.js';
import { processSchema, stillRuns, thisProcess } from './process.js';

/** One collection and everything that came of it: a folder with the journal, the manifest, the evidence and the ZIPs. */
export interface Run {
  /** e.g. `20261120-1032-east-k3f9` */
  readonly id: string;
  readonly folder: string;
  readonly journal: Journal;
  /** The evidence of one server, laid out like its event folder. */
  stagingOf(server: string): string;
  /** The evidence that is collected from a server a second time, until it replaces the first. */
  laterStagingOf(server: string): string;
  /** @throws UserError `run-unfinished` when nothing was collected, `manifest-damaged` */
  readManifest(): Promise<Manifest>;
  writeManifest(manifest: Manifest): Promise<void>;
}

export interface RunStore {
  /** @param label what was collected, e.g. a cluster's name */
  create(label: string, at: Date, zone: string): Promise<Run>;
  /** Makes a run under an id that another machine gave it. */
  adopt(id: string): Promise<Run>;
  find(id: string): Promise<Run | undefined>;
  /** Ids of all runs, oldest first. */
  ids(): Promise<string[]>;
  /** Runs in the order of their ids; all runs if no ids are given. Damaged ones are skipped. */
  each(ids?: readonly string[]): AsyncIterable<Run>;
  /** Whether the process that began a run still works on it. */
  isGoingOn(id: string): Promise<boolean>;
  /** The size of all its files, in bytes. */
  sizeOf(id: string): Promise<number>;
  /** Deletes a run with all that is in its folder. */
  remove(id: string): Promise<void>;
  /**
   * Keeps other runs in this state folder from working on the same thing, until the lock is released or the process ends.
   * @throws UserError `busy`
   */
  lock(what: string): Promise<() => void>;
}

/**
 * Opens the runs of a state folder. Everything but `isGoingOn` throws UserError `state-exposed` when others may read or
 * write the folder.
 */
export function openRunStore(stateFolder: string, now: () => Date): RunStore {
  const runs = join(stateFolder, 'runs');
  const open = async (id: string): Promise<Run> =>
    runAt(id, join(runs, id), await openJournal(join(runs, id, 'journal.jsonl'), now));

  return {
    async create(label, at, zone) {
      await makePrivateFolder(runs);
      await refuseExposed(stateFolder);
      const id = await newFolder(
        runs,
        `${folderTime(at, zone).replace('_', '-')}-${label.replace(/[^A-Za-z0-9]+/g, '-')}`,
      );
      await writeDurably(join(runs, id, processFile), `${JSON.stringify(await thisProcess())}\n`);
      return open(id);
    },
    async adopt(id) {
      await makePrivateFolder(runs);
      await refuseExposed(stateFolder);
      await makePrivateFolder(join(runs, id));
      return open(id);
    },
    async find(id) {
      if (!/^[A-Za-z0-9-]+$/.test(id)) return undefined;
      return (await this.ids()).includes(id) ? open(id) : undefined;
    },
    async ids() {
      await refuseExposed(stateFolder);
      try {
        const entries = await readdir(runs, { withFileTypes: true });
        return entries
          .filter((entry) => entry.isDirectory() && /^\d{8}-\d{4}-/.test(entry.name))
          .map((entry) => entry.name)
          .sort();
      } catch (error) {
        if (isCode(error, 'ENOENT')) return [];
        throw error;
      }
    },
    async *each(ids) {
      for (const id of ids ?? (await this.ids())) {
        const run = await this.find(id).catch(() => undefined); // damaged: told by whoever needs that one
        if (run !== undefined) yield run;
      }
    },
    sizeOf: (id) => sizeBelow(join(runs, id)),
    lock: (what) => takeLock(`${stateFolder} ${what}`),
    async remove(id) {
      if (!/^[A-Za-z0-9-]+$/.test(id)) return;
      await inLocalTerms(join(runs, id), () => rm(join(runs, id), { recursive: true, force: true }));
      trace('file', () => `removed ${join(runs, id)}`);
    },
    isGoingOn: (id) => isAtWork(join(runs, id, processFile)),
  };
}

async function sizeBelow(folder: string): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  const files = entries.filter((entry) => entry.isFile());
  const sizes = await Promise.all(
    files.map((file) => lstat(join(file.parentPath, file.name)).then(({ size }) => size)),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

function runAt(id: string, folder: string, journal: Journal): Run {
  const manifestPath = join(folder, 'manifest.json');
  return {
    id,
    folder,
    journal,
    stagingOf: (server) => join(folder, 'staging', server),
    laterStagingOf: (server) => join(folder, 'staging-later', server),
    async readManifest() {
      let text: string;
      try {
        text = await readFile(manifestPath, 'utf8');
      } catch (error) {
        if (!isCode(error, 'ENOENT')) throw error;
        throw usageError(
          'run-unfinished',
          `run ${id} has collected nothing that can be submitted`,
          say`Collect again: ${icepack('collect')}`,
        );
      }
      return parseManifest(text, manifestPath);
    },
    writeManifest: (manifest) => writeDurably(manifestPath, `${visibleJson(manifest, null, 2)}\n`),
  };
}

/** @throws UserError `manifest-damaged` */
export function parseManifest(text: string, source: string): Manifest {
  try {
    return manifestSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new UserError('manifest-damaged', `the manifest in "${source}" is damaged or of a newer icepack`, {
      exit: exitCode.local,
      hint: 'The evidence beside it is untouched; collect again if it matters',
      cause,
    });
  }
}

const processFile = 'process.json';

/** Whether the process in the note still runs. */
async function isAtWork(note: string): Promise<boolean> {
  try {
    return await stillRuns(processSchema.parse(JSON.parse(await readFile(note, 'utf8'))));
  } catch {
    return false; // begun elsewhere, or before this was noted
  }
}

const suffixLetters = 'abcdefghijkmnpqrstuvwxyz23456789';

async function newFolder(parent: string, stem: string): Promise<string> {
  for (;;) {
    const suffix = Array.from({ length: 4 }, () => suffixLetters[randomInt(suffixLetters.length)]).join('');
    const id = `${stem}-${suffix}`;
    try {
      await inLocalTerms(join(parent, id), () => mkdir(join(parent, id), { mode: 0o700 }));
      await syncFolder(parent);
      return id;
    } catch (error) {
      if (!(error instanceof UserError && isCode(error.cause, 'EEXIST'))) throw error;
    }
  }
}
