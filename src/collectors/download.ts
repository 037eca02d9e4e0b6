import type { KeepOptions, KeptFile } from '../bundle/staging.js';
import type { BundleFolder } from '../domain/bundle-layout.js';
import { formatSize } from '../domain/quantities.js';
import { exitCode, reasonOf, UserError } from '../errors.js';
import type { RemoteFiles, TransferVerdict } from '../ssh/files/remote-files.js';
import type { CollectorTools, Finding } from './collector.js';

/** No file of an appliance is larger; what is, is cut here and said. */
export const maxFileBytes = 4 * 1024 ** 3;

export type Place = { folder: BundleFolder; name: string } & KeepOptions;

/** Downloads one file as it is. @returns the finding, `partial` when less came than there is; @throws when nothing came */
export async function downloadTo(
  tools: CollectorTools,
  files: RemoteFiles,
  path: string,
  place: Place,
): Promise<Finding> {
  return (await downloadToEnd(tools, files, path, place)).finding;
}

/** As `downloadTo`; `sawEnd`: what came ends where the file ended then. */
export async function downloadToEnd(
  tools: CollectorTools,
  files: RemoteFiles,
  path: string,
  place: Place,
): Promise<{ finding: Finding; sawEnd: boolean }> {
  const first = await downloadOnce(tools, files, path, place);
  const { cutBy } = first.kept;
  // Another file lies there now: it is taken from its beginning, once.
  const { kept, download } =
    cutBy instanceof UserError && cutBy.code === 'file-changed' && first.kept.bytes > 0
      ? await downloadOnce(tools, files, path, { ...place, replaces: first.kept })
      : first;
  if (kept.cutBy !== undefined && (kept.bytes === 0 || isLocal(kept.cutBy))) throw kept.cutBy;
  if (kept.cutBy !== undefined) {
    const problem = `cut after ${formatSize(kept.bytes)}: ${reasonOf(kept.cutBy)}`;
    return { finding: findingOf(kept, path, problem), sawEnd: false };
  }
  const verdict = download.verdict();
  return { finding: findingOf(kept, path, problemOf(verdict)), sawEnd: verdict.kind !== 'capped' };
}

async function downloadOnce(tools: CollectorTools, files: RemoteFiles, path: string, place: Place) {
  const download = files.read(path, { signal: tools.signal, maxBytes: maxFileBytes });
  return { download, kept: await tools.keep(place.folder, place.name, download.chunks, place) };
}

function findingOf(kept: KeptFile, source: string, problem: string | undefined): Finding {
  const { path, bytes, sha256 } = kept;
  if (problem === undefined) return { path, status: 'ok', source, bytes, sha256 };
  return { path, status: 'partial', reason: problem, source, bytes, sha256 };
}

/** This machine failed, not the server: there is no point in going on. */
export function isLocal(error: unknown): boolean {
  return error instanceof UserError && error.exit === exitCode.local;
}

function problemOf(verdict: TransferVerdict): string | undefined {
  switch (verdict.kind) {
    case 'whole':
      return undefined;
    case 'grew':
      return `it grew while it was read: ${verdict.bytes} bytes came, ${verdict.expectedBytes} were there at first`;
    case 'short':
      return `${verdict.bytes} of ${verdict.expectedBytes} bytes came`;
    case 'damaged':
      return `the server could not read all of it: ${verdict.reason}`;
    case 'capped':
      return `cut at ${formatSize(verdict.bytes)}, the largest file that is taken`;
  }
}
