import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { hashFile, writeZip, type ZipEntry } from '../bundle/zip.js';
import { assess } from '../domain/assessment.js';
import { type Bundle, bundleName, eventFolder } from '../domain/bundle-layout.js';
import { latest } from '../domain/journal.js';
import type { Manifest } from '../domain/manifest.js';
import { formatSize } from '../domain/quantities.js';
import { visibleJson } from '../domain/text.js';
import type { DeskSettings } from '../helpdesk/desk-settings.js';
import type { Run } from '../state/runs.js';
import type { Operator } from '../ui/operator.js';
import { bundleReadme, notCollected } from './bundle-readme.js';
import { reportOf } from './bundle-report.js';
import type { Said } from './said-text.js';

/** How a bundle is made smaller than what was collected. */
export type Fit = {
  level: number;
  /** Files that stand in the place of what was collected, by server and path. */
  instead: ReadonlyMap<string, string>;
};

/** The manifest under a ticket and an event number, which give all folders their names, with what was said of the event. */
export function nameManifest(manifest: Manifest, ticket: string | null, number: number, said: Said): Manifest {
  const { servers, incident: _before, texts: _texts, ...rest } = manifest;
  const at = new Date(manifest.event.at);
  const named = servers.map((server) => ({
    ...server,
    folder: eventFolder({ number, at }, { id: server.id, zone: server.zone.name }),
  }));
  const { summary, severity, description, answers, contact } = said;
  const incident = Object.entries({ summary, severity, description, answers, contact }).filter(
    ([, value]) => value !== undefined,
  );
  const told = incident.length === 0 ? {} : { incident: Object.fromEntries(incident) };
  return { ...rest, ticket, event: { ...manifest.event, number }, ...told, servers: named };
}

/** A run whose manifest has the names it goes by in the ticket. */
export type RunToZip = {
  run: Run;
  manifest: Manifest;
  topFolder: string;
  sequence: number;
  about: About;
  /** With a page to look at. */
  report: boolean;
};

/** What was said of the event, and by whom: for `README.txt`. */
export type About = Said &
  Pick<DeskSettings, 'organization' | 'contact' | 'product' | 'version' | 'license' | 'templates'> &
  Partial<Pick<DeskSettings, 'licenses'>>;

/** Writes the ZIP of a run under its ticket's name, or takes the one that was written before. */
export async function zipRun(toZip: RunToZip, operator: Operator, signal: AbortSignal, fit?: Fit): Promise<Bundle> {
  const { run, manifest, topFolder, sequence } = toZip;
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
  const entries = await entriesOf(toZip, name, fit, operator, signal);
  operator.emit({ type: 'step-started', step: 'zip', text: `writing ${name}` });
  const totalBytes = manifest.servers
    .flatMap((server) => server.items)
    .reduce((sum, item) => sum + (item.bytes ?? 0), 0);
  const onProgress = (done: number) => operator.emit({ type: 'step-progress', step: 'zip', bytes: done, totalBytes });
  const { bytes, sha256, packed } = await writeZip(path, entries, onProgress, fit?.level, signal);
  await run.journal.write({
    type: 'bundled',
    name,
    bytes,
    sha256,
    event: manifest.event.number,
    ticket: topFolder,
    manifest: manifest.created,
    ...(fit === undefined ? {} : { fitted: true as const }),
  });
  operator.emit({ type: 'step-ended', step: 'zip', text: `${name}, ${formatSize(bytes)}` });
  return { path, name, bytes, sha256, packed };
}

/** The evidence, and behind it what icepack writes, with the manifest last. */
async function entriesOf(
  toZip: RunToZip,
  name: string,
  fit: Fit | undefined,
  operator: Operator,
  signal: AbortSignal,
): Promise<ZipEntry[]> {
  const { run, manifest, topFolder } = toZip;
  const files = filesOf(toZip, fit);
  const making = { run, name, topFolder, manifest, entries: [...files, ...textsOf(toZip)] };
  const report = toZip.report ? await reportOf(making, operator, signal) : undefined;
  const entries =
    report === undefined ? [...files, ...textsOf({ ...toZip, report: false })] : [...making.entries, report];
  return [...entries, await manifestEntry(toZip, entries)];
}

function filesOf({ run, manifest, topFolder }: RunToZip, fit: Fit | undefined): ZipEntry[] {
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
  return files.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** What we write ourselves: every server has its folder, if only with what was not collected from it. */
function textsOf({ manifest, topFolder, about, report }: RunToZip): ZipEntry[] {
  const { description = '', answers = {}, summary, severity } = about;
  const texts = new Map<string, string>();
  for (const assessment of assess(manifest)) {
    const content = notCollected(assessment);
    if (content !== undefined) texts.set(`${assessment.server.folder}/NOT-COLLECTED.txt`, content);
  }
  texts.set('README.txt', bundleReadme({ ...about, manifest, description, answers, summary, severity, report }));
  const at = new Date(manifest.created);
  return [...texts].map(([path, content]) => ({ name: `${topFolder}/${path}`, at, content }));
}

/** The manifest, which knows also what we wrote: each file of the bundle but itself has its hash in it. */
async function manifestEntry({ manifest, topFolder }: RunToZip, entries: readonly ZipEntry[]): Promise<ZipEntry> {
  const evidence = new Set(
    manifest.servers.flatMap(({ folder, items }) => items.map(({ path }) => `${topFolder}/${folder}/${path}`)),
  );
  const ours = entries.filter(({ name }) => !evidence.has(name));
  const texts = await Promise.all(
    ours.map(async (entry) => ({ path: entry.name.slice(topFolder.length + 1), ...(await fingerprintOf(entry)) })),
  );
  const content = `${visibleJson({ ...manifest, texts }, null, 2)}\n`;
  return { name: `${topFolder}/manifest.json`, at: new Date(manifest.created), content };
}

async function fingerprintOf({ content, file }: ZipEntry): Promise<{ bytes: number; sha256: string }> {
  if (content === undefined) return hashFile(file?.path ?? '');
  return { bytes: Buffer.byteLength(content), sha256: createHash('sha256').update(content).digest('hex') };
}
