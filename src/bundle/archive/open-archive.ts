import { type FileHandle, open, stat } from 'node:fs/promises';
import { UserError, usageError, whyNoFile } from '../../errors.js';
import type { Archive, ArchiveEntry } from './archive.js';
import { contentOf, damaged } from './content.js';
import { type DirectoryEntry, readDirectory } from './directory.js';
import { type EndRecord, findEnd } from './end-record.js';
import { FileWindow } from './file-window.js';
import { FlawList } from './flaws.js';
import { judgeComment, judgeEntries, judgePlaces } from './judge.js';
import { type Place, placeOf } from './local-header.js';
import { shownName } from './names.js';
import { beginsAsZip, whatItIs } from './what-it-is.js';

/**
 * Opens a ZIP of anybody where it lies: its directory and headers are read and judged, its content is not.
 * @throws UserError `bad-file`, `not-a-zip`
 */
export async function openArchive(path: string): Promise<Archive> {
  const handle = await openFile(path);
  try {
    const file = new FileWindow(handle, (await handle.stat()).size);
    return await archiveOf(path, handle, file);
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function openFile(path: string): Promise<FileHandle> {
  try {
    if (!(await stat(path)).isFile()) throw usageError('bad-file', `"${path}" is no file`, hint); // a pipe would wait for ever
    return await open(path, 'r');
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw usageError('bad-file', whyNoFile(path, error), hint);
  }
}

const hint = 'Name a ZIP that can be read';

async function archiveOf(path: string, handle: FileHandle, file: FileWindow): Promise<Archive> {
  const flaws = new FlawList();
  const end = await endOf(path, file, flaws);
  const found = await readDirectory(file, end, flaws);
  judgeComment(end.comment, flaws);
  judgeEntries(found, flaws);
  const places = await readPlaces(file, found, flaws);
  judgePlaces(places, end.directoryEnd - end.directoryBytes, flaws);
  const placed = new Map(places.map(({ entry, place }) => [entry, place]));
  const known = new Map(found.map((entry) => [entryOf(entry), entry]));
  const cost = { inflated: 0 };
  return {
    path,
    bytes: file.bytes,
    entries: [...known.keys()],
    flaws: flaws.all(),
    async *content(entry) {
      const inside = known.get(entry);
      const place = inside && placed.get(inside);
      if (inside === undefined || place === undefined) throw damaged(entry, 'it is not where the directory says');
      const chunks = file.between(place.dataAt, place.dataAt + inside.packedBytes);
      for await (const chunk of contentOf(entry, { chunks, method: inside.method })) {
        cost.inflated += chunk.length;
        yield chunk;
      }
    },
    get cost() {
      return { read: file.bytesRead, inflated: cost.inflated };
    },
    close: () => handle.close(),
  };
}

async function endOf(path: string, file: FileWindow, flaws: FlawList): Promise<EndRecord> {
  const head = (await file.at(0, Math.min(file.bytes, 512))) ?? Buffer.alloc(0);
  const end = await findEnd(file, flaws);
  const isOther = !beginsAsZip(head) && flaws.all().some(({ id }) => id === 'safe.bytes-after');
  if (end !== undefined && !isOther) return end;
  const what = whatItIs(head);
  const why = beginsAsZip(head)
    ? 'its end is missing: it was not copied whole'
    : what === undefined
      ? 'it is no ZIP'
      : `it is ${what}`;
  throw usageError('not-a-zip', `"${path}" cannot be read as a ZIP: ${why}`, hintFor(what));
}

function hintFor(what: string | undefined): string {
  return what !== undefined && /gzip|tar/.test(what)
    ? 'The guide wants one ZIP, and no tar or gzip around it: pack the folder again'
    : 'Ask for the ZIP again, or pack the folder again';
}

/** In the order of the file, so that it is read about once. */
async function readPlaces(
  file: FileWindow,
  entries: readonly DirectoryEntry[],
  flaws: FlawList,
): Promise<{ entry: DirectoryEntry; place: Place }[]> {
  const places: { entry: DirectoryEntry; place: Place }[] = [];
  for (const entry of [...entries].sort((a, b) => a.at - b.at)) {
    const { name } = entry.decoded;
    const { place, differs } = await placeOf(file, entry);
    if (differs !== undefined) flaws.add('safe.header', `${shownName(name)} ${differs}`, name);
    if (place !== undefined) places.push({ entry, place });
  }
  return places;
}

function entryOf({ decoded: { name }, bytes, packedBytes, crc32 }: DirectoryEntry): ArchiveEntry {
  return { name, isFolder: name.endsWith('/'), bytes, packedBytes, crc32 };
}
