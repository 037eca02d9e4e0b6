import { constants } from 'node:fs';
import { access, lstat, readFile, statfs } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { defined } from '../domain/defined.js';
import { exitCode, UserError } from '../errors.js';
import { isCode, makePrivateFolder } from '../fs/durable.js';

export type StateFolder = {
  path: string;
  problem?: string;
  hint?: string;
  freeBytes?: number;
  /** What its file system does not keep, if it is known to be such a file system. */
  doubt?: string;
};

/** Looks at the state folder without making it: who owns it, who may read it, and how much room is free there. */
export async function inspectStateFolder(path: string, uid: number | undefined): Promise<StateFolder> {
  const found = await fileSystemAt(path);
  const problem = { ...(await unwritable(path)), ...(await problemOf(path, uid)) };
  return { path, ...(found === undefined ? {} : roomIn(found)), ...problem };
}

/** Whether the folder, or the nearest existing one above it, cannot be written to. */
async function unwritable(path: string): Promise<{ problem?: string; hint?: string }> {
  try {
    await access(path, constants.W_OK | constants.X_OK);
    return {};
  } catch (error) {
    if (isCode(error, 'ENOENT') && dirname(path) !== path) return unwritable(dirname(path));
    const why = isCode(error, 'EROFS') ? 'its file system is read-only' : 'permission denied';
    return {
      problem: `runs cannot be kept: "${path}" cannot be written to (${why})`,
      hint: 'Make it writable for you, or set XDG_STATE_HOME',
    };
  }
}

/** Refuses a folder that others may read or write: it is neither used nor added to. @throws UserError `state-exposed` */
export async function refuseExposed(path: string): Promise<void> {
  const { problem, hint } = await problemOf(path, process.getuid?.());
  if (problem !== undefined)
    throw new UserError('state-exposed', problem, { exit: exitCode.local, ...defined({ hint }) });
}

/** Makes a folder of the state, where nobody else may read or write that. @throws UserError `state-exposed`, `local-write` */
export async function makeStateFolder(path: string, stateFolder: string): Promise<void> {
  await refuseExposed(stateFolder); // who may not write there is told why
  await makePrivateFolder(path);
  await refuseExposed(stateFolder); // somebody else may have made it meanwhile
}

async function problemOf(path: string, uid: number | undefined): Promise<{ problem?: string; hint?: string }> {
  try {
    const found = await lstat(path);
    if (!found.isDirectory())
      return { problem: `"${path}" is no folder`, hint: 'Move it away; icepack makes the folder' };
    if (uid !== undefined && found.uid !== uid)
      return { problem: `the state folder "${path}" belongs to another user`, hint: `chown it, or set XDG_STATE_HOME` };
    if ((found.mode & 0o077) !== 0)
      return {
        problem: `the state folder "${path}" is open to other users`,
        hint: `It holds evidence and host keys: chmod 700 ${path}`,
      };
    return {};
  } catch (error) {
    if (isCode(error, 'ENOENT')) return {};
    return { problem: `the state folder "${path}" cannot be read`, hint: `Look at it: ls -ld ${path}` };
  }
}

/** The file system of the folder, or of the nearest existing one above it. */
async function fileSystemAt(path: string): Promise<FileSystem | undefined> {
  try {
    return await statfs(path);
  } catch {
    return dirname(path) === path ? undefined : fileSystemAt(dirname(path));
  }
}

type FileSystem = { type: number; bavail: number; bsize: number };

/** The free room in a file system, and what may be lost there. */
export function roomIn({ type, bavail, bsize }: FileSystem): Pick<StateFolder, 'freeBytes' | 'doubt'> {
  const doubt = doubts[type >>> 0];
  return { freeBytes: bavail * bsize, ...defined({ doubt }) };
}

const inMemory = 'keeps nothing when this machine starts again';
const elsewhere = 'may lose what was written last, and other machines do not see our locks';

/** Doubtful file systems, by their numbers in statfs(2). */
const doubts: Record<number, string> = {
  16914836: `tmpfs ${inMemory}`,
  2240043254: `ramfs ${inMemory}`,
  26985: `NFS ${elsewhere}`,
  4283649346: `SMB ${elsewhere}`,
  4266872130: `SMB ${elsewhere}`,
  20859: `SMB ${elsewhere}`,
  16914839: `9P ${elsewhere}`,
  1702057286: `FUSE ${elsewhere}`,
};

/** What tells this machine from others. */
export async function machineName(): Promise<string> {
  const id = await readFile('/etc/machine-id', 'utf8').catch(() => ''); // not systemd: its name has to do
  return `${hostname()} ${id.trim()}`;
}
