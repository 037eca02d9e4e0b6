import pLimit from 'p-limit';
import { printableLine } from '../domain/text.js';
import type { Window } from '../domain/window.js';
import { reasonOf, UserError } from '../errors.js';
import type { RemoteEntry, RemoteFiles } from '../ssh/files/remote-files.js';
import type { Finding } from './collector.js';
import { type DownloadTools, downloadTo, isLocal } from './download.js';

export const errorsFolder = 'Logs/errors/';

/** The files are small, so most of the time is round trips. */
const atOnce = 4;
const maxGapsNamed = 10;

/**
 * Collects exception reports; each one means that the server restarted itself. Reports of unknown time are taken, too.
 */
export async function collectExceptionReports(
  tools: DownloadTools,
  files: RemoteFiles,
  folder: string,
  window: Window,
): Promise<void> {
  const listing = await listOrNothing(files, folder, tools.signal);
  const reports = listing.filter((entry) => entry.kind === 'file' && entry.name.endsWith('.err'));
  const others = listing.filter((entry) => entry.kind !== 'file' && entry.name.endsWith('.err'));
  const gaps = others.map(({ name }) => `"${printableLine(name, 80)}" is no file and was left`);
  const wanted = reports.filter((entry) => mayBeOf(entry, window));
  if (wanted.length === 0 && gaps.length === 0) return tools.evidence.record(noneIn(folder, reports.length));
  const limit = pLimit(atOnce);
  const fetched = await Promise.all(wanted.map(({ name }) => limit(() => fetchReport(tools, files, folder, name))));
  for (const outcome of fetched) {
    if (typeof outcome === 'string') gaps.push(outcome);
    else tools.evidence.record(outcome);
  }
  if (gaps.length > 0)
    tools.evidence.record({ path: errorsFolder, status: 'partial', source: folder, reason: summed(gaps) });
}

function mayBeOf({ modifiedAt }: RemoteEntry, { since, until }: Window): boolean {
  return modifiedAt === undefined || (modifiedAt >= floorSecond(since) && modifiedAt <= until);
}

function noneIn(folder: string, count: number): Finding {
  const older = count > 0 ? ` (${count} of other times were left)` : '';
  return { path: errorsFolder, status: 'ok', reason: `no exception report in the window${older}`, source: folder };
}

/** @returns the finding, or the reason why nothing came */
async function fetchReport(
  tools: DownloadTools,
  files: RemoteFiles,
  folder: string,
  name: string,
): Promise<Finding | string> {
  try {
    return await downloadTo(tools, files, `${folder}/${name}`, { folder: 'Logs', name, subfolder: 'errors' });
  } catch (error) {
    tools.signal.throwIfAborted();
    if (isLocal(error)) throw error;
    const vanished = error instanceof UserError && error.code === 'no-such-file';
    return vanished ? `"${printableLine(name, 80)}" has vanished` : reasonOf(error);
  }
}

async function listOrNothing(files: RemoteFiles, folder: string, signal: AbortSignal): Promise<RemoteEntry[]> {
  if ((await files.find(folder, signal)) === undefined) return [];
  return files.list(folder, signal);
}

function summed(gaps: readonly string[]): string {
  const more = gaps.length - maxGapsNamed;
  return [...gaps.slice(0, maxGapsNamed), ...(more > 0 ? [`and ${more} more`] : [])].join('; ');
}

function floorSecond(at: Date): Date {
  return new Date(Math.floor(at.getTime() / 1000) * 1000);
}
