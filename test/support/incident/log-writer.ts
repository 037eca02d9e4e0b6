import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream, mkdirSync, type WriteStream } from 'node:fs';
import { dirname } from 'node:path';
import type { Level } from './messages.ts';

/** What is known of each line of a log that was written. */
export type WrittenLine = { at: number; raw: number; level: Level | 'none'; isContinued: boolean };

/** Columns, because there may be millions of lines. */
export class Known {
  at = new Float64Array(1024);
  raw = new Float64Array(1024);
  level: Uint8Array = new Uint8Array(1024);
  isContinued: Uint8Array = new Uint8Array(1024);
  count = 0;

  add({ at, raw, level, isContinued }: WrittenLine): void {
    if (this.count === this.at.length) this.grow();
    this.at[this.count] = at;
    this.raw[this.count] = raw;
    this.level[this.count] = levels.indexOf(level);
    this.isContinued[this.count] = isContinued ? 1 : 0;
    this.count++;
  }

  private grow(): void {
    const size = this.count * 2;
    const [at, raw] = [new Float64Array(size), new Float64Array(size)];
    at.set(this.at);
    raw.set(this.raw);
    const [level, isContinued] = [new Uint8Array(size), new Uint8Array(size)];
    level.set(this.level);
    isContinued.set(this.isContinued);
    Object.assign(this, { at, raw, level, isContinued });
  }
}

export const levels: readonly (Level | 'none')[] = ['none', 'debug', 'info', 'warning', 'error', 'critical'];

/** Writes a file and knows its size and SHA-256; waits where the disk is slower. */
export class FileWriter {
  bytes = 0;
  readonly path: string;
  private readonly hash = createHash('sha256');
  private readonly stream: WriteStream;
  private held: Buffer[] = [];
  private heldBytes = 0;

  constructor(path: string) {
    mkdirSync(dirname(path), { recursive: true });
    this.path = path;
    this.stream = createWriteStream(path);
  }

  write(bytes: Buffer | string): void {
    const buffer = typeof bytes === 'string' ? Buffer.from(bytes) : bytes;
    this.held.push(buffer);
    this.heldBytes += buffer.length;
  }

  /** To be awaited now and then. */
  async flush(force = false): Promise<void> {
    if (!force && this.heldBytes < 1 << 18) return;
    const all = Buffer.concat(this.held);
    this.held = [];
    this.heldBytes = 0;
    this.bytes += all.length;
    this.hash.update(all);
    if (!this.stream.write(all)) await once(this.stream, 'drain');
  }

  async end(): Promise<{ bytes: number; sha256: string }> {
    await this.flush(true);
    this.stream.end();
    await once(this.stream, 'finish');
    return { bytes: this.bytes, sha256: this.hash.digest('hex') };
  }
}
