import { join } from 'node:path';
import { openStaging } from '../bundle/staging.js';
import { type CaptureWish, isPrecapture } from '../domain/capture-choice.js';
import type { CollectorId } from '../domain/collector-id.js';
import { defined } from '../domain/defined.js';
import { latest } from '../domain/journal.js';
import type { Item, Manifest, ServerRecord } from '../domain/manifest.js';
import { UserError } from '../errors.js';
import { type PastRun, pastRuns } from '../runs/past-runs.js';
import type { Run, RunStore } from '../state/runs.js';
import type { Operator } from '../ui/operator.js';

type Skipped = ReadonlyMap<CollectorId, string>;
/** What the operator asked for. */
type Given = {
  ticket?: string | undefined;
  event?: number | undefined;
  skipped: Skipped;
  captures: CaptureWish;
  /** The run that is taken up. */
  continues?: Run | undefined;
};

/**
 * Makes the evidence of an event whole again: what was not to be collected this time is taken over from the newest run of
 * the same event on this machine, with its files; what failed or is not whole gets its earlier self beside it.
 */
export async function completeFromEarlier(
  run: Run,
  manifest: Manifest,
  given: Given,
  operator: Operator,
  runs: RunStore,
): Promise<Manifest> {
  const earlier = await earlierRun(run, manifest, given, runs);
  if (earlier === undefined) return manifest;
  try {
    return await takenOver(run, manifest, earlier, given, operator);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const hint = `It is still there: run ${earlier.run.id}`;
    operator.emit({
      type: 'warning',
      text: `what was collected before of this event is not taken over: ${error.message}`,
      hint,
    });
    return manifest;
  }
}

async function takenOver(
  run: Run,
  manifest: Manifest,
  earlier: PastRun,
  { skipped, captures }: Pick<Given, 'skipped' | 'captures'>,
  operator: Operator,
): Promise<Manifest> {
  const taken: string[] = [];
  const servers: ServerRecord[] = [];
  for (const before of earlier.manifest.servers) {
    const now = manifest.servers.find(({ name }) => name === before.name);
    const items = (now === undefined ? before.items : itemsLeft(before, now, skipped)).filter(
      (item) => captures !== 'none' || !isPrecapture(item),
    );
    const had = await takeFiles(items, now, earlier.run, run, before.name, operator);
    if (had.length > 0) taken.push(before.name);
    servers.push(now === undefined ? { ...before, items: had } : merged(now, had, skipped));
  }
  servers.push(...manifest.servers.filter(({ name }) => !servers.some((server) => server.name === name)));
  if (taken.length === 0) return manifest;
  operator.emit({
    type: 'note',
    text: `the rest of this event is taken from run ${earlier.run.id} (${taken.join(', ')})`,
  });
  const unredacted = manifest.unredacted ?? earlier.manifest.unredacted; // its files are as they were collected
  return { ...manifest, servers, ...defined({ unredacted }) };
}

/** The newest other run of the same minute, and of the same servers or the same ticket. */
async function earlierRun(
  { id }: Run,
  { reference, event }: Manifest,
  given: Given,
  runs: RunStore,
): Promise<PastRun | undefined> {
  if (given.continues !== undefined) {
    const manifest = await given.continues.readManifest().catch(() => undefined); // cut before it was written
    return manifest && { run: given.continues, manifest };
  }
  let newest: PastRun | undefined;
  for await (const { run, manifest } of pastRuns(runs, id)) {
    if (minuteOf(manifest.event.at) !== minuteOf(event.at)) continue;
    const bundled = latest(run.journal, 'bundled');
    const sameTicket = given.ticket !== undefined && isSameTicket(given.ticket, bundled?.ticket);
    if (given.event !== undefined && bundled !== undefined && bundled.event !== given.event) continue;
    if (given.ticket === undefined ? manifest.reference === reference : sameTicket) {
      // The ids of one minute are in no order.
      if (newest === undefined || newest.manifest.created < manifest.created) newest = { run, manifest };
    }
  }
  return newest;
}

function minuteOf(at: string): number {
  return Math.floor(new Date(at).getTime() / 60_000);
}

