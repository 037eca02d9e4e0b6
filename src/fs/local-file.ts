import { open } from 'node:fs/promises';
import { itemError, reasonOf } from '../errors.js';

const readBytes = 1024 * 1024;

/** A file the user named, to be read. @throws UserError `no-local-file` */
export async function openLocalFile(path: string): Promise<{ chunks: AsyncIterable<Buffer>; modifiedAt: Date }> {
  try {
    const handle = await open(path, 'r');
    const { mtime } = await handle.stat();
    return { chunks: handle.createReadStream({ highWaterMark: readBytes }), modifiedAt: mtime };
  } catch (error) {
    throw itemError('no-local-file', `"${path}" cannot be read on this machine: ${reasonOf(error)}`, error);
  }
}
