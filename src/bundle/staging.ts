import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { BundleFolder } from '../domain/bundle-layout.js';
import { safeName } from '../domain/bundle-layout.js';
import { createPartial, inLocalTerms, makePrivateFolder, writeWhole } from '../fs/durable.js';

export type KeptFile = {
  /** Inside the event folder, e.g. `Logs/system.log`. */
  path: string;
  bytes: number;
  sha256: string;
  /** What ended the source early; what came before it is kept. */
  cutBy?: unknown;
};

export type KeepOptions = {
  /** A second folder level, e.g. `errors` under `Logs`. */
  subfolder?: string;
  /** What was kept before is replaced: the file on the server has changed. */
  replaces?: { path: string };
  onProgress?: (bytes: number) => void;
};

/** Where the evidence of one server gathers until it is zipped: a private folder laid out like its event folder. */
export interface Staging {
  /**
   * Writes evidence under a safe form of the name its server gave it. A source that fails half-way leaves what it gave
   * in place, and its error in `cutBy`; with nothing given, nothing is left.
   * @throws UserError `local-write` when this machine fails
   */
  keep(
    folder: BundleFolder,
    remoteName: string,
    source: AsyncIterable<Buffer>,
    options?: KeepOptions,
  ): Promise<KeptFile>;
}

export async function openStaging(root: string): Promise<Staging> {
  await makePrivateFolder(root);
  const used = new Map<string, Set<string>>();
  const usedIn = (folder: string): Set<string> => {
    const names = used.get(folder) ?? new Set<string>();
    used.set(folder, names);
    return names;
  };

  return {
    async keep(folder, remoteName, source, { subfolder, replaces, onProgress } = {}) {
      const inside = subfolder === undefined ? folder : `${folder}/${subfolder}`;
      const path = replaces?.path ?? `${inside}/${safeName(remoteName, usedIn(inside))}`;
      // One level after the other: a link in the place of a folder is refused.
      for (const level of subfolder === undefined ? [folder] : [folder, inside])
        await makePrivateFolder(join(root, level));
      return { path, ...(await writeAll(join(root, path), source, replaces !== undefined, onProgress)) };
    },
  };
}

async function writeAll(
  target: string,
  source: AsyncIterable<Buffer>,
  replace: boolean,
  onProgress?: (bytes: number) => void,
): Promise<Omit<KeptFile, 'path'>> {
  const partial = await createPartial(target);
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
      await inLocalTerms(target, () => writeWhole(partial.handle, chunk)).catch(async (error: unknown) => {
        await iterator.return?.();
        throw error;
      });
      bytes += chunk.length;
      onProgress?.(bytes);
    }
    if (bytes > 0 || cutBy === undefined) await partial.commit({ replace });
  } finally {
    await partial.discard();
  }
  return { bytes, sha256: hash.digest('hex'), ...(cutBy === undefined ? {} : { cutBy }) };
}
