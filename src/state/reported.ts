import { createHash } from 'node:crypto';
import { lstat, readdir, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { type Reported, type ReportedThing, reportedSchema, type Saying, saidAgain } from '../domain/reported.js';
import { inLocalTerms, isCode, syncFolder, writeDurably } from '../fs/durable.js';
import { readOwnFile } from '../fs/own-file.js';
import { withLock } from './lock.js';
import { makeStateFolder } from './machine.js';

/** What other monitors said: a file for each thing, which is there whole or not at all. */
export interface ReportedStore {
  /** All that is known, and the files that cannot be read. The same list again for a while, as long as nothing was said. */
  list(): Promise<ReportedList>;
  /** Keeps what is said of a thing; it is on the disk then. @throws UserError `local-write`, `state-exposed` */
  keep(said: Saying): Promise<Reported>;
  /** Forgets what nobody has spoken of for a week, where it is well or its server is gone. */
  prune(isServer: (name: string) => boolean): Promise<void>;
}

export type ReportedList = { known: readonly Reported[]; damaged: readonly string[] };

const named = /^[0-9a-f]{32}\.json$/;
const maxBytes = 64 * 1024;
const forgottenMs = 7 * 86_400_000;
/** What changes twice within a tick of the file system's clock looks as if it had changed once. */
const tickMs = 1000;
/** The clock of a file system may be another one than ours, as that of a server of files: it is not believed for longer. */
const believedMs = 10_000;
const nothing: ReportedList = { known: [], damaged: [] };

export function openReported(stateFolder: string, now: () => Date): ReportedStore {
  const folder = join(stateFolder, 'watch', 'reported');
  let last: { changed: bigint; readAt: number; list: ReportedList } | undefined;
  return {
    async list() {
      const changed = await changedAt(folder);
      if (changed === undefined) return nothing;
      const readAt = now().getTime();
      if (last?.changed === changed && Math.abs(readAt - last.readAt) < believedMs) return last.list;
      const isSettled = readAt - Number(changed / 1_000_000n) > tickMs;
      const list = await readAll(folder);
      last = isSettled ? { changed, readAt, list } : undefined;
      return list;
    },
    async keep(said) {
      const path = join(folder, fileOf(said));
      await makeStateFolder(folder, stateFolder);
      return withLock(path, async () => {
        const after = saidAgain(await readOne(path), said);
        await writeDurably(path, `${JSON.stringify(after)}\n`);
        return after;
      });
    },
    async prune(isServer) {
      for (const path of await pathsIn(folder)) {
        if (!(await isOld(path, now()))) continue;
        await withLock(path, async () => {
          const found = await readOne(path); // it may have been spoken of meanwhile
          const isKept = found === undefined || (found.is === 'bad' && isServer(found.server));
          if (!isKept && (await isOld(path, now()))) await inLocalTerms(path, () => unlink(path));
        });
        await syncFolder(folder);
      }
    },
  };
}

/** What strangers say becomes no part of a path. */
function fileOf({ server, event, key }: ReportedThing): string {
  const name = JSON.stringify([server, event, key ?? null]);
  return `${createHash('sha256').update(name).digest('hex').slice(0, 32)}.json`;
}

/** When something in a folder changed last, in ns; undefined where there is no folder. */
async function changedAt(folder: string): Promise<bigint | undefined> {
  try {
    return (await stat(folder, { bigint: true })).mtimeNs;
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

async function readAll(folder: string): Promise<ReportedList> {
  const paths = await pathsIn(folder);
  const read = await Promise.all(paths.map(async (path) => ({ path, found: await readOne(path) })));
  return {
    known: read.flatMap(({ found }) => found ?? []),
    damaged: read.filter(({ found }) => found === undefined).map(({ path }) => path),
  };
}

async function pathsIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).filter((name) => named.test(name)).map((name) => join(folder, name));
  } catch (error) {
    if (isCode(error, 'ENOENT')) return [];
    throw error;
  }
}

/** @returns undefined where there is none, or none that is ours */
async function readOne(path: string): Promise<Reported | undefined> {
  try {
    const found = reportedSchema.parse(JSON.parse(String(await readOwnFile(path, maxBytes))));
    return path.endsWith(`/${fileOf(found)}`) ? found : undefined;
  } catch {
    return undefined; // it is named as damaged
  }
}

async function isOld(path: string, now: Date): Promise<boolean> {
  const { mtimeMs } = await lstat(path);
  return now.getTime() - mtimeMs > forgottenMs;
}
