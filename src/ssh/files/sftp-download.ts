import type { SFTPWrapper, Stats } from 'ssh2';
import { assertExpected, type Download, type Expected, type TransferVerdict } from './remote-files.js';
import { type Lane, type Lanes, openLanes, type Widen } from './sftp-lanes.js';
import { type Call, EndOfFile, isCount, isHandle, isStats } from './sftp-request.js';

/** What `limits@openssh.com` usually allows for one read. */
const chunkBytes = 261_120;
const readsInFlight = 12;

/** From here on more sessions than one are worth their opening. */
const longWayMs = 5;
const largeBytes = 8 * 1024 * 1024;

export type Source = {
  sftp: SFTPWrapper;
  path: string;
  maxBytes: number;
  expect: Expected | undefined;
  call: Call;
  widen: Widen | undefined;
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
  const { sftp, path, maxBytes, call, widen } = source;
  const handle = await call<Buffer>(path, (done) => sftp.open(path, 'r', done), isHandle);
  let lanes: Lanes | undefined;
  try {
    const asked = performance.now();
    const stats = await call<Stats>(path, (done) => sftp.fstat(handle, done), isStats);
    const before = sizeOf(stats);
    assertExpected({ sizeBytes: before, modifiedAt: timeOf(stats) }, source.expect, path);
    const far = performance.now() - asked >= longWayMs && Math.min(before ?? 0, maxBytes) >= largeBytes;
    lanes = openLanes({ sftp, handle, call, readsInFlight: 0 }, path, far ? widen : undefined);
    let bytes = 0;
    for await (const chunk of inOrder(lanes, path, before)) {
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
    lanes?.close();
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
async function* inOrder(lanes: Lanes, path: string, sizeHint: number | undefined): AsyncGenerator<Buffer> {
  const expectedReads = sizeHint === undefined ? 2 : Math.ceil(sizeHint / chunkBytes) + 1;
  const queue: Promise<Read>[] = [];
  let offset = 0;
  const fill = () => {
    while (queue.length < Math.max(2, Math.min(readsInFlight * lanes.count(), expectedReads))) {
      const read = readAnyhow(lanes, path, offset);
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

/** Only the failure of the first lane is one. */
async function readAnyhow(lanes: Lanes, path: string, offset: number): Promise<Read> {
  const lane = lanes.pick();
  lane.readsInFlight++;
  try {
    return await readFully(lane, path, offset);
  } catch (error) {
    if (lane === lanes.first) throw error;
    lanes.drop(lane);
  } finally {
    lane.readsInFlight--;
  }
  return readFully(lanes.first, path, offset);
}

/** One chunk, asked for again where the server gave less; less than a chunk only at the end of the file. */
async function readFully({ sftp, handle, call }: Lane, path: string, offset: number): Promise<Read> {
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
