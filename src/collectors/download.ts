import type { StoredFile, StoreOptions } from '../bundle/staging.js';
import type { BundleFolder } from '../domain/bundle-layout.js';
import { formatSize } from '../domain/quantities.js';
import { exitCode, reasonOf, UserError } from '../errors.js';
import type { RemoteFiles, TransferVerdict } from '../ssh/files/remote-files.js';
import { type Claim, lookInto } from './archives/flaw.js';
import { beside } from './beside.js';
import type { CollectorTools, Finding } from './collector.js';

/** The largest file that is fetched from an appliance; a larger one is cut here, and reported as cut. */
export const maxFileBytes = 4 * 1024 ** 3;

export type Downloaded = { finding: Finding; sawEnd: boolean; proven: boolean };

/** What a download needs: where it is stored, and the signal that ends it. */
export type DownloadTools = Pick<CollectorTools, 'evidence' | 'signal'>;

export type DownloadTarget = { folder: BundleFolder; name: string } & StoreOptions;

/**
 * The files that support cannot do without must not be empty, nor hold an error message; the format of techsupport is not
 * public.
 */
const claims: Partial<Record<BundleFolder, Omit<Claim, 'name'>>> = {
  Config: { mustHold: true },
  Techsupport: { mustHold: true, mayBeUnknown: true },
};

/**
 * Downloads one file unchanged, and checks its content on the way. @returns the finding, `partial` when less came than
 * there is, or when an archive is not whole; @throws when nothing came
 */
export async function downloadTo(
  tools: DownloadTools,
  files: RemoteFiles,
  path: string,
  target: DownloadTarget,
): Promise<Finding> {
  return (await downloadToEnd(tools, files, path, target)).finding;
}

/**
 * Downloads like `downloadTo`. `sawEnd`: the download reached the end that the file had then; `proven`: the file's own
 * format shows that it is whole.
 */
export async function downloadToEnd(
  tools: DownloadTools,
  files: RemoteFiles,
  path: string,
  target: DownloadTarget,
): Promise<Downloaded> {
  const first = await downloadOnce(tools, files, path, target);
  const { cutBy } = first.stored;
  // Another file lies there now: it is taken from its beginning, once.
  const { stored, download, looked } =
    cutBy instanceof UserError && cutBy.code === 'file-changed' && first.stored.bytes > 0
      ? await downloadOnce(tools, files, path, { ...target, replaces: { path: first.stored.path } })
      : first;
  if (stored.cutBy !== undefined && (stored.bytes === 0 || isLocal(stored.cutBy))) throw stored.cutBy;
  if (stored.cutBy !== undefined) {
    const problem = `cut after ${formatSize(stored.bytes)}: ${reasonOf(stored.cutBy)}`;
    return { finding: findingOf(stored, path, problem), sawEnd: false, proven: false };
  }
  const verdict = download.verdict();
  const { flaw, note, proven } = await looked;
  const finding = findingOf(stored, path, problemOf(verdict) ?? flaw);
  if (note !== undefined) finding.reason ??= note;
  return { finding, sawEnd: verdict.kind !== 'capped', proven: proven && verdict.kind === 'whole' };
}

async function downloadOnce(
  { evidence, signal }: DownloadTools,
  files: RemoteFiles,
  path: string,
  target: DownloadTarget,
) {
  const download = files.read(path, { signal, maxBytes: maxFileBytes });
  const claim = { mustHold: false, ...claims[target.folder], name: target.name };
  const { chunks, looked } = beside(download.chunks, (copy) => lookInto(copy, claim));
  return { download, stored: await evidence.keep(target.folder, target.name, chunks, target), looked };
}

function findingOf(stored: StoredFile, source: string, problem: string | undefined): Finding {
  const { path, bytes, sha256 } = stored;
  if (problem === undefined) return { path, status: 'ok', source, bytes, sha256 };
  return { path, status: 'partial', reason: problem, source, bytes, sha256 };
}

/** Whether this machine failed, not the server, so that going on is pointless. */
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
