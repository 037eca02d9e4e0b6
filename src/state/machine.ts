import { lstat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { exitCode, UserError } from '../errors.js';
import { isCode } from '../fs/durable.js';

export type StateFolder = { path: string; problem?: string; hint?: string; freeBytes?: number };

/** Looks at the state folder without making it: whose it is, who may read it, and what is free where it lies. */
export async function inspectStateFolder(path: string, uid: number | undefined): Promise<StateFolder> {
  const free = await freeBytesAt(path);
  return { path, ...(free === undefined ? {} : { freeBytes: free }), ...(await problemOf(path, uid)) };
}

/** What others may read or write is neither used nor added to. @throws UserError `state-exposed` */
export async function refuseExposed(path: string): Promise<void> {
  const { problem, hint } = await problemOf(path, process.getuid?.());
  if (problem !== undefined)
    throw new UserError('state-exposed', problem, { exit: exitCode.local, ...(hint === undefined ? {} : { hint }) });
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

/** Of the folder, or the nearest one above that is there. */
async function freeBytesAt(path: string): Promise<number | undefined> {
  try {
    const { bavail, bsize } = await statfs(path);
    return bavail * bsize;
  } catch {
    return dirname(path) === path ? undefined : freeBytesAt(dirname(path));
  }
}
