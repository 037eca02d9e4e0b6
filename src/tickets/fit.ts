import { join } from 'node:path';
import { openStaging } from '../bundle/staging.js';
import { packedIn } from '../bundle/unzip.js';
import { serverTitle } from '../domain/appliance.js';
import type { Item, Manifest, ServerRecord } from '../domain/manifest.js';
import { formatSize } from '../domain/quantities.js';
import { openLocalFile } from '../fs/local-file.js';
import { narrowLog } from './narrow-log.js';
import type { BundleToSend, Submission } from './submission.js';
import { zipRun } from './zip-run.js';

const strongest = 9;
/** The files that are left out first, whole and on all servers; never the configuration backup or techsupport. */
const leaving = ['Logs/debug.log', 'Logs/audit.log', 'CLI/transcript.txt'] as const;
const systemLog = 'Logs/system.log';
/** Then the system log is narrowed towards the event, not below the last of these, on each side. */
const sidesMs = [20, 10, 5].map((minutes) => minutes * 60_000);

type Attempt = {
  said: string;
  manifest: Manifest;
  /** Files that stand in the place of others, by server and path. */
  instead: Map<string, string>;
};

/** What level 9 may save of what the usual level left, at most. */
const hoped = 0.97;

/**
 * Makes a bundle that is over the limit fit, where that is wanted: first by stronger compression, then by what support needs
 * least. What is left out stays in the run, and the manifest of the bundle names it. Nothing is written before it is known
 * that it may fit, by what each file took in the ZIP that is there.
 * @returns the bundle as it is, when that is not wanted or does not help; `unfit` says why it cannot
 */
export async function fitted(submission: Submission, written: BundleToSend, limitBytes: number): Promise<BundleToSend> {
  if (written.zip.bytes <= limitBytes) return written;
  const { run, intent, operator, signal } = submission;
  const made = {
    ...written,
    zip: { ...written.zip, packed: written.zip.packed ?? (await packedIn(written.zip.path)) },
  };
  const leastBytes = mustStay(made);
  if (leastBytes > limitBytes) return unfit(submission, written, leastBytes, mandatoryParts, limitBytes);
  if (!intent.fit && operator.ask === undefined) return written;
  let smallest = made.zip.bytes;
  let last = written;
  for await (const { said, manifest, instead } of attempts(submission, made)) {
    const expected = estimate(made, manifest, instead);
    smallest = Math.min(smallest, expected);
    if (expected > limitBytes) continue;
    const plan = `to fit ${formatSize(limitBytes)}: ${said}; that makes about ${formatSize(expected)} of ${formatSize(made.zip.bytes)}`;
    if (last === written && !(await isWanted(submission, plan))) return written;
    const zip = await zipRun({ ...made, run, manifest }, operator, signal, { level: strongest, instead });
    last = { ...made, zip, manifest };
    if (zip.bytes <= limitBytes) return last;
  }
  if (last === written) return unfit(submission, written, smallest, 'what never leaves', limitBytes);
  const zip = await zipRun({ ...made, run }, operator, signal, { level: strongest, instead: new Map() });
  return unfit(submission, { ...made, zip }, smallest, 'what never leaves', limitBytes);
}

const mandatoryParts = 'configuration backup, techsupport and the texts of icepack';

function unfit(
  { operator }: Submission,
  made: BundleToSend,
  leastBytes: number,
  what: string,
  limitBytes: number,
): BundleToSend {
  const text = `it cannot be made to fit: with ${what} it has at least ${leastBytes} bytes, the limit is ${limitBytes} bytes`;
  operator.emit({ type: 'note', text: `${text}; nothing is left out` });
  return { ...made, unfit: text };
}

/** Tells the plan, and asks where it was not said already. */
async function isWanted({ intent, operator }: Submission, plan: string): Promise<boolean> {
  if (intent.fit || operator.ask === undefined) {
    operator.emit({ type: 'note', text: plan });
    return true;
  }
  operator.emit({
    type: 'note',
    text: `${plan}. The configuration backup and techsupport always stay`,
    asked: true,
  });
  return operator.ask.confirm('Make it fit?', true);
}

/** What the evidence takes in the ZIP that nobody leaves out, and what icepack writes itself. */
function mustStay({ zip, manifest, topFolder }: BundleToSend): number {
  let bytes = zip.bytes;
  for (const { items, folder } of manifest.servers)
    for (const { collector, path } of items)
      if (collector !== 'config' && collector !== 'techsupport')
        bytes -= zip.packed?.get(`${topFolder}/${folder}/${path}`) ?? 0;
  return Math.ceil(bytes * hoped);
}

/** Level 9 saves little; what matters is what leaves. Only whether an attempt is worth writing is judged by this. */
function estimate(made: BundleToSend, manifest: Manifest, instead: ReadonlyMap<string, string>): number {
  let bytes = made.zip.bytes;
  for (const [index, { items, folder, name }] of made.manifest.servers.entries()) {
    for (const item of items) {
      const now = manifest.servers[index]?.items.find(({ path }) => path === item.path);
      const size = made.zip.packed?.get(`${made.topFolder}/${folder}/${item.path}`) ?? 0;
      if (now?.sha256 === undefined) bytes -= size;
      else if (instead.has(`${name} ${item.path}`))
        bytes -= size * (1 - (now.bytes ?? 0) / Math.max(1, item.bytes ?? 1));
    }
  }
  return Math.ceil(bytes * hoped);
}

async function* attempts(submission: Submission, made: BundleToSend): AsyncGenerator<Attempt> {
  let manifest = made.manifest;
  const left: string[] = [];
  yield { said: 'compressed harder', manifest, instead: new Map() };
  for (const path of leaving) {
    const smaller = without(manifest, path);
    if (smaller === undefined) continue;
    left.push(`${path} (${formatSize(bytesOf(manifest, path))})`);
    manifest = smaller;
    yield { said: `left out: ${left.join(', ')}`, manifest, instead: new Map() };
  }
  for (const sideMs of sidesMs) {
    const narrower = await narrowed(submission, manifest, sideMs);
    if (narrower === undefined) continue;
    const [whole, rest] = [manifest, narrower.manifest].map((each) => formatSize(bytesOf(each, systemLog)));
    const narrowedTo = `${systemLog} narrowed to ${sideMs / 60_000} min on each side (${whole} to ${rest})`;
    yield { said: [...(left.length > 0 ? [`left out: ${left.join(', ')}`] : []), narrowedTo].join('; '), ...narrower };
  }
}

/** The bytes of one path on all servers together. */
function bytesOf({ servers }: Manifest, path: string): number {
  const sizes = servers.flatMap(({ items }) => items.map((item) => (item.path === path ? (item.bytes ?? 0) : 0)));
  return sizes.reduce((sum, bytes) => sum + bytes, 0);
}

/** @returns undefined where there is nothing of it */
function without(manifest: Manifest, path: string): Manifest | undefined {
  let found = false;
  const leave = (item: Item): Item => {
    if (item.path !== path || item.sha256 === undefined) return item;
    found = true;
    const { sha256: _sha256, bytes, ...rest } = item;
    return {
      ...rest,
      status: 'partial',
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

/** The largest item of a bundle, for the message to whoever has to make it smaller. */
export function largestIn({ servers }: Manifest): string | undefined {
  const items = servers.flatMap(({ id, items }) => items.map((item) => ({ item, title: serverTitle(id) })));
  const [largest] = items.sort((a, b) => (b.item.bytes ?? 0) - (a.item.bytes ?? 0));
  return largest && `${largest.title} ${largest.item.path}, ${formatSize(largest.item.bytes ?? 0)}`;
}
