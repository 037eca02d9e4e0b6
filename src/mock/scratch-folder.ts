import { lstat, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';

/** A marker in every folder that may be removed later: what made it, where, and which process works in it. */
const markerName = '.icepack-scratch.json';

/**
 * Makes a temporary folder that can be recognised as ours later, and removes earlier ones of the same kind that are no
 * longer used: those of this user and machine with a marker that names them, and whose process has ended.
 * @param kind the beginning of its name, e.g. `icepack-demo-`
 */
export async function makeScratchFolder(kind: string, parent: string = tmpdir()): Promise<string> {
  await removeAbandoned(parent, kind);
  const folder = await mkdtemp(join(parent, kind));
  await writeFile(join(folder, markerName), JSON.stringify({ folder, host: hostname(), pid: process.pid }));
  return folder;
}

async function removeAbandoned(parent: string, kind: string): Promise<void> {
  for (const name of await readdir(parent)) {
    const folder = join(parent, name);
    if (!name.startsWith(kind) || !(await isAbandoned(folder))) continue;
    await rm(folder, { recursive: true, force: true }).catch(() => undefined); // it stays: it is in nobody's way
  }
}

async function isAbandoned(folder: string): Promise<boolean> {
  try {
    const marker = join(folder, markerName);
    const [place, file] = [await lstat(folder), await lstat(marker)];
    const owner = process.getuid?.();
    if (!place.isDirectory() || place.uid !== owner || !file.isFile() || file.uid !== owner) return false;
    const made: unknown = JSON.parse(await readFile(marker, 'utf8'));
    return isMarker(made) && made.folder === folder && made.host === hostname() && hasEnded(made.pid);
  } catch {
    return false; // no marker, or none of ours: it is left alone
  }
}

function isMarker(made: unknown): made is { folder: string; host: string; pid: number } {
  const { pid } = made as { pid?: unknown };
  return typeof pid === 'number' && Number.isSafeInteger(pid) && pid > 0;
}

function hasEnded(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ESRCH';
  }
}
