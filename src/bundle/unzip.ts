import { createHash } from 'node:crypto';
import { dirname } from 'node:path';
import { icepack, placeholder, say } from '../domain/command.js';
import { usageError } from '../errors.js';
import { createPartial, inLocalTerms, makePrivateFolder } from '../fs/durable.js';
import type { Archive, ArchiveEntry } from './archive/archive.js';
import { shownName } from './archive/names.js';
import { openArchive } from './archive/open-archive.js';
import { refuseUnsafe } from './archive/refuse.js';

export type ExtractedFile = { name: string; path: string; sha256: string };

const maxManifestBytes = 64 * 1024 * 1024;
const manifestName = 'manifest.json';

/** @returns the manifest of a bundle, as text @throws UserError `not-a-bundle`, and as `openArchive` and `refuseUnsafe` */
export async function readBundleManifest(zipPath: string): Promise<string> {
  for await (const { archive, entry, name } of entriesOf(zipPath)) {
    if (name !== manifestName) continue;
    if (entry.bytes > maxManifestBytes) throw notABundle(zipPath, 'its manifest is too large');
    const chunks: Buffer[] = [];
    for await (const chunk of archive.content(entry)) chunks.push(chunk);
    return Buffer.concat(chunks).toString('utf8');
  }
  throw notABundle(zipPath, `it has no ${manifestName}`);
}

/** Reads a ZIP through and keeps nothing. @throws UserError `archive-damaged` where an entry is not as the directory says */
export async function readThrough(zipPath: string): Promise<void> {
  for await (const { archive, entry } of entriesOf(zipPath)) for await (const _ of archive.content(entry));
}

/**
 * Takes the evidence out of a bundle.
 * @param placeOf where a file goes, by its name below the top folder; `rewritten`: it is made again with the bundle;
 * undefined refuses the bundle
 * @throws UserError `not-a-bundle`, `archive-unsafe`, `archive-damaged`, `local-write`
 */
export async function extractBundle(
  zipPath: string,
  placeOf: (name: string) => string | undefined,
): Promise<ExtractedFile[]> {
  const files: ExtractedFile[] = [];
  for await (const { archive, entry, name } of entriesOf(zipPath)) {
    if (name === manifestName) continue;
    const path = placeOf(name);
    if (path === 'rewritten') continue;
    if (path === undefined) throw notABundle(zipPath, `its manifest does not know "${name}"`);
    files.push({ name, path, sha256: await extract(archive.content(entry), path) });
  }
  return files;
}

/** @returns the full name and size of each file in a bundle */
export async function listBundle(zipPath: string): Promise<{ name: string; bytes: number }[]> {
  const listed: { name: string; bytes: number }[] = [];
  for await (const { entry } of entriesOf(zipPath)) listed.push({ name: entry.name, bytes: entry.bytes });
  return listed;
}

/** @returns the packed size of each entry of a bundle, by full name, in bytes */
export async function packedIn(zipPath: string): Promise<Map<string, number>> {
  const packed = new Map<string, number>();
  for await (const { entry } of entriesOf(zipPath)) packed.set(entry.name, entry.packedBytes);
  return packed;
}

/** Every entry of an archive that is safe, with its name checked: nothing with an unsafe name is read or written. */
async function* entriesOf(zipPath: string): AsyncGenerator<{ archive: Archive; entry: ArchiveEntry; name: string }> {
  const archive = await openArchive(zipPath);
  try {
    refuseUnsafe(archive);
    for (const entry of archive.entries) yield { archive, entry, name: insideTop(entry, zipPath) };
  } finally {
    await archive.close();
  }
}

/** The name without the top folder, `TIC-nnn/`. */
function insideTop(entry: ArchiveEntry, zipPath: string): string {
  const [top, ...rest] = entry.name.split('/');
  const safe = [top ?? '', ...rest].every((part) => /^[A-Za-z0-9][A-Za-z0-9._-]{0,120}$/.test(part));
  if (!safe || rest.length === 0) throw notABundle(zipPath, `it holds ${shownName(entry.name)}`);
  return rest.join('/');
}

async function extract(content: AsyncIterable<Buffer>, target: string): Promise<string> {
  await makePrivateFolder(dirname(target));
  const partial = await createPartial(target);
  const hash = createHash('sha256');
  try {
    for await (const chunk of content) {
      hash.update(chunk);
      await inLocalTerms(target, () => partial.handle.writeFile(chunk));
    }
    await partial.commit({ replace: true });
    return hash.digest('hex');
  } finally {
    await partial.discard();
  }
}

function notABundle(path: string, why: string): Error {
  return usageError(
    'not-a-bundle',
    `"${path}" is not a bundle of icepack: ${why}`,
    say`Give the id of a run, or a ZIP that icepack made; to attach any file: ${icepack('ticket', 'attach', placeholder('TICKET'), path)}`,
  );
}
