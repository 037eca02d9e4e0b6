import { type FileHandle, open } from 'node:fs/promises';
import { UserError } from '../errors.js';
import type { Connection } from '../ssh/connection.js';
import { callsOn } from '../ssh/files/sftp-calls.js';
import type { Call } from '../ssh/files/sftp-request.js';
import { type Drop, interrupted, refused, type SendCall, unreadable } from './drop.js';

const chunkBytes = 31 * 1024; // every server takes 32 KiB packets
const chunksAhead = 32;
/** Answers about the connection, not about the file. */
const lossCodes = ['connection-lost', 'session-lost', 'transfer-stalled', 'session-stalled'];

const isHandle = Buffer.isBuffer;
const isNothing = (value: unknown) => value === undefined;
const isObject = (value: unknown) => typeof value === 'object' && value !== null;
const isBuffer = (value: unknown) => Buffer.isBuffer(value);

/**
 * Puts files on a server over SFTP, on a connection whose host key was verified.
 * @throws UserError `upload-refused` where there is no SFTP or no such folder
 */
export async function openSftpDrop(connection: Connection, folder: string, signal: AbortSignal): Promise<Drop> {
  const { title } = connection;
  const opened = await connection.openSftp(signal).catch((error: unknown) => {
    if (signal.aborted) throw signal.reason;
    throw isLoss(error) ? interrupted(title, error) : refused(title, 'has no SFTP for us', error);
  });
  const { sftp } = opened;
  const caller = callsOn(opened, title);
  const at = (name: string) => (folder === '' ? name : `${folder.replace(/\/$/, '')}/${name}`);

  /** undefined where the server says no. */
  async function attempt<T>(signal: AbortSignal, work: (call: Call) => Promise<T>): Promise<T | undefined> {
    try {
      return await work(caller(signal));
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      if (isLoss(error)) throw interrupted(title, error);
      return undefined;
    }
  }

  const sizeOf = async (path: string, signal: AbortSignal) => {
    const found = await attempt(signal, (call) => call(path, (done) => sftp.stat(path, done), isObject));
    return (found as { size?: number } | undefined)?.size;
  };

  if (
    folder !== '' &&
    (await attempt(signal, (call) => call(folder, (done) => sftp.stat(folder, done), isObject))) === undefined
  ) {
    opened.close();
    throw refused(title, 'does not let us in', new Error(`no folder "${folder}"`));
  }

  return {
    sizeOf: (name, wanted) => sizeOf(at(name), wanted),

    readFrom: (name, start, wanted) =>
      attempt(wanted, async (call) => {
        const path = at(name);
        const size = (await sizeOf(path, wanted)) ?? 0;
        const handle = await call<Buffer>(path, (done) => sftp.open(path, 'r', done), isHandle);
        const chunks: Buffer[] = [];
        try {
          for (let position = start; position < size; ) {
            const length = Math.min(chunkBytes, size - position);
            const chunk = await call<Buffer>(
              path,
              (done) =>
                sftp.read(handle, Buffer.alloc(length), 0, length, position, (error, bytesRead, buffer) =>
                  done(error ?? undefined, buffer?.subarray(0, bytesRead)),
                ),
              isBuffer,
            );
            if (chunk.length === 0) break;
            chunks.push(Buffer.from(chunk));
            position += chunk.length;
          }
        } finally {
          sftp.close(handle, () => undefined);
        }
        return Buffer.concat(chunks);
      }),

    async send(path, name, start, { signal: wanted, onProgress }: SendCall) {
      const file = await open(path, 'r').catch((error: unknown) => {
        throw unreadable(path, error);
      });
      const remote = at(name);
      const call = caller(wanted);
      try {
        const flags = start === 0 ? 'w' : 'r+'; // at positions: a server may not know how to append
        const handle = await call<Buffer>(remote, (done) => sftp.open(remote, flags, done), isHandle);
        await writeAhead(file, path, start, onProgress, (chunk, position) =>
          call<void>(
            remote,
            (done) =>
              sftp.write(handle, chunk, 0, chunk.length, position, (error) => done(error ?? undefined, undefined)),
            isNothing,
          ),
        );
        await call<void>(
          remote,
          (done) => sftp.close(handle, (error) => done(error ?? undefined, undefined)),
          isNothing,
        );
      } catch (error) {
        if (wanted.aborted) throw wanted.reason;
        if (error instanceof UserError && error.code === 'local-read') throw error;
        if (isLoss(error)) throw interrupted(title, error);
        throw refused(title, `does not take "${name}"`, causeOf(error));
      } finally {
        await file.close();
      }
    },

    rename: async (from, to, wanted) =>
      (await attempt(wanted, async (call) => {
        await call<void>(
          from,
          (done) => sftp.rename(at(from), at(to), (error) => done(error ?? undefined, undefined)),
          isNothing,
        );
        return true;
      })) ?? false,

    close: () => {
      opened.close();
      connection.close();
    },
  };
}

/** Keeps a long way full, and counts what was confirmed without a gap. */
async function writeAhead(
  file: FileHandle,
  path: string,
  start: number,
  onProgress: (bytes: number) => void,
  write: (chunk: Buffer, position: number) => Promise<void>,
): Promise<void> {
  const waiting: { end: number; written: Promise<void> }[] = [];
  const settleOldest = async () => {
    const oldest = waiting.shift();
    if (oldest === undefined) return;
    await oldest.written;
    onProgress(oldest.end);
  };
  for (let position = start; ; ) {
    const { buffer, bytesRead } = await file
      .read(Buffer.alloc(chunkBytes), 0, chunkBytes, position)
      .catch((error: unknown) => {
        throw unreadable(path, error);
      });
    if (bytesRead === 0) break;
    const written = write(buffer.subarray(0, bytesRead), position);
    written.catch(() => undefined); // awaited in its turn
    position += bytesRead;
    waiting.push({ end: position, written });
    if (waiting.length >= chunksAhead) await settleOldest();
  }
  while (waiting.length > 0) await settleOldest();
}

function isLoss(error: unknown): boolean {
  return error instanceof UserError && lossCodes.includes(error.code);
}

/** What the server said, without what it was thought to be doing. */
function causeOf(error: unknown): unknown {
  return error instanceof UserError && error.cause instanceof Error ? error.cause : error;
}
