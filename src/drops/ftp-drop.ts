import { createReadStream } from 'node:fs';
import { Transform, Writable } from 'node:stream';
import { FTPError, Client as FtpClient } from 'basic-ftp';
import { isTracing, trace } from '../domain/trace.js';
import { interrupted, refused, type SendCall, type UploadFolder, unreadable } from './drop.js';
import { type FtpTarget, isRefusal, logIn } from './ftp-login.js';

/** The longest silence, on either connection. */
const idleMs = 30_000;

/**
 * Logs in to an FTP server and goes to the folder. With TLS nothing secret is sent before its certificate was verified.
 * @throws UserError `unreachable`, `certificate-refused`, `login-refused`, `upload-refused`
 */
export async function openFtpDrop(target: FtpTarget, signal: AbortSignal): Promise<UploadFolder> {
  const client = new FtpClient(idleMs);
  if (isTracing()) client.ftp.log = (text) => trace('ftp', () => `${target.title}: ${text}`); // the password is ### in it
  try {
    await during(client, signal, () => logIn(client, target));
  } catch (error) {
    client.close();
    throw error;
  }
  return new FtpDrop(client, target.title);
}

class FtpDrop implements UploadFolder {
  private readonly client: FtpClient;
  private readonly title: string;

  constructor(client: FtpClient, title: string) {
    this.client = client;
    this.title = title;
  }

  async sizeOf(name: string, signal: AbortSignal): Promise<number | undefined> {
    const told = await this.attempt(signal, () => this.client.size(name));
    if (told !== undefined) return told;
    const listed = await this.attempt(signal, () => this.client.list());
    return listed?.find((entry) => entry.name === name)?.size;
  }

  readFrom(name: string, start: number, signal: AbortSignal): Promise<Buffer | undefined> {
    return this.attempt(signal, async () => {
      const chunks: Buffer[] = [];
      await this.client.downloadTo(keeping(chunks), name, start);
      return Buffer.concat(chunks);
    });
  }

  send(path: string, name: string, start: number, { signal, onProgress }: SendCall): Promise<void> {
    return during(this.client, signal, async () => {
      let local: unknown;
      const file = createReadStream(path, { start, highWaterMark: 256 * 1024 });
      const counted = counting(start, onProgress);
      file.on('error', (error) => {
        local = error;
        counted.destroy(error);
      });
      try {
        if (start === 0) await this.client.uploadFrom(file.pipe(counted), name);
        else await this.client.appendFrom(file.pipe(counted), name);
      } catch (error) {
        throw local === undefined ? this.sendFailure(name, error) : unreadable(path, local);
      } finally {
        file.destroy();
      }
    });
  }

  async rename(from: string, to: string, signal: AbortSignal): Promise<boolean> {
    return (await this.attempt(signal, () => this.client.rename(from, to))) !== undefined;
  }

  close(): void {
    this.client.close();
  }

  /** Does the work; undefined where the server refuses. */
  private attempt<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T | undefined> {
    return during(this.client, signal, () =>
      work().catch((error: unknown) => {
        if (isRefusal(error)) return undefined;
        throw interrupted(this.title, error);
      }),
    );
  }

  private sendFailure(name: string, error: unknown): unknown {
    if (isBrokenOff(error) || !isRefusal(error)) return interrupted(this.title, error);
    return refused(this.title, `does not take "${name}"`, error);
  }
}

/** Does one piece of work at a time. When the signal is aborted, it ends at once, together with the connection. */
async function during<T>(client: FtpClient, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  const stop = () => client.close();
  signal.throwIfAborted();
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await work();
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

function keeping(chunks: Buffer[]): Writable {
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(chunk);
      done();
    },
  });
}

function counting(start: number, onProgress: (bytes: number) => void): Transform {
  let sent = start;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      sent += chunk.length;
      onProgress(sent);
      done(null, chunk);
    },
  });
}

/** Whether only the data connection broke off and the control connection is still there: 425, 426 (RFC 959), 451. */
function isBrokenOff(error: unknown): boolean {
  return error instanceof FTPError && (error.code === 425 || error.code === 426 || error.code === 451);
}
