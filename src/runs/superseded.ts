import { pendingTicket } from '../domain/bundle-layout.js';
import { type CollectorId, collectorIds } from '../domain/collector-id.js';
import { latest } from '../domain/journal.js';
import type { Manifest } from '../domain/manifest.js';
import { type Journal, missingKinds, owesTicket, type RunState, stateOf } from '../domain/owed.js';

/** A run as far as another one may have superseded it. */
export type Edition = { id: string; journal: Journal; manifest: Manifest | undefined };

const minuteMs = 60_000;
const delivered: readonly RunState[] = ['attached', 'uploaded', 'by hand', 'too large'];

/**
 * The later edition of the same event that has all that `run` lacks: nothing more is to be done about `run` then.
 * @param others runs on this machine, in any order
 */
export function supersededBy(run: Edition, others: readonly Edition[]): string | undefined {
  return others.find((other) => isLater(other, run) && isSameEvent(run, other) && hasAllOf(run, other))?.id;
}

function isLater(a: Edition, b: Edition): boolean {
  return (latest(a.journal, 'started')?.at ?? '') > (latest(b.journal, 'started')?.at ?? '');
}

/** The same reference, or the same number at the same ticket; and not another time. */
function isSameEvent(run: Edition, other: Edition): boolean {
  if (eventOf(run) === undefined || eventOf(run) !== eventOf(other)) return false;
  const reference = referenceOf(run);
  const place = placeOf(run);
  return (
    (reference !== undefined && reference === referenceOf(other)) || (place !== undefined && place === placeOf(other))
  );
}

/** By the minute, as folders and references have it. */
function eventOf({ journal, manifest }: Edition): number | undefined {
  const at = manifest?.event.at ?? latest(journal, 'started')?.event;
  return at === undefined ? undefined : Math.floor(Date.parse(at) / minuteMs);
}

function referenceOf({ journal, manifest }: Edition): string | undefined {
  return manifest?.reference ?? latest(journal, 'started')?.reference;
}

function placeOf({ journal }: Edition): string | undefined {
  const bundled = latest(journal, 'bundled');
  return bundled === undefined || bundled.ticket === pendingTicket ? undefined : `${bundled.ticket} ${bundled.event}`;
}

function hasAllOf(run: Edition, { journal, manifest }: Edition): boolean {
  const state = stateOf(journal);
  const isEnough = delivered.includes(state) || (stateOf(run.journal) === 'collected' && state === 'collected');
  if (!isEnough || manifest === undefined || !coversWindow(manifest, run)) return false;
  return wantedOf(run).every(({ server, kinds }) =>
    kinds.every((kind) => isWhole(manifest, server, kind, run.manifest)),
  );
}

function coversWindow({ event: { window, at } }: Manifest, { journal, manifest }: Edition): boolean {
  const { beforeMs, afterMs } = latest(journal, 'started')?.wanted?.window ?? { beforeMs: 0, afterMs: 0 };
  const since = manifest === undefined ? Date.parse(at) - beforeMs : Date.parse(manifest.event.window.since);
  const until = manifest === undefined ? Date.parse(at) + afterMs : Date.parse(manifest.event.window.until);
  return Date.parse(window.since) <= since && Date.parse(window.until) >= until;
}

/** What a run still lacks; all that it was asked for where it did not get to its ticket. */
function wantedOf({ journal, manifest }: Edition): { server: string; kinds: CollectorId[] }[] {
  if (manifest !== undefined && !owesTicket(stateOf(journal))) return missingKinds(manifest);
  if (manifest !== undefined)
    return manifest.servers.map(({ name, items }) => ({
      server: name,
      kinds: [...new Set(items.filter(({ status }) => status !== 'skipped').map(({ collector }) => collector))],
    }));
  const started = latest(journal, 'started');
  const { hostCommands = [], paths = [], skipped = {} } = started?.wanted ?? {};
  const hasRecipe = hostCommands.length + paths.length > 0;
  const kinds = collectorIds.filter((id) => skipped[id] === undefined && (id !== 'recipe' || hasRecipe));
  return (started?.servers ?? []).map((server) => ({ server, kinds }));
}

/** Recipes differ: of what one asked for, each path has to be there. */
function isWhole(manifest: Manifest, server: string, kind: CollectorId, lacking: Manifest | undefined): boolean {
  const there = itemsOf(manifest, server, kind);
  const isOk = there.length > 0 && there.every(({ status }) => status === 'ok');
  if (kind !== 'recipe') return isOk;
  const paths = there.filter(({ status }) => status === 'ok').map(({ path }) => path);
  return lacking !== undefined && itemsOf(lacking, server, kind).every(({ path }) => paths.includes(path));
}

function itemsOf({ servers }: Manifest, server: string, kind: CollectorId): Manifest['servers'][number]['items'] {
  const items = servers.find(({ name }) => name === server)?.items ?? [];
  return items.filter(({ collector, status }) => collector === kind && status !== 'skipped');
}
