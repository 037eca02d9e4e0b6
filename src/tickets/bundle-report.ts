import { join } from 'node:path';
import { Readable } from 'node:stream';
import { readWhole } from '../bundle/folder.js';
import { hashFile, type ZipEntry } from '../bundle/zip.js';
import { icepack, say } from '../domain/command.js';
import type { Manifest } from '../domain/manifest.js';
import { reasonOf } from '../errors.js';
import type { BundleFile, OpenBundle } from '../reading/open-bundle.js';
import type { Run } from '../state/runs.js';
import type { Operator } from '../ui/operator.js';

/** The name of the page in the top folder of a bundle. */
export const reportName = 'report.html';

export type BundleInMaking = {
  run: Run;
  /** The name of the ZIP. */
  name: string;
  topFolder: string;
  manifest: Manifest;
  entries: readonly ZipEntry[];
};

/**
 * Makes the page of what goes into a bundle, with the lines near the event: the logs are in the ZIP already.
 * @returns the page as an entry; undefined where it could not be made, which costs the page alone and is said
 */
export async function reportOf(
  making: BundleInMaking,
  operator: Operator,
  signal: AbortSignal,
): Promise<ZipEntry | undefined> {
  const { run, manifest, topFolder } = making;
  const path = join(run.folder, reportName);
  operator.emit({ type: 'step-started', step: 'report', text: `making ${reportName}` });
  try {
    const { writeReport } = await import('../report/write-report.js');
    const tool = `${manifest.tool.name} ${manifest.tool.version}`;
    await writeReport(asBundle(making), { path, replace: true }, { lines: 'near', tool, signal });
    const { sha256 } = await hashFile(path, signal);
    operator.emit({ type: 'step-ended', step: 'report', text: reportName });
    return { name: `${topFolder}/${reportName}`, at: new Date(manifest.created), file: { path, sha256 } };
  } catch (error) {
    signal.throwIfAborted();
    const text = `the bundle has no ${reportName}: ${reasonOf(error)}`;
    operator.emit({ type: 'warning', text, hint: say`Make it later: ${icepack('report', run.id)}` });
    return undefined;
  }
}

function asBundle({ name, topFolder, manifest, entries }: BundleInMaking): OpenBundle {
  const sizes = new Map(
    manifest.servers.flatMap(({ folder, items }) => items.map((item) => [`${folder}/${item.path}`, item.bytes ?? 0])),
  );
  const files = entries.map((entry): BundleFile => {
    const path = entry.name.slice(topFolder.length + 1);
    const { content, file } = entry;
    if (content === undefined) return { path, bytes: sizes.get(path) ?? 0, read: () => readWhole(file?.path ?? '') };
    return { path, bytes: Buffer.byteLength(content), read: () => Readable.from([Buffer.from(content)]) };
  });
  return {
    ...{ kind: 'run', given: name, name, bytes: files.reduce((sum, { bytes }) => sum + bytes, 0) },
    ...{ top: topFolder, manifest, manifestState: 'read', files, flaws: [] },
    sha256: async () => undefined, // the page is in the ZIP
    close: async () => undefined,
  };
}
