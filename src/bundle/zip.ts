import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { PassThrough, type Readable, Transform, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { deflateRawSync } from 'node:zlib';
import type { ZipArchive } from 'archiver';
import { formatSize } from '../domain/quantities.js';
import { exitCode, UserError } from '../errors.js';
import { createPartial, gatheringWriter, inLocalTerms, isCode } from '../fs/durable.js';
import { sweepPartials } from '../fs/partials.js';

/** One file of a bundle: its name inside, and its bytes, from a file or from memory. */
export type ZipEntry = {
  name: string;
  /** The time that the ZIP shows, stored as UTC. */
  at: Date;
  /** The file and its SHA-256 when it was collected; a file that changed since then is refused. */
  file?: { path: string; sha256: string };
  content?: string;
};

export type WrittenZip = {
  path: string;
  bytes: number;
  sha256: string;
  /** The packed size of each entry, by name, in bytes. */
  packed: ReadonlyMap<string, number>;
};

const entryMode = 0o644;
const usualLevel = 6;
const trialBytes = 64 * 1024;
/** If a trial leaves at least this share of the data, it is already compressed; text shrinks to a fifth. */
const incompressible = 0.97;

/** Loads the library before it is needed. */
export async function prepareZip(): Promise<void> {
  await import('archiver');
}

/**
 * Writes a ZIP. The same entries give the same bytes, whatever the zone, locale and umask. Everything is deflated,
 * because readers of ZIP streams (Java's) refuse a stored entry of unknown size; compressed data is deflated at level 0,
 * which is fifteen times as fast. The ZIP appears under its name only when it is whole and on the disk; one of the same
 * name is replaced.
 * @param level of deflate, 1 to 9
 * @param signal ends the work; nothing is left then
 * @throws UserError `local-write`, `evidence-changed`
 */
export async function writeZip(
  path: string,
  entries: readonly ZipEntry[],
  onProgress: (bytes: number) => void = () => undefined,
  level = usualLevel,
  signal?: AbortSignal,
): Promise<WrittenZip> {
  assertDistinct(entries);
  await sweepPartials(dirname(path));
  const partial = await createPartial(path);
  try {
    const written = hashing();
    const zlib = { level, memLevel: 9, chunkSize: 256 * 1024 };
    const { ZipArchive } = await import('archiver'); // it takes time to load
    const archive = new ZipArchive({ zlib }); // which reads its options at each entry
    const writer = gatheringWriter(partial.handle);
    const output = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        inLocalTerms(path, () => writer.write(chunk)).then(() => done(), done);
      },
      final: (done) => {
        inLocalTerms(path, writer.flush).then(() => done(), done);
      },
    });
    const writing = pipeline(archive, written.stream, output);
    writing.catch(() => undefined); // awaited below, after the entries
    let done = 0;
    const packed = new Map<string, number>();
    for (const entry of entries) {
      zlib.level = await levelFor(entry, level);
      const before = archive.pointer();
      done += await Promise.race([appendOne(archive, entry, signal), writing.then(() => 0)]);
      packed.set(entry.name, archive.pointer() - before);
      onProgress(done);
    }
    await archive.finalize();
    await writing;
    await partial.commit({ replace: true });
    return { path, ...written.result(), packed };
  } catch (error) {
    if (!(error instanceof UserError) || !isCode(error.cause, 'ENOSPC')) throw error;
    await partial.discard(); // which makes room
    throw await noRoom(path, entries, error);
  } finally {
    await partial.discard();
  }
}

async function noRoom(path: string, entries: readonly ZipEntry[], cause: UserError): Promise<UserError> {
  const { bavail, bsize } = await statfs(dirname(path));
  const sizes = await Promise.all(entries.map(sizeOf));
  const needed = sizes.reduce((sum, size) => sum + size, 0);
  const said = `the disk is full: ${formatSize(bavail * bsize)} are free, the ZIP takes up to ${formatSize(needed)}`;
  return new UserError(cause.code, `"${path}": ${said}`, {
    exit: cause.exit,
    hint: 'What was collected is kept. Make room, then go on with the command that is named',
    cause,
  });
}

async function sizeOf({ file, content = '' }: ZipEntry): Promise<number> {
  if (file === undefined) return Buffer.byteLength(content);
  return stat(file.path).then(
    ({ size }) => size,
    () => 0, // gone: the next try says so
  );
}

/** Reads a file once for its size and SHA-256. */
export async function hashFile(path: string, signal?: AbortSignal): Promise<{ bytes: number; sha256: string }> {
  const hashed = hashing();
  const source = createReadStream(path, { highWaterMark: 1 << 20 });
  await unlessAborted(signal, () => inLocalTerms(path, () => pipeline(source, hashed.stream, drain(), { signal })));
  return hashed.result();
}

/** The level for an entry, judged by the beginning of the file, so that the same content gives the same bytes. */
async function levelFor({ file }: ZipEntry, level: number): Promise<number> {
  if (file === undefined) return level;
  const beginning = await inLocalTerms(file.path, () => readBeginning(file.path));
  if (beginning.length < 1024) return level;
  return deflateRawSync(beginning, { level: 1 }).length > beginning.length * incompressible ? 0 : level;
}

async function readBeginning(path: string): Promise<Buffer> {
  const handle = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(trialBytes), 0, trialBytes, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

/** Appends one entry and waits until it is in; otherwise archiver would hold every queued source open. */
async function appendOne(archive: ZipArchive, entry: ZipEntry, signal?: AbortSignal): Promise<number> {
  const data = { name: entry.name, date: entry.at, mode: entryMode };
  const written = new Promise<void>((resolve) => archive.once('entry', () => resolve()));
  if (entry.file === undefined) {
    const content = Buffer.from(entry.content ?? '');
    archive.append(content, data);
    await written;
    return content.length;
  }
  const { path, sha256 } = entry.file;
  const handle = await inLocalTerms(path, () => open(path, 'r'));
  const hashed = hashing();
  const through = new PassThrough();
  archive.append(through, data);
  // An own stream in between: archiver neither forwards the error of a source nor survives its silent end.
  const source: Readable = handle.createReadStream({ highWaterMark: 1 << 20 });
  await unlessAborted(signal, () => inLocalTerms(path, () => pipeline(source, hashed.stream, through, { signal })));
  await written;
  const found = hashed.result();
  if (found.sha256 !== sha256) throw changedSince(path);
  return found.bytes;
}

/** @throws the reason of the signal where it ended the work: that is no failure of this machine */
async function unlessAborted(signal: AbortSignal | undefined, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}

function changedSince(path: string): UserError {
  return new UserError('evidence-changed', `"${path}" is not what was collected any more`, {
    exit: exitCode.local,
    hint: 'Someone or something changed it; put the file back, or collect again',
  });
}

function hashing() {
  const hash = createHash('sha256');
  let bytes = 0;
  const stream = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      bytes += chunk.length;
      done(null, chunk);
    },
  });
  return { stream, result: () => ({ bytes, sha256: hash.digest('hex') }) };
}

function drain(): Writable {
  return new Writable({ write: (_chunk, _encoding, done) => done() });
}

function assertDistinct(entries: readonly ZipEntry[]): void {
  const names = new Set(entries.map((entry) => entry.name.toLowerCase()));
  if (names.size !== entries.length) throw new Error('two entries of a bundle have the same name');
  const unsafe = entries.find((entry) =>
    entry.name.split('/').some((part) => !/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(part)),
  );
  if (unsafe !== undefined) throw new Error(`"${unsafe.name}" is no safe name in a bundle`);
}
