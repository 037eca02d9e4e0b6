import { setMaxListeners } from 'node:events';
import ssh2, { type Attributes, type SFTPWrapper, type Stats } from 'ssh2';
import { printableLine } from '../domain/text.js';
import { itemError, UserError } from '../errors.js';
import { abortable } from './abort.js';
import type { Connection } from './connect.js';
import type { Download, RemoteEntry, RemoteFiles, TransferVerdict } from './remote-files.js';

const status = ssh2.utils.sftp.STATUS_CODE;
/** What `limits@openssh.com` usually allows for one read. */
const chunkBytes = 261_120;
const readsInFlight = 12;
const maxEntries = 20_000;
const idleMs = 30_000;

/** @throws UserError `channel-refused` where the server has no SFTP */
export async function openSftpFiles(connection: Connection, signal: AbortSignal): Promise<RemoteFiles> {
  const sftp = await connection.openSftp(signal);
  sftp.on('error', () => sftp.end()); // the call that waits learns of it by its own signal
  const caller = (outer: AbortSignal): Call => {
    const either = AbortSignal.any([outer, connection.lost]);
    setMaxListeners(0, either); // one per read in flight
    return (path, start) => request(either, connection.title, path, start);
  };

  return {
    title: connection.title,

    async list(folder, outer) {
      const call = caller(outer);
      const handle = await call<Buffer>(folder, (done) => sftp.opendir(folder, done));
      const entries: RemoteEntry[] = [];
      try {
        for (;;) {
          const batch = await endIsEmpty(call<Listed[]>(folder, (done) => sftp.readdir(handle, done as never)));
          if (batch.length === 0) return entries;
          entries.push(...batch.filter((entry) => isPlainName(entry.filename)).map(entryOf));
          if (entries.length > maxEntries) {
            throw itemError(
              'listing-endless',
              `"${folder}" on ${connection.title} lists more than ${maxEntries} files`,
            );
          }
        }
      } finally {
        sftp.close(handle, () => undefined);
      }
    },

    async find(path, outer) {
      try {
        const stats = await caller(outer)<Stats>(path, (done) => sftp.lstat(path, done));
        return { name: path.slice(path.lastIndexOf('/') + 1), ...entryFacts(stats) };
      } catch (error) {
        if (error instanceof UserError && error.code === 'no-such-file') return undefined;
        throw error;
      }
    },

    read: (path, { signal: outer, maxBytes }) => download({ sftp, path, maxBytes, call: caller(outer) }),

    remove: (path, outer) =>
      caller(outer)<void>(path, (done) => sftp.unlink(path, (error) => done(error ?? undefined, undefined))),

    close: () => sftp.end(),
  };
}

type Done<T> = (error: Error | undefined, value: T) => void;
type Call = <T>(path: string, start: (done: Done<T>) => void) => Promise<T>;
type Listed = { filename: string; attrs: Attributes };

/** One request and its answer; a server that stays silent is given up after 30 s. */
async function request<T>(
  signal: AbortSignal,
  title: string,
  path: string,
  start: (done: Done<T>) => void,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  try {
    return await abortable<T>(signal, (resolve, reject) => {
      timer = setTimeout(
        () => reject(itemError('transfer-stalled', `${title} has not answered for ${idleMs / 1000} s about "${path}"`)),
        idleMs,
      );
      start((error, value) => (error ? reject(error) : resolve(value)));
    });
  } catch (error) {
    throw signal.aborted ? signal.reason : explain(error, title, path);
  } finally {
    clearTimeout(timer);
  }
}

class EndOfFile extends Error {}

function explain(error: unknown, title: string, path: string): unknown {
  if (error instanceof UserError) return error;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === status.EOF) return new EndOfFile();
  const shown = printableLine(path, 120);
  if (code === status.NO_SUCH_FILE) return itemError('no-such-file', `"${shown}" is not on ${title}`, error);
  if (code === status.PERMISSION_DENIED)
    return itemError('transfer-failed', `${title} does not permit reading "${shown}"`, error);
  return itemError(
    'transfer-failed',
    `${title} failed on "${shown}": ${printableLine(error instanceof Error ? error.message : String(error))}`,
    error,
  );
}

async function endIsEmpty(batch: Promise<Listed[]>): Promise<Listed[]> {
  try {
    return await batch;
  } catch (error) {
    if (error instanceof EndOfFile) return [];
    throw error;
  }
}

