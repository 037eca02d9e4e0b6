import { createHash } from 'node:crypto';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';
import type { Entry, ZipFile } from 'yauzl';
import { reasonOf, usageError } from '../errors.js';
import { createPartial, inLocalTerms, makePrivateFolder } from '../fs/durable.js';

export type ExtractedFile = { name: string; path: string; sha256: string };

const maxEntries = 20_000;
const maxTotalBytes = 8 * 1024 ** 3;
const maxManifestBytes = 64 * 1024 * 1024;
const manifestName = 'manifest.json';

/** @returns the manifest of a bundle, as text @throws UserError `not-a-bundle` */
export async function readBundleManifest(zipPath: string): Promise<string> {
  for await (const { zip, entry, name } of entriesOf(zipPath)) {
    if (name !== manifestName) continue;
    if (entry.uncompressedSize > maxManifestBytes) throw notABundle(zipPath, 'its manifest is too large');
    const chunks: Buffer[] = [];
    for await (const chunk of contentOf(zip, entry, zipPath)) chunks.push(chunk);
    return Buffer.concat(chunks).toString('utf8');
  }
  throw notABundle(zipPath, `it has no ${manifestName}`);
}

/**
 * Takes the evidence out of a bundle.
 * @param placeOf where a file goes, by its name below the top folder; `rewritten`: it is made again with the bundle;
 * undefined refuses the bundle
 * @throws UserError `not-a-bundle`, `local-write`
 */
export async function extractBundle(
  zipPath: string,
  placeOf: (name: string) => string | undefined,
): Promise<ExtractedFile[]> {
  const files: ExtractedFile[] = [];
  for await (const { zip, entry, name } of entriesOf(zipPath)) {
    if (name === manifestName) continue;
    const path = placeOf(name);
    if (path === 'rewritten') continue;
    if (path === undefined) throw notABundle(zipPath, `its manifest does not know "${name}"`);
    files.push({ name, path, sha256: await extract(contentOf(zip, entry, zipPath), path) });
  }
  return files;
}

/** @returns the full name and size of each file in a bundle */
export async function listBundle(zipPath: string): Promise<{ name: string; bytes: number }[]> {
  const listed: { name: string; bytes: number }[] = [];
  for await (const { entry } of entriesOf(zipPath))
    listed.push({ name: entry.fileName, bytes: entry.uncompressedSize });
  return listed;
}

/** @returns the packed size of each entry of a bundle, by full name, in bytes */
export async function packedIn(zipPath: string): Promise<Map<string, number>> {
  const packed = new Map<string, number>();
  for await (const { entry } of entriesOf(zipPath)) packed.set(entry.fileName, entry.compressedSize);
  return packed;
}

/** Every entry, with its name checked: nothing with an unsafe name is read or written. */
async function* entriesOf(zipPath: string): AsyncGenerator<{ zip: ZipFile; entry: Entry; name: string }> {
  const zip = await openZip(zipPath);
  let entries = 0;
  let bytes = 0;
  try {
    for await (const entry of readable(zip.eachEntry(), zipPath)) {
      bytes += entry.uncompressedSize;
      if (++entries > maxEntries || bytes > maxTotalBytes) throw notABundle(zipPath, 'it is larger than any bundle');
      yield { zip, entry, name: insideTop(entry, zipPath) };
    }
  } finally {
    zip.close();
  }
}

async function* contentOf(zip: ZipFile, entry: Entry, zipPath: string): AsyncGenerator<Buffer> {
  const opening = zip.openReadStreamPromise(entry).catch((error: unknown) => {
    throw notABundle(zipPath, reasonOf(error));
  });
  let sum = 0;
  for await (const chunk of readable((await opening) as AsyncIterable<Buffer>, zipPath)) {
    sum = crc32(chunk, sum);
    yield chunk;
  }
  if (sum !== entry.crc32) throw notABundle(zipPath, `"${entry.fileName}" is damaged`); // which the reader leaves to us
}

/** The output of the ZIP reader; its errors count as faults of the ZIP, unless this machine failed. */
async function* readable<T>(source: AsyncIterable<T>, zipPath: string): AsyncGenerator<T> {
  const iterator = source[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await iterator.next().catch((error: unknown) => {
        throw notABundle(zipPath, reasonOf(error));
      });
      if (next.done) return;
      yield next.value;
    }
  } finally {
    await iterator.return?.();
  }
}

async function openZip(path: string): Promise<ZipFile> {
  try {
    const { openPromise } = await import('yauzl');
    return await openPromise(path, { lazyEntries: true, autoClose: false, strictFileNames: true });
  } catch (error) {
    throw notABundle(path, reasonOf(error));
  }
}

/** The name without the top folder, `TIC-nnn/`. */
function insideTop(entry: Entry, zipPath: string): string {
  const [top, ...rest] = entry.fileName.split('/');
  const safe = [top ?? '', ...rest].every((part) => /^[A-Za-z0-9][A-Za-z0-9._-]{0,120}$/.test(part));
  if (!safe || rest.length === 0) throw notABundle(zipPath, `it holds ${JSON.stringify(entry.fileName)}`);
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
    'Give the id of a run, or a ZIP that icepack made',
  );
}
