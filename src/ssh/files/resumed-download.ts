import { crc32 } from 'node:zlib';
import { printableLine } from '../../domain/text.js';
import { itemError } from '../../errors.js';
import { Retries } from './losses.js';
import type { Judge, ReadOptions, TransferVerdict } from './remote-files.js';
import type { SharedFiles } from './shared-files.js';

/** A download is resumed at most this often when the connection is lost. */
const maxResumptions = 4;

/**
 * The download of a file, resumed after a lost connection where the last attempt ended. The bytes before that point are
 * compared first: only if they are the same is it the same file. A file that came short is asked for once more, too.
 */
export class ResumedDownload {
  private readonly shared: SharedFiles;
  private readonly title: string;
  private readonly path: string;
  private readonly options: ReadOptions;
  private readonly retries: Retries;
  /** The bytes that were handed out, and their CRC-32. */
  private done = 0;
  private sum = 0;
  private cameShort = false;

  constructor(shared: SharedFiles, title: string, path: string, options: ReadOptions) {
    this.shared = shared;
    this.title = title;
    this.path = path;
    this.options = options;
    this.retries = new Retries(maxResumptions, options.signal);
  }

  async *chunks(judge: Judge): AsyncGenerator<Buffer> {
    for (;;) {
      try {
        const verdict = yield* this.attempt();
        judge(verdict);
        if (verdict.kind !== 'short' || this.cameShort) return;
        this.cameShort = true;
        this.retries.count++;
      } catch (error) {
        this.retries.after(error);
      }
    }
  }

  private async *attempt(): AsyncGenerator<Buffer, TransferVerdict> {
    const { files, release } = await this.shared.lease(this.options.signal, this.retries.alone);
    let failure: unknown;
    try {
      const download = files.read(this.path, this.options);
      yield* this.goOn(download.chunks);
      return download.verdict();
    } catch (error) {
      failure = error;
      throw error;
    } finally {
      release(failure);
    }
  }

  /** Compares the bytes that came before, and hands out those that follow. */
  private async *goOn(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    let prefixSum = 0;
    let at = 0;
    for await (const chunk of chunks) {
      const known = chunk.subarray(0, Math.max(0, this.done - at));
      prefixSum = known.length > 0 ? crc32(known, prefixSum) : prefixSum;
      at += chunk.length;
      if (known.length > 0 && at >= this.done && prefixSum !== this.sum) throw this.changed();
      const fresh = chunk.subarray(known.length);
      if (fresh.length === 0) continue;
      this.sum = crc32(fresh, this.sum);
      this.done = at;
      yield fresh;
    }
    if (at < this.done) throw this.changed();
  }

  private changed(): Error {
    return itemError(
      'file-changed',
      `"${printableLine(this.path, 120)}" on ${this.title} is another file than the one that was begun`,
    );
  }
}
