import { constants, type Dirent } from 'node:fs';
import { lstat, open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { exitCode, reasonOf, UserError } from '../errors.js';
import type { Flaw } from './archive/archive.js';
import { FlawList } from './archive/flaws.js';
import { judgeTwins } from './archive/judge.js';
import { limits } from './archive/limits.js';
import { faultOfName, shownName } from './archive/names.js';

export type FolderFile = {
  /** Below the folder, with `/` between its parts. */
  path: string;
  bytes: number;
  read(): AsyncIterable<Buffer>;
};

type Walk = { root: string; files: FolderFile[]; flaws: FlawList; seen: number };

/** The plain files below a folder. Links and devices are not followed, they are flaws. @throws UserError `local-read` */
export async function listFolder(root: string): Promise<{ files: FolderFile[]; flaws: Flaw[] }> {
  const walk: Walk = { root, files: [], flaws: new FlawList(), seen: 0 };
  await walkBelow('', walk);
  const { files, flaws, seen } = walk;
  if (seen > limits.entries) flaws.add('safe.too-many', `it has more than ${limits.entries} files`);
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  if (bytes > limits.totalBytes) flaws.add('safe.too-large', `it holds ${bytes} bytes, more than any bundle`);
  judgeTwins(
    files.map(({ path }) => ({ name: path })),
    flaws,
  );
  return { files, flaws: flaws.all() };
}

async function walkBelow(below: string, walk: Walk): Promise<void> {
  const folder = join(walk.root, below);
  const found = await readable(folder, () => readdir(folder, { withFileTypes: true }));
  for (const entry of found.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (++walk.seen > limits.entries) return;
    const path = below === '' ? entry.name : `${below}/${entry.name}`;
    const fault = faultOfName({ name: path, isDamaged: path.includes('\ufffd') });
    if (fault !== undefined) walk.flaws.add(fault.id, fault.text, path);
    else if (entry.isDirectory()) await walkBelow(path, walk);
    else await addFile(path, entry, walk);
  }
}

async function addFile(path: string, entry: Dirent, { root, files, flaws }: Walk): Promise<void> {
  if (!entry.isFile()) {
    const what = entry.isSymbolicLink() ? 'is a link, which is not followed' : 'is neither a plain file nor a folder';
    flaws.add(entry.isSymbolicLink() ? 'safe.link' : 'safe.mode', `${shownName(path)} ${what}`, path);
    return;
  }
  const full = join(root, path);
  const { size } = await readable(full, () => lstat(full));
  files.push({ path, bytes: size, read: () => readWhole(full) });
}

/** A plain file from its beginning to its end; links are not followed. @throws UserError `local-read` */
export async function* readWhole(path: string): AsyncGenerator<Buffer> {
  const handle = await readable(path, () => open(path, constants.O_RDONLY | constants.O_NOFOLLOW));
  try {
    for await (const chunk of handle.createReadStream({ highWaterMark: 256 * 1024, autoClose: false }))
      yield chunk as Buffer;
  } finally {
    await handle.close();
  }
}

async function readable<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const hint = 'Read it as its owner, or name a copy of your own';
    throw new UserError('local-read', `"${path}" cannot be read: ${reasonOf(cause)}`, {
      exit: exitCode.local,
      hint,
      cause,
    });
  }
}

export async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false, // not there: told by whoever reads it
  );
}

export async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false, // the same
  );
}
