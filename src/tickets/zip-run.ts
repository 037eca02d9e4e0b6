import { join } from 'node:path';
import { hashFile, writeZip } from '../bundle/zip.js';
import { type Bundle, bundleName, eventFolder } from '../domain/bundle-layout.js';
import { latest } from '../domain/journal.js';
import type { Manifest } from '../domain/manifest.js';
import { formatSize } from '../domain/quantities.js';
import { visibleJson } from '../domain/text.js';
import type { Run } from '../state/runs.js';
import type { Operator } from '../ui/operator.js';

/** How a bundle is made smaller than what was collected. */
export type Fit = {
  level: number;
  /** Files that stand in the place of what was collected, by server and path. */
  instead: ReadonlyMap<string, string>;
};

/** The manifest with its ticket and event number, which give all folders their names. */
export function nameManifest(manifest: Manifest, ticket: string | null, number: number): Manifest {
  const at = new Date(manifest.event.at);
  const servers = manifest.servers.map((server) => ({
    ...server,
    folder: eventFolder({ number, at }, { id: server.id, zone: server.zone.name }),
  }));
  return { ...manifest, ticket, event: { ...manifest.event, number }, servers };
}

/** A run whose manifest has the names it goes by in the ticket. */
export type RunToZip = { run: Run; manifest: Manifest; topFolder: string; sequence: number };

/** Writes the ZIP of a run under its ticket's name, or takes the one that was written before. */
export async function zipRun(
  { run, manifest, topFolder, sequence }: RunToZip,
  operator: Operator,
  signal: AbortSignal,
  fit?: Fit,
): Promise<Bundle> {
  const zone = manifest.servers[0]?.zone.name ?? 'UTC';
  const name = bundleName(
    topFolder,
    { number: manifest.event.number, at: new Date(manifest.event.at) },
    zone,
    sequence,
  );
  const path = join(run.folder, name);
  const before = latest(run.journal, 'bundled');
  if (before?.name === name && fit === undefined) {
    const found = await hashFile(path, signal).catch(() => undefined); // gone: it is written again below
    if (found?.sha256 === before.sha256) return { path, name, ...found };
    if (found !== undefined)
      operator.emit({ type: 'warning', text: `${name} was changed since it was written; it is written again` });
  }
  operator.emit({ type: 'step-started', step: 'zip', text: `writing ${name}` });
  const totalBytes = manifest.servers
    .flatMap((server) => server.items)
    .reduce((sum, item) => sum + (item.bytes ?? 0), 0);
  const onProgress = (done: number) => operator.emit({ type: 'step-progress', step: 'zip', bytes: done, totalBytes });
  const entries = entriesOf(run, manifest, topFolder, fit);
  const { bytes, sha256, packed } = await writeZip(path, entries, onProgress, fit?.level, signal);
  await run.journal.write({
    type: 'bundled',
    name,
    bytes,
    sha256,
    event: manifest.event.number,
    ticket: topFolder,
    ...(fit === undefined ? {} : { fitted: true as const }),
  });
  operator.emit({ type: 'step-ended', step: 'zip', text: `${name}, ${formatSize(bytes)}` });
  return { path, name, bytes, sha256, packed };
}

function entriesOf(run: Run, manifest: Manifest, topFolder: string, fit: Fit | undefined) {
  const files = manifest.servers.flatMap((server) =>
    server.items.flatMap((item) => {
      if (item.sha256 === undefined) return [];
      const at = new Date(item.ended ?? manifest.created);
      const collected = join(run.stagingOf(server.name), item.path);
      const path = fit?.instead.get(`${server.name} ${item.path}`) ?? collected;
      const file = { path, sha256: item.sha256 };
      return [{ name: `${topFolder}/${server.folder}/${item.path}`, at, file }];
    }),
  );
  files.sort((a, b) => (a.name < b.name ? -1 : 1));
  const content = `${visibleJson(manifest, null, 2)}\n`;
  return [...files, { name: `${topFolder}/manifest.json`, at: new Date(manifest.created), content }];
}
