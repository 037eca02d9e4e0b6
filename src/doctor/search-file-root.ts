import { dirname } from 'node:path/posix';
import { type FileRoot, inRoot } from '../collectors/files-root.js';
import { listOrNothing } from '../collectors/remove-file.js';
import { isPlainAbsolute, plainPath } from '../domain/remote-path.js';
import { UserError } from '../errors.js';
import type { ExecResult } from '../ssh/exec.js';
import type { RemoteEntry, RemoteFiles } from '../ssh/files/remote-files.js';

type Exec = (command: string) => Promise<ExecResult>;

const searchSeconds = 20;
const maxHits = 16;
const maxUnreadable = 100;
const folders = ['logs', 'errors', 'techsupport'];
const ended = 'icepack-find-ended';

export type Search = {
  /** The places where the files are the same, each place once. */
  fitting: string[];
  /** Folders that may hold the files, but may not be read. */
  unreadable: string[];
  /** Why the search did not cover everything. */
  unfinished: string | undefined;
};

/** Searches the host OS for the folders that port 22 shows. */
export async function searchRoots(cli: FileRoot, files: RemoteFiles, exec: Exec, signal: AbortSignal): Promise<Search> {
  const mark = await markOf(cli, signal);
  if (mark === undefined)
    return { fitting: [], unreadable: [], unfinished: 'port 22 shows no file that it could be known by' };
  const { hits, unreadable, unfinished } = hitsIn(await exec(searchCommand(mark)));
  const fitting: (Hit & { folders: number })[] = [];
  for (const hit of hits) {
    const root: FileRoot = { face: 'hostOs', files, path: hit.path };
    try {
      if (await isSameRoot(cli, root, signal)) fitting.push({ ...hit, folders: await foldersIn(root, signal) });
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof UserError)) throw error;
      unreadable.unshift(hit.path);
    }
  }
  return { fitting: eachOnce(fitting), unreadable, unfinished };
}

/** The places, each once. Where a place has several names, the one is taken next to which the other folders lie, too. */
function eachOnce(fitting: readonly (Hit & { folders: number })[]): string[] {
  const best = [...fitting].sort((a, b) => b.folders - a.folders);
  return best
    .filter(({ inode }, index) => best.findIndex((other) => other.inode === inode) === index)
    .map(({ path }) => path);
}

async function foldersIn({ files, path }: FileRoot, signal: AbortSignal): Promise<number> {
  const found = await Promise.all(folders.map((folder) => files.find(inRoot(path, folder), signal)));
  return found.filter((entry) => entry?.kind === 'folder').length;
}

type Mark = { folder: string; name: string };

/** A file by which to recognise the folder; its name goes into a command. */
async function markOf(cli: FileRoot, signal: AbortSignal): Promise<Mark | undefined> {
  for (const folder of folders) {
    const names = (await filesIn(cli, folder, signal)).map(({ name }) => name).filter((name) => plainPath.test(name));
    const name = names.find((each) => each === 'system.log') ?? names[0];
    if (name !== undefined) return { folder, name };
  }
  return undefined;
}

/**
 * The command that prints the inode and path of each such folder, or link to one. Each local file system is searched by
 * itself; network file systems are not entered.
 */
function searchCommand({ folder, name }: Mark): string {
  const starts = `$(df -lP 2>/dev/null | awk 'NR > 1 { print $6 }')`;
  const bounded = `$(command -v timeout >/dev/null && echo timeout ${searchSeconds}) nice`;
  const find = `find \${starts:-/} -xdev '(' -type d -o -type l ')' -name ${folder} -exec test -e {}/${name} ';' -exec ls -diL {} ';'`;
  return `LC_ALL=C; export LC_ALL; starts=${starts}; { ${bounded} ${find}; echo "${ended} $?"; } | head -n ${maxHits}`;
}

/** A possible root, and the inode of the folder that was found in it. */
type Hit = { inode: string; path: string };

function hitsIn({ stdout, stderr }: ExecResult): Omit<Search, 'fitting'> & { hits: Hit[] } {
  const hits = [...stdout.matchAll(/^ *(\d+) (\/.*)$/gm)]
    .map(([, inode = '', path = '']) => ({ inode, path: dirname(path) }))
    .filter(({ path }) => isPlainAbsolute(path));
  const denied = [...stderr.matchAll(/^find: ['‘]?(\/.*?)['’]?: Permission denied$/gm)].map(([, path = '']) => path);
  const status = new RegExp(`^${ended} (\\d+)$`, 'm').exec(stdout)?.[1];
  return { hits, unreadable: likelyFirst(denied).slice(0, maxUnreadable), unfinished: unfinishedBy(status) };
}

function unfinishedBy(status: string | undefined): string | undefined {
  if (status === undefined) return `the search was ended after ${maxHits} folders`;
  if (status === '124') return `the search was ended after ${searchSeconds} s`;
  return status === '127' ? 'there is no "find" on the host OS' : undefined;
}

/** Folders that are not searched: no appliance keeps its files there, or only root may read them. */
const unlikely = /^\/(root|etc|run|tmp|boot|dev|lost\+found|var\/(cache|spool|tmp|lib\/(private|apt|polkit-1)))(\/|$)/;

function likelyFirst(paths: readonly string[]): string[] {
  return [...paths.filter((path) => !unlikely.test(path)), ...paths.filter((path) => unlikely.test(path))];
}

/**
 * Whether two roots hold the same files: nothing that port 22 shows is missing or older there, as in a copy, and two
 * files are the same in name, size and time.
 */
export async function isSameRoot(cli: FileRoot, host: FileRoot, signal: AbortSignal): Promise<boolean> {
  let same = 0;
  for (const folder of folders) {
    const shown = await filesIn(cli, folder, signal);
    const there = new Map((await filesIn(host, folder, signal)).map((entry) => [entry.name, entry]));
    if (shown.some((entry) => isBehind(there.get(entry.name), entry))) return false;
    same += shown.filter((entry) => isSame(there.get(entry.name), entry)).length;
    if (same >= 2) return true;
  }
  return false;
}

async function filesIn({ files, path }: FileRoot, folder: string, signal: AbortSignal): Promise<RemoteEntry[]> {
  return (await listOrNothing(files, inRoot(path, folder), signal)).filter(({ kind }) => kind === 'file');
}

function isBehind(there: RemoteEntry | undefined, shown: RemoteEntry): boolean {
  return there === undefined || (secondOf(there) ?? 0) < (secondOf(shown) ?? 0);
}

function isSame(there: RemoteEntry | undefined, shown: RemoteEntry): boolean {
  if (there?.sizeBytes === undefined || secondOf(there) === undefined) return false;
  return there.sizeBytes === shown.sizeBytes && secondOf(there) === secondOf(shown);
}

function secondOf({ modifiedAt }: RemoteEntry): number | undefined {
  return modifiedAt && Math.floor(modifiedAt.getTime() / 1000);
}

/** A few of the unreadable places in a root, found without reading anything. */
export async function unreadableIn(root: string, exec: Exec): Promise<string[]> {
  const places = folders.flatMap((folder) => [inRoot(root, folder), `${inRoot(root, folder)}/*`]);
  const { stdout } = await exec(
    `for f in ${places.join(' ')}; do test ! -e "$f" || test -r "$f" || echo "$f"; done | head -n ${maxUnreadable}`,
  );
  return stdout.split('\n').filter((line) => line.startsWith('/'));
}
