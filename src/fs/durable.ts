import { constants } from 'node:fs';
import { type FileHandle, link, lstat, mkdir, open, rename, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { trace } from '../domain/trace.js';
import { exitCode, reasonOf, UserError } from '../errors.js';
import { partialName, sweepPartials } from './partials.js';

/** A file that is being written under another name. It gets its own name only when it is whole and on the disk. */
export type PartialFile = {
  handle: FileHandle;
  path: string;
  /** Makes it the final file. @throws UserError `target-exists` when something is there and `replace` is not set */
  commit(options?: CommitOptions): Promise<void>;
  /** Forgets it. Does nothing after `commit`. */
  discard(): Promise<void>;
};

/** Starts `path`: exclusive, for nobody else to read where no `mode` says so, beside the target so that the rename stays on one file system. */
export async function createPartial(path: string, mode = 0o600): Promise<PartialFile> {
  const partial = join(dirname(path), partialName());
  const handle = await inLocalTerms(path, async () => {
    const opened = await open(partial, exclusive, mode);
    if ((mode & 0o077) !== 0) await opened.chmod(mode); // the umask of this program lets nobody else read anything
    return opened;
  });
  trace('file', () => `created ${partial}`);
  let done = false;
  return {
    handle,
    path: partial,
    async commit({ replace = false, lasts = true } = {}) {
      await inLocalTerms(path, async () => {
        await handle.sync();
        await handle.close();
        if (replace) await rename(partial, path);
        else await linkOver(partial, path);
        done = true;
        trace('file', () => `synced ${partial}, renamed to ${path}`);
        if (lasts) await syncFolder(dirname(path));
      });
    },
    async discard() {
      if (done) return;
      done = true;
      trace('file', () => `discarded ${partial}`);
      await handle.close().catch(() => undefined); // closed already where commit failed
      await unlink(partial).catch(() => undefined); // a later run sweeps it
    },
  };
}

/** `lasts`: no power failure takes it back. */
type CommitOptions = { replace?: boolean; lasts?: boolean };

const exclusive = constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW | constants.O_WRONLY;

async function linkOver(partial: string, path: string): Promise<void> {
  try {
    await link(partial, path);
  } catch (error) {
    if (isCode(error, 'EPERM') && !(await exists(path))) return rename(partial, path); // no links, as on a USB stick
    if (!isCode(error, 'EEXIST') && !isCode(error, 'EPERM')) throw error;
    throw new UserError('target-exists', `"${path}" exists already and is not overwritten`, { exit: exitCode.local });
  }
  await unlink(partial);
}

/** Replaces a file as a whole, durably. @param mode who may read it: nobody else, where nothing is said @throws UserError `local-write` */
export function writeDurably(path: string, content: string | Buffer, mode = 0o600): Promise<void> {
  return replaceFile(path, content, mode, { lasts: true });
}

/** Replaces a file as a whole, of which the one before is as good: after a power failure it may be that. @throws UserError `local-write` */
export function writeOften(path: string, content: string): Promise<void> {
  return replaceFile(path, content, 0o600, { lasts: false });
}

async function replaceFile(path: string, content: string | Buffer, mode: number, how: CommitOptions): Promise<void> {
  await sweepPartials(dirname(path));
  const partial = await createPartial(path, mode);
  try {
    await inLocalTerms(path, () => partial.handle.writeFile(content));
    await partial.commit({ replace: true, ...how });
  } finally {
    await partial.discard();
  }
}

/** Writes all of it: one call may take less than it is given. */
export async function writeWhole(handle: FileHandle, data: Buffer): Promise<void> {
  let rest = data;
  while (rest.length > 0) {
    const { bytesWritten } = await handle.write(rest);
    rest = rest.subarray(bytesWritten);
  }
}

/** Each write changes threads: small ones are gathered. */
const gatheredBytes = 256 * 1024;

/** Writes to the end of a file; all of it is there after `flush`. */
export function gatheringWriter(handle: FileHandle): { write(chunk: Buffer): Promise<void>; flush(): Promise<void> } {
  const gathered = Buffer.allocUnsafeSlow(gatheredBytes);
  let filled = 0;
  const flush = async () => {
    await writeWhole(handle, gathered.subarray(0, filled));
    filled = 0;
  };
  const write = async (chunk: Buffer) => {
    if (filled === 0 && chunk.length >= gatheredBytes) return writeWhole(handle, chunk);
    for (let from = 0; from < chunk.length; ) {
      const taken = chunk.copy(gathered, filled, from);
      from += taken;
      filled += taken;
      if (filled === gatheredBytes) await flush();
    }
  };
  return { write, flush };
}

/** The bytes at the end of a file. */
export type Cut = { from: number; to: number };

/**
 * Adds a line to a file, durably and as a whole; the file is created 0600.
 * @param cut is taken away first, if the file still ends there
 * @throws UserError `local-write`
 */
export async function appendDurably(path: string, line: string, cut?: Cut): Promise<void> {
  await inLocalTerms(path, async () => {
    const handle = await open(
      path,
      constants.O_CREAT | constants.O_APPEND | constants.O_NOFOLLOW | constants.O_WRONLY,
      0o600,
    );
    try {
      const { size } = await handle.stat();
      const wholeBytes = size === cut?.to ? cut.from : size;
      try {
        if (wholeBytes < size) await handle.truncate(wholeBytes);
        await handle.appendFile(`${line}\n`);
        await handle.sync();
      } catch (error) {
        await handle.truncate(wholeBytes).catch(() => undefined); // what is added next must not go on with half a line
        throw error;
      }
    } finally {
      await handle.close();
    }
    trace('file', () => `appended to ${path}, synced`);
    await syncFolder(dirname(path));
  });
}

/** Makes a private folder (0700) and its parents, durably. */
export async function makePrivateFolder(path: string): Promise<void> {
  await inLocalTerms(path, () => makeWithParents(path));
}

/** One level after the other: Node's own recursion never ends where a folder cannot be made, as below `/proc`. */
async function makeWithParents(path: string): Promise<void> {
  try {
    await makeOne(path);
  } catch (error) {
    if (!isCode(error, 'ENOENT') || dirname(path) === path) throw error;
    // Somebody else may have made it meanwhile.
    if (!(await exists(dirname(path)))) await makeWithParents(dirname(path));
    await makeOne(path);
  }
}

async function makeOne(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 });
    trace('file', () => `made folder ${path}`);
    await syncFolder(dirname(path));
  } catch (error) {
    if (!isCode(error, 'EEXIST') || !(await lstat(path)).isDirectory()) throw error;
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch {
    return false; // whatever hides it, it cannot be used
  }
}

/** What was made, renamed or removed in it is on the disk then. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, constants.O_RDONLY);
  try {
    await folder.sync();
    trace('file', () => `synced folder ${path}`);
  } finally {
    await folder.close();
  }
}

/** Runs local file work and says what its failure means to a person. @throws UserError `local-write` */
export async function inLocalTerms<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (error instanceof UserError || code === '') throw error;
    trace('file', () => `failed ${path}: ${reasonOf(error)}`);
    throw new UserError('local-write', `"${path}": ${meaning[code] ?? reasonOf(error)}`, {
      exit: exitCode.local,
      hint: 'What was finished before is kept. Make room or repair the permission, then run the command again',
      cause: error,
    });
  }
}

const meaning: Record<string, string> = {
  ENOSPC: 'the disk is full',
  EIO: 'the disk reports an error',
  'Unknown system error -122': 'the disk quota is used up', // EDQUOT, which Node has no name for
  EROFS: 'the file system is read-only',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  ENAMETOOLONG: 'the path is too long',
  EMFILE: 'icepack may not open as many files as it needs; "ulimit -n 1024" lets it',
  EFBIG: 'the file would exceed the size limit of this process',
  ELOOP: 'it is a link, and none is followed here',
};

export function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
