import type { DirectoryEntry } from './directory.js';
import type { FlawList } from './flaws.js';
import { faultOfKind } from './kinds.js';
import { isBomb, limits } from './limits.js';
import type { Place } from './local-header.js';
import { type DecodedName, faultOfName, foldedName, shownName } from './names.js';

/** Judges what the directory says of each entry, and of all together. */
export function judgeEntries(entries: readonly DirectoryEntry[], flaws: FlawList): void {
  for (const entry of entries) {
    const name = faultOfName(entry.decoded);
    if (name !== undefined) flaws.add(name.id, name.text, entry.decoded.name);
    const kind = faultOfKind(entry);
    if (kind !== undefined) flaws.add(kind.id, `${shownName(entry.decoded.name)} ${kind.text}`, entry.decoded.name);
    judgeComment(entry.comment, flaws, entry.decoded.name);
  }
  judgeTotal(entries, flaws);
  judgeTwins(
    entries.map(({ decoded }) => decoded),
    flaws,
  );
}

/** A comment is shown by some readers: it may be words. */
export function judgeComment(comment: Buffer, flaws: FlawList, entry?: string): void {
  if (/[^\P{C}\t\r\n]/u.test(comment.toString()))
    flaws.add('safe.comment', 'a comment has characters that are not seen or steer a terminal', entry);
}

function judgeTotal(entries: readonly DirectoryEntry[], flaws: FlawList): void {
  const bytes = entries.reduce((sum, entry) => sum + entry.bytes, 0);
  const packed = entries.reduce((sum, entry) => sum + entry.packedBytes, 0);
  if (bytes > limits.totalBytes)
    flaws.add('safe.too-large', `unpacked it would take ${bytes} bytes, more than any bundle`);
  else if (isBomb(bytes, packed)) flaws.add('safe.bomb', 'all together would become more than 200 times as large');
}

/** Two names that are one on some machine, and files in the place of folders: as sorted names they are neighbours. */
export function judgeTwins(names: readonly Pick<DecodedName, 'name' | 'other'>[], flaws: FlawList): void {
  const sorted = names
    .flatMap(({ name, other }) => [
      { name, key: keyOf(name) },
      ...(other === undefined ? [] : [{ name, key: keyOf(other) }]),
    ])
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  for (const [index, { name, key }] of sorted.entries()) {
    const next = sorted[index + 1];
    if (next === undefined) break;
    const shown = `${shownName(name)} and ${shownName(next.name)}`;
    if (next.key === key) flaws.add('safe.twins', `${shown} are one file on some machine`, next.name);
    else if (!name.endsWith('/') && next.key.startsWith(`${key}\0`))
      flaws.add('safe.file-and-folder', `${shown}: a file that is a folder, too`, next.name);
  }
  const manifests = sorted.filter(({ key }) => /^(?:[^\0]*\0)?manifest\.json$/.test(key));
  if (manifests.length > 1)
    flaws.add(
      'safe.manifests',
      `it has ${manifests.length} manifests, and nobody can say which counts`,
      manifests[1]?.name,
    );
}

/** Sorts everything in a folder right behind the folder. */
function keyOf(name: string): string {
  return foldedName(name.replace(/\/$/, '')).replaceAll('/', '\0');
}

/** Every byte up to the directory must belong to exactly one entry. @param places in the order of the file */
export function judgePlaces(
  places: readonly { entry: DirectoryEntry; place: Place }[],
  directoryAt: number,
  flaws: FlawList,
): void {
  let end = 0;
  for (const { entry, place } of places) {
    const { name } = entry.decoded;
    if (place.from < end) flaws.add('safe.overlap', `${shownName(name)} lies over another entry`, name);
    else if (place.from > end)
      flaws.add(
        end === 0 ? 'safe.bytes-before' : 'safe.bytes-between',
        `${place.from - end} bytes before ${shownName(name)} belong to nothing`,
        name,
      );
    end = Math.max(end, place.to);
  }
  if (end > directoryAt) flaws.add('safe.overlap', 'an entry reaches into the directory');
  else if (end < directoryAt)
    flaws.add(
      end === 0 ? 'safe.bytes-before' : 'safe.bytes-between',
      `${directoryAt - end} bytes before the directory belong to nothing`,
    );
}
