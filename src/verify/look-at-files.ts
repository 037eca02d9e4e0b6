import { createHash } from 'node:crypto';
import { lookInto } from '../collectors/archives/flaw.js';
import { reasonOf, UserError } from '../errors.js';
import { isJunk, placeInEvent } from '../reading/event-folder.js';
import type { BundleFile, OpenBundle } from '../reading/open-bundle.js';

/** What became of reading a file to its end. */
export type SeenFile = {
  path: string;
  bytes: number;
  sha256: string;
  /** Why its bytes are not what the archive says. */
  damage?: string;
  /** Why it is not what its name or its purpose says. */
  flaw?: string;
  /** It is packed so that it would fill memory and disks. */
  isBomb: boolean;
};

/** Reads every file once: what it is, and whether it is whole. What is packed in it is unpacked as a stream, never kept. */
export async function lookAtFiles({ files }: Pick<OpenBundle, 'files'>, signal: AbortSignal): Promise<SeenFile[]> {
  const seen: SeenFile[] = [];
  for (const file of files) {
    signal.throwIfAborted();
    seen.push(await lookAt(file));
  }
  return seen;
}

async function lookAt(file: BundleFile): Promise<SeenFile> {
  const bytes = new PassingBytes(file.read());
  const part = placeInEvent(file.path)?.part;
  const mustHold = (part === 'Config' || part === 'Techsupport') && !isJunk(file.path);
  const { flaw, proven } = await lookInto(bytes, { name: file.path, mustHold, mayBeUnknown: part === 'Techsupport' });
  const isBomb = bytes.isGzip && flaw === undefined && !proven;
  for await (const _rest of bytes); // its hash is that of all of it
  const { damage } = bytes;
  return {
    ...{ path: file.path, bytes: bytes.count, sha256: bytes.sha256(), isBomb },
    ...(damage !== undefined ? { damage } : flaw === undefined ? {} : { flaw }),
  };
}

/** The bytes of a file on their way to whoever looks into it: hashed and counted, and ended early where they are damaged. */
class PassingBytes implements AsyncIterable<Buffer> {
  count = 0;
  isGzip = false;
  damage: string | undefined;
  readonly #source: AsyncIterator<Buffer>;
  readonly #hash = createHash('sha256');

  constructor(source: AsyncIterable<Buffer>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  sha256(): string {
    return this.#hash.digest('hex');
  }

  /** It is not ended by who stops reading: what is left is read afterwards. */
  [Symbol.asyncIterator](): AsyncIterator<Buffer> {
    return { next: () => this.#next() };
  }

  async #next(): Promise<IteratorResult<Buffer>> {
    try {
      const next = await this.#source.next();
      if (next.done) return next;
      if (this.count === 0) this.isGzip = next.value[0] === 0x1f && next.value[1] === 0x8b;
      this.count += next.value.length;
      this.#hash.update(next.value);
      return next;
    } catch (error) {
      if (!(error instanceof UserError) || error.code !== 'archive-damaged') throw error;
      this.damage = reasonOf(error);
      return { done: true, value: undefined };
    }
  }
}
