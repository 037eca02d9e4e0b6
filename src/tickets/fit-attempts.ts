import { join } from 'node:path';
import { openStaging } from '../bundle/staging.js';
import { isPrecapture } from '../domain/capture-choice.js';
import type { Item, Manifest, ServerRecord } from '../domain/manifest.js';
import { formatSize } from '../domain/quantities.js';
import { openLocalFile } from '../fs/local-file.js';
import { reportName } from './bundle-report.js';
import { packedReport } from './fit-size.js';
import { narrowLog } from './narrow-log.js';
import type { BundleToSend, Submission } from './submission.js';

/** The files that are left out after captures, whole and on all servers; never the event's own backup or techsupport. */
const leaving = ['Logs/debug.log', 'Logs/audit.log', 'CLI/transcript.txt'] as const;
const systemLog = 'Logs/system.log';
/** Then the system log is narrowed towards the event, not below the last of these, on each side. */
const sidesMs = [20, 10, 5].map((minutes) => minutes * 60_000);

/** A bundle that is smaller, and how. */
export type Attempt = {
  said: string;
  manifest: Manifest;
  /** Whether the page to look at is still in it. */
  report: boolean;
  /** Files that stand in the place of others, by server and path. */
  instead: Map<string, string>;
};

/** Smaller and smaller bundles, until nothing is left that may leave. */
export async function* attempts(submission: Submission, made: BundleToSend): AsyncGenerator<Attempt> {
  let { manifest, report } = made;
  const left: string[] = [];
  const smallerBy = (name: string, bytes: number): Attempt => {
    left.push(`${name} (${formatSize(bytes)})`);
    return { said: `left out: ${left.join(', ')}`, manifest, report, instead: new Map() };
  };
  yield { said: 'compressed harder', manifest, report, instead: new Map() };
  const captures = captureFolders(manifest).map((folder) => ({ name: `${folder}/`, isOf: isBelow(folder) }));
  const files = leaving.map((name) => ({ name, isOf: (path: string) => path === name }));
  for (const kind of [...captures, 'report' as const, ...files]) {
    if (kind === 'report') {
      if (report) {
        report = false;
        yield smallerBy(reportName, packedReport(made));
      }
      continue;
    }
    const smaller = without(manifest, kind.isOf);
    if (smaller === undefined) continue;
    const bytes = bytesOf(manifest, kind.isOf);
    manifest = smaller;
    yield smallerBy(kind.name, bytes);
  }
  for (const sideMs of sidesMs) {
    const narrower = await narrowed(submission, manifest, sideMs);
    if (narrower === undefined) continue;
    const [whole, rest] = [manifest, narrower.manifest].map((each) =>
      formatSize(bytesOf(each, (path) => path === systemLog)),
    );
    const narrowedTo = `${systemLog} narrowed to ${sideMs / 60_000} min on each side (${whole} to ${rest})`;
    const said = [...(left.length > 0 ? [`left out: ${left.join(', ')}`] : []), narrowedTo].join('; ');
    yield { said, report, ...narrower };
  }
}

function isBelow(folder: string): (path: string) => boolean {
  return (path) => path.startsWith(`${folder}/`);
}

/** The captures that lie beside the event's own evidence, the oldest first. */
function captureFolders({ servers }: Manifest): string[] {
  const items = servers.flatMap(({ items }) => items.filter(isPrecapture));
  const inTime = items.sort((a, b) => ((a.capture?.started ?? '') < (b.capture?.started ?? '') ? -1 : 1));
  return [...new Set(inTime.map(({ path }) => path.slice(0, path.lastIndexOf('/'))))];
}

/** The bytes of some paths on all servers together. */
function bytesOf({ servers }: Manifest, isOf: (path: string) => boolean): number {
  const sizes = servers.flatMap(({ items }) => items.map((item) => (isOf(item.path) ? (item.bytes ?? 0) : 0)));
  return sizes.reduce((sum, bytes) => sum + bytes, 0);
}

/** @returns undefined where there is nothing of it */
function without(manifest: Manifest, isOf: (path: string) => boolean): Manifest | undefined {
  let found = false;
  const leave = (item: Item): Item => {
    if (!isOf(item.path) || item.sha256 === undefined) return item;
    found = true;
    const { sha256: _sha256, bytes, ...rest } = item;
    return {
      ...rest,
      status: isPrecapture(item) ? 'skipped' : 'partial', // it was no part of what was asked for
      reason: `left out to fit the limit (${formatSize(bytes ?? 0)}); it is kept in run ${manifest.run}`,
    };
  };
  const servers = manifest.servers.map((server) => ({ ...server, items: server.items.map(leave) }));
  return found ? { ...manifest, servers } : undefined;
}

/** System logs of a shorter time around the event. @returns undefined where the window is no longer than that */
async function narrowed(
  { run }: Submission,
  manifest: Manifest,
  sideMs: number,
): Promise<Pick<Attempt, 'manifest' | 'instead'> | undefined> {
  const at = Date.parse(manifest.event.at);
  const beforeMs = at - Date.parse(manifest.event.window.since);
  const afterMs = Date.parse(manifest.event.window.until) - at;
  if (Math.max(beforeMs, afterMs) <= sideMs) return undefined;
  const instead = new Map<string, string>();
  const narrowOne = async (server: ServerRecord, item: Item): Promise<Item> => {
    const window = item.coverage?.window;
    if (item.path !== systemLog || item.sha256 === undefined || window === undefined) return item;
    const shorter = {
      since: new Date(Date.parse(window.since) + Math.max(0, beforeMs - sideMs)),
      until: new Date(Date.parse(window.until) - Math.max(0, afterMs - sideMs)),
    };
    const folder = run.stagingOf(`${server.name}.fit`);
    const staging = await openStaging(folder);
    const source = await openLocalFile(join(run.stagingOf(server.name), item.path));
    const read = {
      zones: item.coverage?.zones ?? [server.zone.name],
      readAt: new Date(item.ended ?? manifest.created),
    };
    const { path, bytes, sha256, cut } = await narrowLog(source, shorter, read, 'system.log', staging);
    instead.set(`${server.name} ${item.path}`, join(folder, path));
    const minutes = sideMs / 60_000;
    const why = `narrowed to ${minutes} min on each side of the event to fit the limit; all of it is kept in run ${manifest.run}`;
    const reason = [item.reason, why].filter(Boolean).join('; ');
    const coverage = {
      ...item.coverage,
      window: { since: shorter.since.toISOString(), until: shorter.until.toISOString() },
      cut,
    };
    return {
      ...item,
      status: 'partial',
      reason,
      bytes,
      sha256,
      coverage: { ...coverage, complete: false, gaps: ['cut'] } as NonNullable<Item['coverage']>,
    };
  };
  const servers: ServerRecord[] = [];
  for (const server of manifest.servers) {
    const items: Item[] = [];
    for (const item of server.items) items.push(await narrowOne(server, item));
    servers.push({ ...server, items });
  }
  return instead.size === 0 ? undefined : { manifest: { ...manifest, servers }, instead };
}
