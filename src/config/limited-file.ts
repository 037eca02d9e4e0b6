import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';

/**
 * The beginning of a text file, so much that whoever reads it sees when it is too long; a file without an end has one here.
 * @throws Error of the system, the reason of the signal, and where it is not UTF-8
 */
export async function beginningOf(path: string, maxCharacters: number, signal?: AbortSignal): Promise<string> {
  const last = 4 * (maxCharacters + 1); // a character has up to four bytes
  const stream = createReadStream(path, { end: last, ...(signal === undefined ? {} : { signal }) });
  return utf8(await buffer(stream), last);
}

/** @throws Error where a text is in another encoding */
function utf8(bytes: Buffer, last: number): string {
  try {
    return new TextDecoder('utf-8', { fatal: bytes.length <= last }).decode(bytes);
  } catch {
    throw new Error('it is not UTF-8; save it as UTF-8'); // the decoder says no more than that
  }
}

/** Whether it is a plain file: reading a pipe or a device may never end. */
export async function isPlainFile(path: string): Promise<boolean> {
  return (await stat(path)).isFile();
}
