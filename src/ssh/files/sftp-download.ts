import type { SFTPWrapper, Stats } from 'ssh2';
import { assertExpected, type Download, type Expected, type TransferVerdict } from './remote-files.js';
import { type Call, EndOfFile, isCount, isHandle, isStats } from './sftp-request.js';

/** What `limits@openssh.com` usually allows for one read. */
const largestRead = 261_120;
/** As much as a session may carry at once (`send-ahead.ts`), for a file that is read alone on it. */
const readsInFlight = 16;
/** Logs are read several at once, of several servers at once: less in flight is as fast there, and takes less memory. */
const readsShared = 8;
const fewestInFlight = 3;

export type Source = {
  sftp: SFTPWrapper;
  path: string;
  maxBytes: number;
  expect: Expected | undefined;
  call: Call;
  /** The files that are read on this session now. */
  readers: { count: number };
};

export function download(source: Source): Download {
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
    judge(compare(before, bytes));
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
 * Keeps several large reads in flight and hands their bytes out in order, up to the end of the file: what `stat` says
 * only decides how many reads are started at first (findings 4 and 5).
 */
async function* inOrder(file: OpenFile, sizeHint: number | undefined): AsyncGenerator<Buffer> {
  const { maxBytes, readers } = file;
  const chunkBytes = Math.min(largestRead, maxBytes);
  const expectedReads = sizeHint === undefined ? 2 : Math.ceil(Math.min(sizeHint, maxBytes) / chunkBytes) + 1;
  const queue: Promise<Read>[] = [];
  let offset = 0;
  const fill = () => {
    const share =
      readers.count === 1 ? readsInFlight : Math.max(fewestInFlight, Math.ceil(readsShared / readers.count));
    while (queue.length < Math.max(2, Math.min(share, expectedReads))) {
      const read = readFully(file, offset, chunkBytes);
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

type OpenFile = Pick<Source, 'sftp' | 'path' | 'maxBytes' | 'call' | 'readers'> & { handle: Buffer };
type Read = { data: Buffer; atEnd: boolean };

/** One chunk, asked for again where the server gave less; less than a chunk only at the end of the file. */
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

export function timeOf(attrs: { mtime?: number }): Date | undefined {
  return attrs.mtime !== undefined && Number.isFinite(attrs.mtime) ? new Date(attrs.mtime * 1000) : undefined;
}

export function sizeOf(attrs: { size?: number }): number | undefined {
  return attrs.size !== undefined && Number.isSafeInteger(attrs.size) && attrs.size >= 0 ? attrs.size : undefined;
}
