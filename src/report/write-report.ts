import { dirname, resolve, sep } from 'node:path';
import { isFolder, isThere } from '../bundle/folder.js';
import { exitCode, UserError, usageError } from '../errors.js';
import { layoutOf } from '../reading/layout.js';
import type { OpenBundle } from '../reading/open-bundle.js';
import { readBundle } from '../reading/read-bundle.js';
import type { Missing, Reading } from '../reading/reading.js';
import type { WhichLines } from './lines-kept.js';
import { renderReport } from './render-report.js';
import { type ReportTarget, writePage } from './write-page.js';

export type ReportOptions = {
  lines: WhichLines;
  /** Of the page; by default 40 MB, and 1 MB where only lines near the event are wanted. */
  maxBytes?: number | undefined;
  /** What makes it: `icepack 0.3.0`. */
  tool: string;
  /** The operator's zone, for a bundle that does not tell one. */
  zone?: string | undefined;
  /** The paths of what is not as it was collected. */
  changed?: readonly string[];
  now?: () => number;
  signal?: AbortSignal | undefined;
};

export type WrittenReport = {
  bytes: number;
  /** How many lines are on the page. */
  here: number;
  /** What is not on it that is in the bundle, in sentences. */
  leftOut: readonly string[];
  reading: Reading;
};

const usualBytes: Record<WhichLines, number> = { all: 40_000_000, near: 1_000_000, none: 40_000_000 };

/**
 * Reads a bundle and writes its page: whole or not at all.
 * @throws UserError `target-exists`, `local-write`, `archive-damaged`
 */
export async function writeReport(
  bundle: OpenBundle,
  target: ReportTarget,
  options: ReportOptions,
): Promise<WrittenReport> {
  const { lines, maxBytes = usualBytes[lines], tool, signal } = options;
  const reading = await readForReport(bundle, options);
  const { pieces, here, leftOut } = await renderReport(reading, { lines, maxBytes, tool, signal });
  return { bytes: await writePage(pieces, target, signal), here, leftOut, reading };
}

export async function readForReport(
  bundle: OpenBundle,
  { zone, now, signal, changed = [] }: Pick<ReportOptions, 'zone' | 'now' | 'signal' | 'changed'>,
): Promise<Reading> {
  const layout = layoutOf(bundle, { assumed: zone });
  const reading = await readBundle(bundle, {
    layout,
    ...(now === undefined ? {} : { now }),
    ...(signal === undefined ? {} : { signal }),
  });
  return { ...reading, missing: [...changed.map((path) => notAsCollected(path, reading)), ...reading.missing] };
}

function notAsCollected(path: string, { contents, layout }: Reading): Missing {
  const server = contents.find((file) => file.path === path)?.server;
  const folder = server === undefined ? '' : `${layout.servers[server]?.folder ?? ''}/`;
  const text = 'is not as it was collected: its SHA-256 is another than in manifest.json';
  return { state: 'partial', server, what: path.slice(folder.length), text };
}

/** Said before the work, which may take long. @throws UserError `target-exists` */
export async function refuseExisting(path: string): Promise<void> {
  if (!(await isThere(path))) return;
  throw new UserError('target-exists', `"${path}" exists already and is not overwritten`, {
    exit: exitCode.local,
    hint: 'Name another file with -o, or replace it with --force',
  });
}

export function isFolderThere(path: string): Promise<boolean> {
  return isFolder(path);
}

/** @throws UserError `bad-file` */
export async function refuseNowhere(path: string): Promise<void> {
  const folder = dirname(resolve(path));
  if (!(await isFolder(folder)))
    throw usageError('bad-file', `there is no folder "${folder}"`, 'Make it, or name another place with -o');
}

/** A page within the folder it is of would be part of it. @throws UserError `bad-file` */
export function refuseInside({ kind, given }: OpenBundle, path: string): void {
  if (kind !== 'folder' || !resolve(path).startsWith(resolve(given) + sep)) return;
  throw usageError('bad-file', `"${path}" is inside the bundle, and would become part of it`, 'Name another place');
}
