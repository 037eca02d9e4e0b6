import type { FaceId } from '../domain/appliance.js';
import { icepack, spelled } from '../domain/command.js';
import { itemError, reasonOf } from '../errors.js';
import type { RemoteFiles } from '../ssh/files/remote-files.js';
import type { CliTools, CollectorTools, EvidenceTools, HostOsTools } from './collector.js';
import { isLocal } from './download.js';

/** The folder that holds `logs/`, `errors/` and `techsupport/`, and the face through which it was reached. */
export type FileRoot = {
  face: FaceId;
  files: RemoteFiles;
  path: string;
  /** What a reader of the evidence must know about it. */
  note?: string;
};

/** The usual places: the guide shows `./logs`, the administration guide `storage/logs`. */
const candidates = ['.', 'storage'];

/** Finds the folder of the CLI face that holds `logs/` or `techsupport/`. @throws UserError `no-files-root` */
export async function findFilesRoot(
  files: RemoteFiles,
  configured: string | undefined,
  signal: AbortSignal,
): Promise<string> {
  if (configured !== undefined) return configured;
  const root = await holding(files, candidates, signal);
  if (root !== undefined) return root;
  throw itemError(
    'no-files-root',
    `${files.title} has neither logs/ nor storage/logs/; name the folder as files.root in the configuration`,
  );
}

/** Finds the same folder on the host OS, at or below its known place. @throws UserError `no-files-root` */
export async function findHostRoot(files: RemoteFiles, known: string | undefined, signal: AbortSignal) {
  if (known === undefined)
    throw itemError(
      'no-files-root',
      `where the files of port 22 lie on the host OS is not known: "${spelled(icepack('doctor'))}" finds it while both answer, or name it as hostOs.filesRoot in the configuration`,
    );
  const places = candidates.map((folder) => (folder === '.' ? known : inRoot(known, folder)));
  const root = await holding(files, places, signal);
  if (root !== undefined) return root;
  throw itemError('no-files-root', `"${known}" on the host OS (hostOs.filesRoot) holds neither logs/ nor techsupport/`);
}

async function holding(files: RemoteFiles, roots: readonly string[], signal: AbortSignal): Promise<string | undefined> {
  for (const root of roots) {
    for (const folder of ['logs', 'techsupport']) {
      const found = await files.find(inRoot(root, folder), signal);
      if (found?.kind === 'folder') return root;
    }
  }
  return undefined;
}

/** Joins a path to the root; where the root is `.`, the path stays as it is. */
export function inRoot(root: string, path: string): string {
  if (root === '.') return path;
  return root.endsWith('/') ? `${root}${path}` : `${root}/${path}`;
}

export type RootTools = Pick<CollectorTools, 'cli' | 'hostOs' | 'signal'>;

/** The file root of port 22. @throws UserError the reason why it cannot be reached */
export async function cliRoot(cli: CliTools): Promise<FileRoot> {
  return { face: 'cli', files: await cli.files(), path: await cli.filesRoot() };
}

/**
 * The same files through the host OS. @param why the reason why those of port 22 cannot be reached @throws the UserErrors
 * of `filesRoot`
 */
export async function hostRoot(hostOs: HostOsTools, why?: unknown): Promise<FileRoot> {
  const [files, path] = [await hostOs.files(), await hostOs.filesRoot()];
  const because = why === undefined ? '' : `, because ${reasonOf(why)}`;
  return { face: 'hostOs', files, path, note: `from ${path} on the host OS${because}` };
}

/**
 * Uses the file root of port 22, and where that fails the same files on the host OS, which are there even when InCenter
 * is down.
 */
export async function fromFileRoot<T>(
  { cli, hostOs, signal }: RootTools,
  use: (root: FileRoot) => Promise<T>,
): Promise<T> {
  try {
    return await use(await cliRoot(cli));
  } catch (error) {
    signal.throwIfAborted();
    if (isLocal(error)) throw error;
    try {
      return await use(await hostRoot(hostOs, error));
    } catch (second) {
      signal.throwIfAborted();
      throw isLocal(second) ? second : itemError('no-files-root', `${reasonOf(error)}; ${reasonOf(second)}`, error);
    }
  }
}

/** Adds to each record the note that it came another way; a record does not become partial by that. */
export function marking(evidence: EvidenceTools, note: string | undefined): EvidenceTools {
  if (note === undefined) return evidence;
  return {
    ...evidence,
    record: (finding) =>
      evidence.record({ ...finding, reason: finding.reason === undefined ? note : `${note}; ${finding.reason}` }),
  };
}
