import { basename, resolve } from 'node:path';
import type { Archive, Flaw } from '../bundle/archive/archive.js';
import { openArchive } from '../bundle/archive/open-archive.js';
import { isFolder, isThere, listFolder } from '../bundle/folder.js';
import { hashFile } from '../bundle/zip.js';
import { eventFolder } from '../domain/bundle-layout.js';
import { icepack, say } from '../domain/command.js';
import { latest } from '../domain/journal.js';
import type { Manifest } from '../domain/manifest.js';
import { type UserError, usageError } from '../errors.js';
import type { Run, RunStore } from '../state/runs.js';
import { belowTop, topOf } from './event-folder.js';
import { type ManifestState, readManifest } from './read-manifest.js';

export type BundleFile = {
  /** Below the top folder, e.g. `Event1_ICE01_20261120_1032/Logs/system.log`. */
  path: string;
  bytes: number;
  /** @throws UserError `archive-damaged` where the bytes are not what the archive says */
  read(): AsyncIterable<Buffer>;
};

/** What is read of a bundle: of a ZIP in place, of the folder of a run, or of a ZIP that somebody unpacked. */
export type OpenBundle = {
  kind: 'zip' | 'run' | 'folder';
  /** As it was given; the id of a run. */
  given: string;
  /** The name of the ZIP or folder, without its path. */
  name: string;
  /** Of the ZIP; else of all files. */
  bytes: number;
  /** The folder on top, `TIC-1234`; undefined where there is none, or several. */
  top: string | undefined;
  /** Undefined in a bundle that was made by hand. */
  manifest: Manifest | undefined;
  /** Why there is no manifest, or what is to be known of it. */
  manifestState: ManifestState;
  files: readonly BundleFile[];
  /** What is wrong with the archive; of a folder what in it is no plain file. Nothing of it is read where there is any. */
  flaws: readonly Flaw[];
  /** The SHA-256 of the ZIP; undefined of a folder. */
  sha256(signal?: AbortSignal): Promise<string | undefined>;
  close(): Promise<void>;
};

/**
 * Opens what was collected, wherever it lies; nothing is written, and no configuration is needed.
 * @param given the path of a ZIP, of the folder it was unpacked in, or the id of a run
 * @param runsOf the runs of this machine, asked for where an id was given
 * @throws UserError `bad-file`, `not-a-zip`, `no-such-run`, `run-unfinished`, `manifest-damaged`, `local-read`
 */
export async function openBundle(given: string, runsOf: () => Promise<RunStore>): Promise<OpenBundle> {
  if (/^\d{8}-\d{4}-[A-Za-z0-9-]+$/.test(given)) {
    const run = await (await runsOf()).find(given);
    if (run !== undefined) return ofRun(run);
    if (!(await isThere(given))) throw noSuchRun(given);
  }
  const path = resolve(given);
  return (await isFolder(path)) ? ofFolder(given, path) : ofZip(given, path);
}

function noSuchRun(id: string): UserError {
  return usageError('no-such-run', `there is no run "${id}"`, say`See them all: ${icepack('runs')}`);
}

async function ofZip(given: string, path: string): Promise<OpenBundle> {
  const archive = await openArchive(path);
  const { entries, flaws, bytes } = archive;
  const files = entries.filter(({ isFolder }) => !isFolder).map((entry) => fileOf(archive, entry));
  return opened({ kind: 'zip', given, name: basename(path), bytes, flaws }, files, {
    sha256: async (signal?: AbortSignal) => (await hashFile(path, signal)).sha256,
    close: () => archive.close(),
  });
}

function fileOf(archive: Archive, entry: Archive['entries'][number]): BundleFile {
  return { path: entry.name, bytes: entry.bytes, read: () => archive.content(entry) };
}

async function ofFolder(given: string, path: string): Promise<OpenBundle> {
  const { files, flaws } = await listFolder(path);
  const bytes = sizeOf(files);
  const name = basename(path);
  const bundle = await opened({ kind: 'folder', given, name, bytes, flaws }, files, nothingToClose);
  return bundle.top === undefined && /^TIC-/i.test(name) ? { ...bundle, top: name } : bundle;
}

/** The evidence of a run, under the paths it has in its bundle. */
async function ofRun(run: Run): Promise<OpenBundle> {
  const bundled = latest(run.journal, 'bundled');
  const collected = await run.readManifest();
  const number = bundled?.event ?? collected.event.number;
  const servers = collected.servers.map((server) => ({ ...server, folder: folderOf(server, number, collected) }));
  const key = latest(run.journal, 'registered')?.key ?? null;
  const manifest = { ...collected, ticket: key, event: { ...collected.event, number }, servers };
  const listed = await Promise.all(servers.map(({ name, folder }) => stagedFiles(run.stagingOf(name), folder)));
  const files = listed.flatMap((each) => each.files);
  return {
    ...{ kind: 'run', given: run.id, name: run.id, bytes: sizeOf(files), top: key ?? undefined },
    ...{ manifest, manifestState: 'read', files, flaws: listed.flatMap((each) => each.flaws), ...nothingToClose },
  };
}

function folderOf({ id, zone }: Manifest['servers'][number], number: number, { event }: Manifest): string {
  return eventFolder({ number, at: new Date(event.at) }, { id, zone: zone.name });
}

async function stagedFiles(staging: string, folder: string): Promise<{ files: BundleFile[]; flaws: Flaw[] }> {
  if (!(await isFolder(staging))) return { files: [], flaws: [] }; // a server that gave nothing
  const { files, flaws } = await listFolder(staging);
  return { files: files.map((file) => ({ ...file, path: `${folder}/${file.path}` })), flaws };
}

const nothingToClose = { sha256: async () => undefined, close: async () => undefined };

type Facts = Pick<OpenBundle, 'kind' | 'given' | 'name' | 'bytes' | 'flaws'>;

/** Finds the folder on top and the manifest; the manifest of what is not safe is not read. */
async function opened(
  facts: Facts,
  all: readonly BundleFile[],
  ways: Pick<OpenBundle, 'sha256' | 'close'>,
): Promise<OpenBundle> {
  const top = topOf(all.map(({ path }) => path));
  const files = all.map((file) => ({ ...file, path: belowTop(file.path, top) }));
  const file = files.find(({ path }) => path === 'manifest.json');
  const read =
    facts.flaws.length > 0
      ? ({ manifest: undefined, manifestState: 'unsafe' } as const)
      : await readManifest(file).catch(async (error: unknown) => {
          await ways.close();
          throw error;
        });
  return { ...facts, top, files, ...read, ...ways };
}

function sizeOf(files: readonly BundleFile[]): number {
  return files.reduce((sum, { bytes }) => sum + bytes, 0);
}
