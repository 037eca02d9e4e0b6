import { createReadStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { basename, join, parse } from 'node:path';
import { UserError } from '../errors.js';
import { createPartial, inLocalTerms, writeWhole } from '../fs/durable.js';
import { sweepPartials } from '../fs/partials.js';

/**
 * Copies a ZIP into a folder, under a name that is free there; where it lies there already, it is left as it is.
 * @returns the path of the copy
 * @throws UserError `local-write`
 */
export async function copyInto(path: string, folder: string): Promise<string> {
  await inLocalTerms(folder, () => mkdir(folder, { recursive: true }));
  await sweepPartials(folder);
  const { name, ext } = parse(basename(path));
  for (let copy = 1; ; copy++) {
    const target = join(folder, copy === 1 ? `${name}${ext}` : `${name}-copy${copy}${ext}`);
    if ((await copyAs(path, target)) || (await isSame(path, target))) return target;
  }
}

async function isSame(path: string, other: string): Promise<boolean> {
  const { hashFile } = await import('./zip.js');
  const [mine, there] = await Promise.all([hashFile(path), hashFile(other).catch(() => undefined)]); // it may be a folder
  return mine.sha256 === there?.sha256;
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
