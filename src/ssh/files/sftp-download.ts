import type { SFTPWrapper, Stats } from 'ssh2';
import {
  assertExpected,
  type Download,
  downloadOf,
  type Expected,
  type Judge,
  type TransferVerdict,
} from './remote-files.js';
import { sizeOf, timeOf } from './sftp-attributes.js';
import { type Call, EndOfFile, isCount, isHandle, isStats } from './sftp-request.js';

/** What `limits@openssh.com` usually allows for one read. */
const largestRead = 261_120;
/** As many reads as a session can carry at once (`send-ahead.ts`), for a file that is read alone on it. */
const readsInFlight = 16;
/**
 * Logs are read several at a time, from several servers: fewer reads in flight are just as fast there, and take less
 * memory.
 */
const readsShared = 8;
const fewestInFlight = 3;
/** The most reads in flight, however small they are. */
const mostReads = 32;

export type Source = {
  sftp: SFTPWrapper;
  path: string;
  maxBytes: number;
  /** Where the reading begins. */
  from: number;
  expect: Expected | undefined;
  call: Call;
  /** How many files are read on this session now. */
  readers: { count: number };
};

export function download(source: Source): Download {
  return downloadOf(source.path, (judge) => readOpened(source, judge));
}

async function* readOpened(source: Source, judge: Judge): AsyncGenerator<Buffer> {
  const { sftp, path, maxBytes, call, readers } = source;
  const handle = await call<Buffer>(path, (done) => sftp.open(path, 'r', done), isHandle);
  readers.count++;
  try {
    const stats = await call<Stats>(path, (done) => sftp.fstat(handle, done), isStats);
    const before = sizeOf(stats);
    assertExpected({ sizeBytes: before, modifiedAt: timeOf(stats) }, source.expect, path);
    let bytes = 0;
    for await (const chunk of inOrder({ ...source, handle }, before)) {
      if (bytes + chunk.length > maxBytes) {
        yield chunk.subarray(0, maxBytes - bytes);
        judge({ kind: 'capped', bytes: maxBytes });
        return;
      }
      bytes += chunk.length;
      yield chunk;
    }
    judge(compare(before && Math.max(0, before - source.from), bytes));
  } finally {
    readers.count--;
    sftp.close(handle, () => undefined);
  }
}

function compare(expectedBytes: number | undefined, bytes: number): TransferVerdict {
  if (expectedBytes === undefined || expectedBytes === bytes) return { kind: 'whole' };
  return { kind: bytes > expectedBytes ? 'grew' : 'short', expectedBytes, bytes };
}

/**
 * Keeps several large reads in flight and hands out their bytes in order, up to the end of the file. The size from `stat`
 * only decides how the reads are cut (findings 4 and 5). One read beyond that size finds the end, or shows that there is
 * more.
 */
async function* inOrder(file: OpenFile, sizeHint: number | undefined): AsyncGenerator<Buffer> {
  const { maxBytes, readers, from } = file;
  const chunkBytes = Math.min(largestRead, readLimit(file.sftp), maxBytes);
  const queue: Promise<Read>[] = [];
  let known = sizeHint ?? from;
  let offset = from;
  const next = () => {
    const bytes = offset < known ? Math.min(chunkBytes, known - offset) : chunkBytes;
    const read = readFully(file, offset, bytes);
    read.catch(() => undefined); // it is awaited below, or the one before it has failed already
    queue.push(read);
    offset += bytes;
  };
  const fill = () => {
    const most = mostInFlight(readers.count, chunkBytes);
    while (queue.length < most && offset <= known && offset - from <= maxBytes) next();
    if (queue.length === 0) next();
  };
  for (;;) {
    fill();
    const { data, atEnd } = (await queue.shift()) as Read;
    if (data.length > 0) yield data;
    if (atEnd) return;
    if (offset > known && queue.length === 0) known = offset + chunkBytes; // there is more than was said: two at a time
  }
}

/** How many reads are kept in flight, so that they hold as many bytes as large reads would. */
function mostInFlight(readers: number, chunkBytes: number): number {
  const share = readers === 1 ? readsInFlight : Math.max(fewestInFlight, Math.ceil(readsShared / readers));
  return Math.min(mostReads, Math.ceil((share * largestRead) / chunkBytes));
}

/** The most bytes ssh2 asks this server for in one read; it splits a larger read into pieces, one after the other. */
function readLimit(sftp: SFTPWrapper): number {
  const { _maxReadLen: limit } = sftp as unknown as { _maxReadLen?: unknown };
  return typeof limit === 'number' ? limit : largestRead;
}

type OpenFile = Pick<Source, 'sftp' | 'path' | 'maxBytes' | 'from' | 'call' | 'readers'> & { handle: Buffer };
type Read = { data: Buffer; atEnd: boolean };

/** Reads one chunk, and asks again where the server gave less; only at the end of the file is it shorter than a chunk. */
async function readFully({ sftp, handle, path, call }: OpenFile, offset: number, chunkBytes: number): Promise<Read> {
  const buffer = Buffer.allocUnsafe(chunkBytes);
  let filled = 0;
  while (filled < chunkBytes) {
    const got = await endIsZero(
      call<number>(
        path,
        (done) =>
          sftp.read(handle, buffer, filled, chunkBytes - filled, offset + filled, (error, count) => done(error, count)),
        isCount,
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