type Source = { sftp: SFTPWrapper; path: string; maxBytes: number; call: Call };

function download(source: Source): Download {
  let verdict: TransferVerdict | undefined;
  return {
    chunks: readOpened(source, (found) => {
      verdict = found;
    }),
    verdict: () => {
      if (verdict === undefined) throw new Error(`the verdict on "${source.path}" is known after its last chunk`);
      return verdict;
    },
  };
}

async function* readOpened(source: Source, judge: (verdict: TransferVerdict) => void): AsyncGenerator<Buffer> {
  const { sftp, path, maxBytes, call } = source;
  const handle = await call<Buffer>(path, (done) => sftp.open(path, 'r', done));
  try {
    const before = sizeOf(await call<Stats>(path, (done) => sftp.fstat(handle, done)));
    let bytes = 0;
    for await (const chunk of inOrder(source, handle, before)) {
      if (bytes + chunk.length > maxBytes) {
        yield chunk.subarray(0, maxBytes - bytes);
        judge({ kind: 'capped', bytes: maxBytes });
        return;
      }
      bytes += chunk.length;
      yield chunk;
    }
    judge(compare(before, bytes));
  } finally {
    sftp.close(handle, () => undefined);
  }
}

function compare(expectedBytes: number | undefined, bytes: number): TransferVerdict {
  if (expectedBytes === undefined || expectedBytes === bytes) return { kind: 'whole' };
  return { kind: bytes > expectedBytes ? 'grew' : 'short', expectedBytes, bytes };
}

/**
 * Keeps several large reads in flight and hands their bytes out in order, up to the end of the file: what `stat` says
 * only decides how many reads are started at first (findings 4 and 5).
 */
async function* inOrder(source: Source, handle: Buffer, sizeHint: number | undefined): AsyncGenerator<Buffer> {
  const expectedReads = sizeHint === undefined ? 2 : Math.ceil(sizeHint / chunkBytes) + 1;
  const width = Math.max(2, Math.min(readsInFlight, expectedReads));
  const queue: Promise<Read>[] = [];
  let offset = 0;
  const fill = () => {
    while (queue.length < width) {
      const read = readFully(source, handle, offset);
      read.catch(() => undefined); // it is awaited below, or the one before it has failed already
      queue.push(read);
      offset += chunkBytes;
    }
  };
  for (;;) {
    fill();
    const { data, atEnd } = (await queue.shift()) as Read;
    if (data.length > 0) yield data;
    if (atEnd) return;
  }
}

type Read = { data: Buffer; atEnd: boolean };

/** One chunk, asked for again where the server gave less; less than a chunk only at the end of the file. */
async function readFully({ sftp, path, call }: Source, handle: Buffer, offset: number): Promise<Read> {
  const buffer = Buffer.allocUnsafe(chunkBytes);
  let filled = 0;
  while (filled < chunkBytes) {
    const got = await endIsZero(
      call<number>(path, (done) =>
        sftp.read(handle, buffer, filled, chunkBytes - filled, offset + filled, (error, count) => done(error, count)),
      ),
    );
    if (got === 0) return { data: buffer.subarray(0, filled), atEnd: true };
    filled += got;
  }
  return { data: buffer, atEnd: false };
}

async function endIsZero(count: Promise<number>): Promise<number> {
  try {
    return await count;
  } catch (error) {
    if (error instanceof EndOfFile) return 0;
    throw error;
  }
}

function isPlainName(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..' && !/[/\0]/.test(name);
}

function entryOf({ filename, attrs }: Listed): RemoteEntry {
  return { name: filename, ...entryFacts(attrs) };
}

const typeMask = 0o170000;

function entryFacts(attrs: Attributes): Omit<RemoteEntry, 'name'> {
  const type = attrs.mode & typeMask;
  const kind = type === 0o100000 ? 'file' : type === 0o040000 ? 'folder' : 'other';
  const sizeBytes = sizeOf(attrs);
  const modifiedAt = Number.isFinite(attrs.mtime) ? new Date(attrs.mtime * 1000) : undefined;
  return {
    kind,
    ...(sizeBytes === undefined ? {} : { sizeBytes }),
    ...(modifiedAt === undefined ? {} : { modifiedAt }),
  };
}

function sizeOf(attrs: { size?: number }): number | undefined {
  return attrs.size !== undefined && Number.isSafeInteger(attrs.size) && attrs.size >= 0 ? attrs.size : undefined;
}