/** A bare number is read as `TIC-n`, whatever the prefix of the help desk. */
function isSameTicket(given: string, known: string | undefined): boolean {
  const number = (key: string) => /\d+$/.exec(key)?.[0];
  return known !== undefined && (given === known || (given.startsWith('TIC-') && number(given) === number(known)));
}

/** The items of an earlier run that this one was not asked for, or did not get whole. */
function itemsLeft(before: ServerRecord, now: ServerRecord, skipped: Skipped): Item[] {
  const own = { ...now, items: now.items.filter((item) => !isPrecapture(item)) };
  return before.items.filter((item) => {
    // The ring may not have it any more.
    if (isPrecapture(item)) return item.sha256 !== undefined && !now.items.some((other) => isSameOfRing(item, other));
    if (item.status === 'skipped') return skipped.has(item.collector) && wasAskedFor(item, before);
    if (skipped.has(item.collector)) return true;
    return item.sha256 !== undefined && (isNotThere(item, own) || own.items.some((other) => isLess(other, item)));
  });
}

function isSameOfRing(one: Item, other: Item): boolean {
  return one.capture?.id === other.capture?.id && one.path === other.path && other.sha256 !== undefined;
}

/** What is absent by design of a kind that was collected, as debug.log of the logs, is accounted for with that kind. */
function wasAskedFor({ collector }: Item, { items }: ServerRecord): boolean {
  return items.some((item) => item.collector === collector && item.status !== 'skipped');
}

/** Whether only the earlier run asked for an item, as by its recipe, or the server no longer has it. */
function isNotThere(before: Item, now: ServerRecord): boolean {
  const ofKind = now.items.filter(({ collector }) => collector === before.collector);
  return ofKind.length === 0 || ofKind.some(({ path, status }) => path === before.path && status === 'skipped');
}

/** Whether an item of now may lack something that the earlier one has. */
function isLess(now: Item, before: Item): boolean {
  const path = before.path.replaceAll(earlierFolder, '/');
  const isSame = now.path === path || (now.path.endsWith('/') && path.startsWith(now.path));
  const isCut = now.coverage?.complete === false && now.sha256 !== before.sha256;
  return isSame && now.collector === before.collector && (now.status === 'failed' || isCut);
}

/** The folder of items of an earlier run, beside those of this one. */
const earlierFolder = '/earlier/';

/** `Logs/system.log` beside its later self: `Logs/earlier/system.log`. */
export function besidePath(path: string): string {
  return path.replace('/', earlierFolder);
}

async function takeFiles(
  items: readonly Item[],
  now: ServerRecord | undefined,
  from: Run,
  to: Run,
  server: string,
  operator: Operator,
): Promise<Item[]> {
  const staging = await openStaging(to.stagingOf(server));
  const taken: Item[] = [];
  const gone: string[] = [];
  const used = new Set(now?.items.filter(({ status }) => status !== 'skipped').map(({ path }) => path.toLowerCase()));
  for (const item of items) {
    const had: Item = { ...item, fromRun: item.fromRun ?? from.id };
    if (item.sha256 === undefined) {
      taken.push(had);
      continue;
    }
    const source = join(from.stagingOf(server), item.path);
    let path = item.path;
    while (used.has(path.toLowerCase())) path = besidePath(path);
    used.add(path.toLowerCase());
    if ((await staging.takeOver(source, path)) === undefined) gone.push(item.path);
    else taken.push({ ...had, path });
  }
  if (gone.length > 0) {
    const text = `run ${from.id} had ${gone.join(', ')} of this event, but the files are gone from this machine`;
    operator.emit({ type: 'warning', server, text });
  }
  return taken;
}

/** Puts the items that were taken over in the place of those that were not asked for. */
function merged(now: ServerRecord, had: readonly Item[], skipped: Skipped): ServerRecord {
  const taken = new Set(had.map(({ collector }) => collector));
  const paths = new Set(had.map(({ path }) => path));
  const left = now.items.filter(
    (item) =>
      !(skipped.has(item.collector) && taken.has(item.collector)) &&
      !(item.status === 'skipped' && paths.has(item.path)),
  );
  const order = ({ collector }: Item) => now.items.findIndex((item) => item.collector === collector);
  return { ...now, items: [...left, ...had].sort((a, b) => order(a) - order(b)) };
}
