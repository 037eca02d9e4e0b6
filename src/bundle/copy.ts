import { createReadStream, type Stats } from 'node:fs';
import { lstat, stat } from 'node:fs/promises';
import { basename, join, parse } from 'node:path';
import { exitCode, UserError } from '../errors.js';
import { createPartial, inLocalTerms, isCode, makePrivateFolder, writeWhole } from '../fs/durable.js';
import { sweepPartials } from '../fs/partials.js';

/**
 * Copies a ZIP into a folder, under a name that is free there; if it is already there, it is left as it is.
 * @param make whether to make a missing folder; a folder that was named long ago may be on a USB stick that is not there
 * @returns the path of the copy
 * @throws UserError `local-write`
 */
export async function copyInto(path: string, folder: string, make: boolean): Promise<string> {
  if ((await found(folder, stat)) === undefined) {
    if (!make) throw goneFolder(folder);
    await makePrivateFolder(folder);
  }
  await sweepPartials(folder);
  const { name, ext } = parse(basename(path));
  for (let copy = 1; ; copy++) {
    const target = join(folder, copy === 1 ? `${name}${ext}` : `${name}-copy${copy}${ext}`);
    // Looked for first: there may be no room for it twice.
    while ((await found(target)) === undefined) if (await copyAs(path, target)) return target;
    if (await isSame(path, target)) return target;
  }
}

async function found(path: string, look: (path: string) => Promise<Stats> = lstat): Promise<Stats | undefined> {
  return inLocalTerms(path, () =>
    look(path).catch((error: unknown) => {
      if (isCode(error, 'ENOENT')) return undefined;
      throw error;
    }),
  );
}

/** Whether two paths are the same file; a link is not followed, for what it leads to is not ours. */
async function isSame(path: string, other: string): Promise<boolean> {
  const [mine, there] = await Promise.all([found(path), found(other)]);
  if (!there?.isFile() || mine?.size !== there.size) return false;
  const { hashFile } = await import('./zip.js');
  const [ours, theirs] = await Promise.all([hashFile(path), hashFile(other)]);
  return ours.sha256 === theirs.sha256;
}

function goneFolder(folder: string): UserError {
  return new UserError('local-write', `"${folder}", where the ZIP was to be put too, is no longer there`, {
    exit: exitCode.local,
    hint: 'Name a folder with --output',
  });
}

/** @returns false when the name is taken */
async function copyAs(path: string, target: string): Promise<boolean> {
  const partial = await createPartial(target);
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
      await inLocalTerms(target, () => writeWhole(partial.handle, chunk as Buffer));
    }
    await partial.commit();
    return true;
  } catch (error) {
    if (error instanceof UserError && error.code === 'target-exists') return false;
    throw error;
  } finally {
    await partial.discard();
  }
}
