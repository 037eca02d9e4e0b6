import { type FileHandle, open } from 'node:fs/promises';
import type { Stats } from 'ssh2';
import { UserError } from '../errors.js';
import type { Connection, OpenedSftp } from '../ssh/connection.js';
import { callsOn } from '../ssh/files/sftp-calls.js';
import { type Call, isNothing, isStats } from '../ssh/files/sftp-request.js';
import { interrupted, refused, type SendCall, type UploadFolder, unreadable } from './drop.js';
import { RemoteFile } from './remote-file.js';

const chunkBytes = 31 * 1024; // every server takes 32 KiB packets
const chunksAhead = 32;
/** Error codes that concern the connection, not the file. */
const lossCodes = ['connection-lost', 'session-lost', 'transfer-stalled', 'session-stalled'];

/**
 * Puts files on a server over SFTP, on a connection whose host key was verified.
 * @throws UserError `upload-refused` where there is no SFTP or no such folder
 */
export async function openSftpDrop(connection: Connection, folder: string, signal: AbortSignal): Promise<UploadFolder> {
  const { title } = connection;
  const opened = await connection.openSftp(signal).catch((error: unknown) => {
    if (signal.aborted) throw signal.reason;
    throw isLoss(error) ? interrupted(title, error) : refused(title, 'has no SFTP for us', error);
  });
  const drop = new SftpDrop(connection, opened, folder);
  if (await drop.hasFolder(signal)) return drop;
  opened.close();
  throw refused(title, 'does not let us in', new Error(`no folder "${folder}"`));
}

class SftpDrop implements UploadFolder {
  private readonly connection: Connection;
  private readonly opened: OpenedSftp;
  private readonly folder: string;
  private readonly callUntil: (signal: AbortSignal) => Call;

  constructor(connection: Connection, opened: OpenedSftp, folder: string) {
    this.connection = connection;
    this.opened = opened;
    this.folder = folder;
    this.callUntil = callsOn(opened, connection.title);
  }

  async hasFolder(signal: AbortSignal): Promise<boolean> {
    return this.folder === '' || (await this.stat(this.folder, signal)) !== undefined;
  }

  async sizeOf(name: string, signal: AbortSignal): Promise<number | undefined> {
    return (await this.stat(this.at(name), signal))?.size;
  }

  readFrom(name: string, start: number, signal: AbortSignal): Promise<Buffer | undefined> {
    return this.attempt(signal, async (call) => {
      const size = (await this.sizeOf(name, signal)) ?? 0;
      const file = await RemoteFile.open(this.opened.sftp, call, this.at(name), 'r');
      try {
        return await readBetween(file, start, size);
      } finally {
        file.leave();
      }
    });
  }

  async send(path: string, name: string, start: number, { signal, onProgress }: SendCall): Promise<void> {
    const local = await open(path, 'r').catch((error: unknown) => {
      throw unreadable(path, error);
    });
    try {
      const flags = start === 0 ? 'w' : 'r+'; // at positions: a server may not know how to append
      const remote = await RemoteFile.open(this.opened.sftp, this.callUntil(signal), this.at(name), flags);
      await writeAhead(chunksOf(local, path, start), remote, onProgress);
      await remote.close();
    } catch (error) {
      throw signal.aborted ? signal.reason : this.sendFailure(name, error);
    } finally {
      await local.close();
    }
  }

  async rename(from: string, to: string, signal: AbortSignal): Promise<boolean> {
    const { sftp } = this.opened;
    const renamed = await this.attempt(signal, async (call) => {
      await call<void>(
        from,
        (done) => sftp.rename(this.at(from), this.at(to), (error) => done(error ?? undefined, undefined)),
        isNothing,
      );
      return true;
    });
    return renamed ?? false;
  }

  close(): void {
    this.opened.close();
    this.connection.close();
  }

  private at(name: string): string {
    return this.folder === '' ? name : `${this.folder.replace(/\/$/, '')}/${name}`;
  }

  private stat(path: string, signal: AbortSignal): Promise<Stats | undefined> {
    const { sftp } = this.opened;
    return this.attempt(signal, (call) => call<Stats>(path, (done) => sftp.stat(path, done), isStats));
  }

  /** Does the work; undefined where the server refuses. */
  private async attempt<T>(signal: AbortSignal, work: (call: Call) => Promise<T>): Promise<T | undefined> {
    try {
      return await work(this.callUntil(signal));
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      if (isLoss(error)) throw interrupted(this.connection.title, error);
      return undefined;
    }
  }

  private sendFailure(name: string, error: unknown): unknown {
    const { title } = this.connection;
    if (error instanceof UserError && error.code === 'local-read') return error;
    if (isLoss(error)) return interrupted(title, error);
    return refused(title, `does not take "${name}"`, causeOf(error));
  }
}

async function readBetween(file: RemoteFile, start: number, end: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for (let position = start; position < end; ) {
    const chunk = await file.read(position, Math.min(chunkBytes, end - position));
    if (chunk.length === 0) break;
    chunks.push(chunk);
    position += chunk.length;
  }
  return Buffer.concat(chunks);
}

type Chunk = { bytes: Buffer; position: number };

async function* chunksOf(file: FileHandle, path: string, start: number): AsyncGenerator<Chunk> {
  for (let position = start; ; ) {
    const { buffer, bytesRead } = await file
      .read(Buffer.alloc(chunkBytes), 0, chunkBytes, position)
      .catch((error: unknown) => {
        throw unreadable(path, error);
      });
    if (bytesRead === 0) return;
    yield { bytes: buffer.subarray(0, bytesRead), position };
    position += bytesRead;
  }
}

/** Writes several chunks ahead, to keep a long line full, and reports how many bytes are confirmed without a gap. */
async function writeAhead(
  chunks: AsyncIterable<Chunk>,
  remote: RemoteFile,
  onProgress: (bytes: number) => void,
): Promise<void> {
  const waiting: { end: number; written: Promise<void> }[] = [];
  const settleOldest = async () => {
    const oldest = waiting.shift();
    if (oldest === undefined) return;
    await oldest.written;
    onProgress(oldest.end);
  };
  for await (const { bytes, position } of chunks) {
    const written = remote.write(bytes, position);
    written.catch(() => undefined); // awaited in its turn
    waiting.push({ end: position + bytes.length, written });
    if (waiting.length >= chunksAhead) await settleOldest();
  }
  while (waiting.length > 0) await settleOldest();
}

function isLoss(error: unknown): boolean {
  return error instanceof UserError && lossCodes.includes(error.code);
}

/** What the server said, without our words about what it was doing. */
function causeOf(error: unknown): unknown {
  return error instanceof UserError && error.cause instanceof Error ? error.cause : error;
}
