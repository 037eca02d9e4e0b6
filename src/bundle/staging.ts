import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { chmod, copyFile, type FileHandle, link, open, rename, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { BundleFolder } from '../domain/bundle-layout.js';
import { safeName } from '../domain/bundle-layout.js';
import { defined } from '../domain/defined.js';
import { trace } from '../domain/trace.js';
import { createPartial, gatheringWriter, inLocalTerms, isCode, makePrivateFolder } from '../fs/durable.js';
import { leavingRoom } from '../fs/room.js';

export type StoredFile = {
  /** Inside the event folder, e.g. `Logs/system.log`. */
  path: string;
  bytes: number;
  sha256: string;
  /** The error that ended the source early; what came before it is kept. */
  cutBy?: unknown;
};

export type StoreOptions = {
  /** A second folder level, e.g. `errors` under `Logs`. */
  subfolder?: string;
  /**
   * The file to replace, because the file on the server has changed. A cut source that gave fewer than `bytes` bytes does
   * not replace it.
   */
  replaces?: { path: string; bytes?: number | undefined };
  onProgress?: (bytes: number) => void;
  /** The file is a text of ours or a log; otherwise its beginning shows what it is. */
  isText?: true;
};

/** Where the evidence of one server gathers until it is zipped: a private folder laid out like its event folder. */
export interface Staging {
  /**
   * Writes evidence under a safe form of the name its server gave it. If the source fails half-way, what it gave stays,
   * with the error in `cutBy`; if it gave nothing, nothing stays.
   * @throws UserError `local-write` when this machine fails
   */
  store(
    folder: BundleFolder,
    remoteName: string,
    source: AsyncIterable<Buffer>,
    options?: StoreOptions,
  ): Promise<StoredFile>;
  /** Removes a file that was kept. */
  withhold(path: string): Promise<void>;
  /** Takes over a file of an earlier run. @returns its path; undefined when the file is no longer there */
  takeOver(source: string, path: string): Promise<string | undefined>;
  /**
   * Copies a file that others may still change, so that the copy is as it is now. No link is followed.
   * @returns undefined when it is no longer there
   */
  copyIn(source: string, path: string): Promise<StoredFile | undefined>;
  /** Replaces a kept file by a whole file on the same disk. */
  replaceBy(source: string, path: string): Promise<void>;
}

export async function openStaging(root: string): Promise<Staging> {
  await makePrivateFolder(root);
  const leaving = await leavingRoom(root);
  const used = new Map<string, Set<string>>();
  const usedIn = (folder: string): Set<string> => {
    const names = used.get(folder) ?? new Set<string>();
    used.set(folder, names);
    return names;
  };

  return {
    async store(folder, remoteName, source, { subfolder, replaces, onProgress } = {}) {
      const inside = subfolder === undefined ? folder : `${folder}/${subfolder}`;
      const path = replaces?.path ?? `${inside}/${safeName(remoteName, usedIn(inside))}`;
      // One level after the other: a link in the place of a folder is refused.
      for (const level of subfolder === undefined ? [folder] : [folder, inside])
        await makePrivateFolder(join(root, level));
      return { path, ...(await writeAll(join(root, path), leaving(source), replaces, onProgress)) };
    },
    withhold: (path) => inLocalTerms(join(root, path), () => unlink(join(root, path))),
    async replaceBy(source, path) {
      await makeFoldersOf(root, path);
      await inLocalTerms(join(root, path), () => rename(source, join(root, path)));
      trace('file', () => `renamed ${source} to ${join(root, path)}`);
    },
    async takeOver(source, path) {
      await makeFoldersOf(root, path);
      try {
        await inLocalTerms(join(root, path), () => linkOrCopy(source, join(root, path)));
        return path;
      } catch (error) {
        if (error instanceof Error && isCode(error.cause, 'ENOENT')) return undefined;
        throw error;
      }
    },
    async copyIn(source, path) {
      const handle = await inLocalTerms(source, () => openSource(source));
      if (handle === undefined) return undefined;
      await makeFoldersOf(root, path);
      const chunks: AsyncIterable<Buffer> = handle.createReadStream({ highWaterMark: 1 << 20 });
      return { path, ...(await writeAll(join(root, path), leaving(chunks), undefined)) };
    },
  };
}

/** @returns undefined where there is no file of that name, or a link */
async function openSource(path: string): Promise<FileHandle | undefined> {
  try {
    const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    if ((await handle.stat()).isFile()) return handle;
    await handle.close();
    return undefined;
  } catch (error) {
    if (isCode(error, 'ENOENT') || isCode(error, 'ELOOP')) return undefined;
    throw error;
  }
}

async function makeFoldersOf(root: string, path: string): Promise<void> {
  const folders = path.split('/').slice(0, -1);
  for (const [index] of folders.entries()) await makePrivateFolder(join(root, ...folders.slice(0, index + 1)));
}

/** Links a file, or copies it. Evidence is never changed in place, so two runs may share a file. */
async function linkOrCopy(source: string, target: string): Promise<void> {
  try {
    await link(source, target);
  } catch (error) {
    if (isCode(error, 'ENOENT') || isCode(error, 'EEXIST')) throw error;
    await copyFile(source, target, constants.COPYFILE_EXCL);
    await chmod(target, 0o600);
  }
}

async function writeAll(
  target: string,
  source: AsyncIterable<Buffer>,
  replaces: StoreOptions['replaces'],
  onProgress?: (bytes: number) => void,
): Promise<Omit<StoredFile, 'path'>> {
  const partial = await createPartial(target);
  const writer = gatheringWriter(partial.handle);
  const hash = createHash('sha256');
  let bytes = 0;
  let cutBy: unknown;
  try {
    const iterator = source[Symbol.asyncIterator]();
    for (;;) {
      const next = await iterator.next().catch((error: unknown) => {
        cutBy = error ?? new Error('the source failed');
        return { done: true as const, value: undefined };
      });
      if (next.done) break;
      const chunk = next.value;
      hash.update(chunk);
      await inLocalTerms(target, () => writer.write(chunk)).catch(async (error: unknown) => {
        await iterator.return?.();
        throw error;
      });
      bytes += chunk.length;
      onProgress?.(bytes);
    }
    await inLocalTerms(target, writer.flush);
    if (cutBy !== undefined && bytes < (replaces?.bytes ?? 0)) bytes = 0; // what is there is more
    if (bytes > 0 || cutBy === undefined) await partial.commit({ replace: replaces !== undefined });
  } finally {
    await partial.discard();
  }
  return { bytes, sha256: hash.digest('hex'), ...defined({ cutBy }) };
}
