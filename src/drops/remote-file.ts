import type { SFTPWrapper } from 'ssh2';
import { type Call, isHandle, isNothing } from '../ssh/files/sftp-request.js';

/** A file that is open on the server, for as long as one call of a drop lasts. */
export class RemoteFile {
  private readonly sftp: SFTPWrapper;
  private readonly call: Call;
  private readonly path: string;
  private readonly handle: Buffer;

  private constructor(sftp: SFTPWrapper, call: Call, path: string, handle: Buffer) {
    this.sftp = sftp;
    this.call = call;
    this.path = path;
    this.handle = handle;
  }

  static async open(sftp: SFTPWrapper, call: Call, path: string, flags: 'r' | 'r+' | 'w'): Promise<RemoteFile> {
    const handle = await call<Buffer>(path, (done) => sftp.open(path, flags, done), isHandle);
    return new RemoteFile(sftp, call, path, handle);
  }

  /** @returns an empty buffer where the file ends */
  async read(position: number, length: number): Promise<Buffer> {
    const bytes = await this.call<Buffer>(
      this.path,
      (done) =>
        this.sftp.read(this.handle, Buffer.alloc(length), 0, length, position, (error, count, buffer) =>
          done(error ?? undefined, buffer?.subarray(0, count)),
        ),
      Buffer.isBuffer,
    );
    return Buffer.from(bytes); // what it is a part of is used again
  }

  write(chunk: Buffer, position: number): Promise<void> {
    return this.call<void>(
      this.path,
      (done) =>
        this.sftp.write(this.handle, chunk, 0, chunk.length, position, (error) => done(error ?? undefined, undefined)),
      isNothing,
    );
  }

  /** Closes a written file; the server may still refuse what was written. */
  close(): Promise<void> {
    return this.call<void>(
      this.path,
      (done) => this.sftp.close(this.handle, (error) => done(error ?? undefined, undefined)),
      isNothing,
    );
  }

  /** Closes a file that was only read; the answer does not matter. */
  leave(): void {
    this.sftp.close(this.handle, () => undefined);
  }
}
