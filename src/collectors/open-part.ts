import { retried } from '../domain/retried.js';
import { itemError, UserError } from '../errors.js';
import { believedTime } from '../logs/file-time.js';
import type { Download, Expected } from '../ssh/files/remote-files.js';
import { maxFileBytes } from './download.js';
import { gunzipped } from './gunzip.js';
import type { ListedPart, LogLocation } from './log-listing.js';

/** One opened file of a log, with its unpacked content. */
export type OpenPart = {
  name: string;
  compressed: boolean;
  /** The log is still being written to this file. */
  isCurrent: boolean;
  modifiedAt: Date | undefined;
  content: AsyncIterable<Buffer>;
  download: Download;
};

/** How long a server may take for a step of a rotation. */
export const settlePauseMs = 300;
/** How many such steps to wait for the current file. */
const currentPatience = 3;

/**
 * Opens a file of a log. If it cannot be read, only its content fails, and the other files are still read.
 * @throws UserError that `isGone`
 */
export async function openPart(place: LogLocation, part: ListedPart, expect?: Expected): Promise<OpenPart> {
  const { name, compressed } = part;
  const facts = {
    name,
    compressed,
    isCurrent: part.number === undefined,
    modifiedAt: believedTime(part.entry.modifiedAt),
    download: downloadOf(place, name, expect),
  };
  const chunks = facts.download.chunks[Symbol.asyncIterator]();
  try {
    const first = await chunks.next(); // opens it, and finds out whether it is the expected one
    const bytes = startingWith(first, chunks);
    return { ...facts, content: compressed ? gunzipped(bytes) : bytes };
  } catch (error) {
    if (isGone(error)) throw error;
    return { ...facts, content: failing(error) };
  }
}

/** Opens the file that is being written to; during a rotation it is missing for a moment. */
export async function openCurrent(place: LogLocation, part: ListedPart): Promise<OpenPart> {
  try {
    return await retried(() => openPart(place, part), {
      pauseAfter: (_error, failures) => (failures <= currentPatience ? settlePauseMs : undefined),
      pause: place.tools.pause,
    });
  } catch (error) {
    const { name, compressed } = part;
    const facts = { name, compressed, isCurrent: true, modifiedAt: undefined };
    return { ...facts, download: downloadOf(place, name), content: failing(error) };
  }
}

/** Whether the error says that the file is no longer there under its name. */
export function isGone(error: unknown): error is UserError {
  return error instanceof UserError && (error.code === 'no-such-file' || error.code === 'file-changed');
}

function downloadOf({ tools, files, folder }: LogLocation, name: string, expect?: Expected): Download {
  const { signal } = tools;
  return files.read(`${folder}/${name}`, { signal, maxBytes: maxFileBytes, ...(expect && { expect }) });
}

async function* failing(error: unknown): AsyncGenerator<Buffer> {
  yield* [];
  throw error;
}

async function* startingWith(first: IteratorResult<Buffer>, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  try {
    for (let next = first; !next.done; next = await rest.next()) yield next.value;
  } catch (error) {
    if (error instanceof UserError && error.code === 'no-such-file')
      throw itemError('vanished', 'it vanished while it was read', error);
    throw error;
  } finally {
    await rest.return?.();
  }
}
