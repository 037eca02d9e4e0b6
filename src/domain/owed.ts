import type { CollectorId } from './collector-id.js';
import { type JournalEntry, latest } from './journal.js';
import type { Item, Manifest } from './manifest.js';

/** Where a run stands with its ticket. */
export type RunState =
  /** It was cut before anything was noted: there is nothing in it. */
  | 'not begun'
  /** It was cut before its evidence was written down. */
  | 'unfinished'
  /** Collected with `--no-submit`. */
  | 'collected'
  | 'not registered'
  /** A request to register has left, and its answer never came. */
  | 'unknown'
  | 'not attached'
  /** Over the limit: upload instructions were asked for. */
  | 'too large'
  /** Over the limit, and brought to an upload server. */
  | 'uploaded'
  | 'attached'
  /** What there was before the window was over is delivered; the bundle with the later logs is not. */
  | 'second half owed'
  /** A person attaches the ZIP, at a help desk without an API. */
  | 'by hand'
  /** Another run took it up. */
  | 'continued';

export type Journal = { readonly entries: readonly JournalEntry[] };

export function stateOf(journal: Journal): RunState {
  if (journal.entries.length === 0) return 'not begun';
  if (latest(journal, 'continued') !== undefined) return 'continued';
  if (latest(journal, 'collected') === undefined) return 'unfinished';
  const state = stateOfBundle(journal);
  return isHalf(journal) && deliveredStates.has(state) ? 'second half owed' : state;
}

const deliveredStates: ReadonlySet<RunState> = new Set(['attached', 'uploaded', 'too large', 'by hand']);

/** Whether only the first half of an event was made a bundle. */
function isHalf({ entries }: Journal): boolean {
  return entries.findLast(({ type }) => type === 'bundled' || type === 'first-half')?.type === 'first-half';
}

function stateOfBundle(journal: Journal): RunState {
  const registered = latest(journal, 'registered');
  if (registered?.byHand) return 'by hand';
  const zip = latest(journal, 'bundled')?.sha256;
  if (zip !== undefined && latest(journal, 'attached')?.sha256 === zip) return 'attached';
  if (zip !== undefined && latest(journal, 'uploaded')?.sha256 === zip) return 'uploaded';
  if (zip !== undefined && latest(journal, 'announced')?.sha256 === zip) return 'too large';
  if (registered !== undefined || createdTicket(journal) !== undefined) return 'not attached';
  if (isOutcomeUnknown(journal)) return 'unknown';
  return isWithoutTicket(journal) ? 'collected' : 'not registered';
}

/** Collected with `--no-submit`, and nobody has tried to submit it since. */
export function isWithoutTicket(journal: Journal): boolean {
  return latest(journal, 'started')?.noSubmit === true && latest(journal, 'meant') === undefined;
}

/** Whether a request to register has left and nobody knows what became of it. */
export function isOutcomeUnknown(journal: Journal): boolean {
  return registration(journal)?.type === 'registering';
}

/** The ticket that a request to register was answered with, while it was not read back. */
export function createdTicket(journal: Journal): Extract<JournalEntry, { type: 'created' }> | undefined {
  const last = registration(journal);
  return last?.type === 'created' ? last : undefined;
}

/** Whether its ticket is at a help desk, may be, or is to be registered by a person who has its texts. */
export function hasBegun(journal: Journal): boolean {
  const isKnown = latest(journal, 'registered') ?? createdTicket(journal);
  return isKnown !== undefined || isOutcomeUnknown(journal) || latest(journal, 'drafted')?.byHand === true;
}

/** What the journal said last of the ticket. */
function registration({ entries }: Journal) {
  return entries.findLast(
    ({ type }) => type === 'registering' || type === 'created' || type === 'registered' || type === 'not-registered',
  );
}

/** Whether `icepack resume` has something to do about the ticket. */
export function owesTicket(state: RunState): boolean {
  return ['not registered', 'unknown', 'not attached', 'second half owed'].includes(state);
}

/** How long after an event servers are asked again for its evidence. */
const tooLateMs = 7 * 86_400_000;

/**
 * Whether `icepack resume` has evidence to ask for: all of it, or what is missing in the manifest; it is too early where that
 * is nothing but the logs of a window that is not over.
 */
export function owesEvidence(
  journal: Journal,
  manifest: Manifest | undefined,
  now: Date,
): 'all' | 'missing' | 'too early' | 'too late' | 'nothing' {
  const state = stateOf(journal);
  if (state === 'unfinished') {
    const started = latest(journal, 'started');
    return started?.event === undefined || started.servers === undefined ? 'nothing' : 'all';
  }
  if (state === 'continued' || manifest === undefined || missingKinds(manifest).length === 0) return 'nothing';
  if (hasNoMore(journal, manifest)) return 'nothing';
  if (now.getTime() - Date.parse(manifest.event.at) > tooLateMs) return 'too late';
  return isOpen(manifest, now) && missingItems(manifest).every(waitsForWindow) ? 'too early' : 'missing';
}

/** The servers were asked again when the window was over, and have no more of it: a log with no more lines. */
function hasNoMore(journal: Journal, { event }: Manifest): boolean {
  const asked = latest(journal, 'nothing-new');
  return asked?.answered === true && asked.at >= event.window.until;
}

function isOpen({ event }: Manifest, now: Date): boolean {
  return new Date(event.window.until) > now;
}

/** Asking again before the window is over would bring no more of it. */
function waitsForWindow({ coverage }: Item): boolean {
  const gaps = coverage?.gaps ?? [];
  return gaps.includes('not-over') && !gaps.includes('cut') && !gaps.includes('unreadable');
}

function missingItems({ servers }: Manifest): Item[] {
  return servers.flatMap(({ items }) => items.filter(isMissing));
}

/** What failed or broke off, or logs of which more may be had: all but what is gone from the server. */
function isMissing({ status, coverage }: Item): boolean {
  return (
    status === 'failed' ||
    (status === 'partial' && coverage === undefined) ||
    coverage?.gaps?.some((gap) => gap !== 'rotated-away') === true
  );
}

/** The kinds of evidence that are missing, by server. */
export function missingKinds(manifest: Manifest): { server: string; kinds: CollectorId[] }[] {
  return manifest.servers.flatMap(({ name, items }) => {
    const kinds = [...new Set(items.filter(isMissing).map(({ collector }) => collector))];
    return kinds.length === 0 ? [] : [{ server: name, kinds }];
  });
}

/** e.g. `ice01 logs, techsupport and ice02 config`; of many servers only how many there are. */
export function missingText(manifest: Manifest): string {
  const missing = missingKinds(manifest);
  const named = missing.slice(0, 2).map(({ server, kinds }) => `${server} ${kinds.join(', ')}`);
  return missing.length > 2 ? `the evidence of ${missing.length} servers` : named.join(' and ');
}
