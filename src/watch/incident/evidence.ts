import { join } from 'node:path';
import type { IncidentEntry } from '../../domain/incident.js';
import { latest } from '../../domain/journal.js';
import { owesEvidence, owesTicket, stateOf } from '../../domain/owed.js';
import type { Stamp } from '../../domain/watch-event.js';
import { exitCode } from '../../errors.js';
import { type ChildResult, readChild, type Self, startChild } from '../../state/children.js';
import type { StoredIncident } from '../../state/incidents.js';
import type { Run, RunStore } from '../../state/runs.js';
import { opening, outbreak } from '../core/incidents.js';
import { isPast } from '../core/things.js';

type Collecting = Extract<IncidentEntry, { type: 'collecting' }>;

/** How often it is tried to collect, and how long is waited between. */
const attempts = 3;
const againMs = 5 * 60_000;

/** What is collected now for an incident: of which servers, and when it happened there; undefined where there is nothing to do. */
export type Wanted = { servers: string[]; at: string };

/**
 * Each server where something is bad is collected from once for each outbreak, as soon as it answers.
 * @param answers whether somebody could log in there now
 */
export function wantedEvidence(
  { log }: StoredIncident,
  answers: (server: string) => boolean,
  now: Stamp,
): Wanted | undefined {
  const since = outbreak(log);
  if (since === undefined || opening(log).kind === 'blind') return undefined;
  const first = log.entries.findIndex((entry) => entry.type === 'joined' && entry.stamp === since);
  const entries = log.entries.slice(Math.max(0, first));
  const joined = entries.filter((entry) => entry.type === 'joined');
  const servers = [...new Set(joined.map(({ thing }) => thing.server))];
  const wanted = servers.filter((server) => answers(server) && isDue(entries, server, now));
  const [earliest] = joined.filter(({ thing }) => wanted.includes(thing.server)).map(({ since: at }) => at);
  return earliest === undefined ? undefined : { servers: wanted, at: earliest };
}

function isDue(entries: readonly IncidentEntry[], server: string, now: Stamp): boolean {
  const tries = entries.filter((entry): entry is Collecting => isOf(entry, 'collecting', server));
  const last = tries.at(-1);
  if (last === undefined) return true;
  const end = entries.findLast((entry) => isOf(entry, 'collected', server));
  const mayGoBetter = end?.type === 'collected' && end.run === undefined && end.exit !== exitCode.usage;
  return mayGoBetter && tries.length < attempts && isPast(last.stamp, againMs, now);
}

function isOf(entry: IncidentEntry, type: 'collecting' | 'collected', server: string): boolean {
  return entry.type === type && entry.servers.includes(server);
}

/** What it takes to collect for an incident. */
export type EvidenceTools = { self: Self; runs: RunStore; stamp(): Promise<Stamp> };

/**
 * Begins to collect in a program of its own: what goes wrong there is not ours, and it goes on when we end.
 * @param ticket undefined while there is none
 * @returns once that has begun, its end
 */
export async function collectFor(
  incident: StoredIncident,
  { servers, at }: Wanted,
  ticket: string | undefined,
  { self, stamp }: EvidenceTools,
): Promise<{ ended: Promise<void> }> {
  const { log, folder } = incident;
  const { reference } = opening(log);
  await log.write({ type: 'collecting', stamp: await stamp(), servers, for: at });
  const goal = ticket === undefined ? ['--no-submit'] : ['--ticket', ticket, '--yes'];
  const words = ['collect', ...servers, '--at', at, '--reference', reference, ...goal];
  const count = log.entries.filter(({ type }) => type === 'collecting').length;
  const { ended } = await startChild(self, words, outputOf(folder, count));
  return { ended: ended.then((result) => noteEnd(incident, servers, result)) };
}

/** Brings a run to its ticket in a program of its own. */
export async function deliverFor(
  { folder }: StoredIncident,
  words: readonly string[],
  { self }: EvidenceTools,
): Promise<{ ended: Promise<void> }> {
  const { ended } = await startChild(self, words, join(folder, 'deliver.json'));
  return { ended: ended.then(() => undefined) };
}

async function noteEnd({ log }: StoredIncident, servers: string[], result: ChildResult): Promise<void> {
  const { exit, run, reason } = result;
  const without = run === undefined ? (reason ?? 'icepack ended before it had collected anything') : undefined;
  const why = exit === exitCode.overLimit ? (reason ?? 'it is over the limit of the help desk') : without;
  await log.write({
    ...{ type: 'collected', servers, exit },
    ...(run === undefined ? {} : { run }),
    ...(why === undefined ? {} : { reason: why }),
  });
}

function outputOf(folder: string, count: number): string {
  return join(folder, `collect-${count}.json`);
}

/** The collection whose end nobody has seen: this process was not there, or was killed. */
function unseenEnd({ log }: StoredIncident): { entry: Collecting; count: number } | undefined {
  const index = log.entries.findLastIndex(({ type }) => type === 'collecting');
  const entry = log.entries[index];
  if (entry?.type !== 'collecting') return undefined;
  const isEnded = log.entries.slice(index).some(({ type }) => type === 'collected');
  return isEnded ? undefined : { entry, count: log.entries.filter(({ type }) => type === 'collecting').length };
}

/** Takes up a collection that goes on without us, or has ended since. @returns whether it still goes on */
export async function takeUpEnd(incident: StoredIncident, { runs, stamp }: EvidenceTools): Promise<boolean> {
  const unseen = unseenEnd(incident);
  if (unseen === undefined) return false;
  const { entry, count } = unseen;
  const run = await runSince(incident, entry.at, runs);
  if (run !== undefined && (await runs.isGoingOn(run.id))) return true;
  const said = await readChild(outputOf(incident.folder, count));
  const isStarting = run === undefined && said.exit === null && !isPast(entry.stamp, startsWithinMs, await stamp());
  if (isStarting) return true;
  await noteEnd(incident, entry.servers, { ...said, run: run?.id ?? said.run });
  return false;
}

/** So long may it take until a program that was started has begun its run. */
const startsWithinMs = 60_000;

async function runSince({ log }: StoredIncident, at: string, runs: RunStore): Promise<Run | undefined> {
  const { reference } = opening(log);
  for (const id of (await runs.ids()).toReversed().slice(0, 50)) {
    const run = await runs.find(id).catch(() => undefined); // a damaged one is not this one
    const started = run === undefined ? undefined : latest(run.journal, 'started');
    if (started?.reference === reference && started.at >= at) return run;
  }
  return undefined;
}

/**
 * What is typed to bring a run to its ticket that is not there yet, or to take up what there was not at that time: the rest of
 * its window. Undefined where there is nothing to do.
 */
export async function owedWords(
  { log }: StoredIncident,
  ticket: string | undefined,
  { runs, stamp }: EvidenceTools,
): Promise<string[] | undefined> {
  const now = new Date((await stamp()).wallMs);
  const collected = log.entries.filter((entry) => entry.type === 'collected');
  for (const { run: id } of collected) {
    const run = id === undefined ? undefined : await runs.find(id).catch(() => undefined); // removed, or damaged
    if (run === undefined || (await runs.isGoingOn(run.id))) continue;
    const state = stateOf(run.journal);
    if (state === 'collected' && ticket !== undefined) return ['submit', run.id, '--ticket', ticket, '--yes'];
    const isOwed = state === 'unfinished' || (owesTicket(state) && ticket !== undefined);
    if (isOwed || (await lacksEvidence(run, now))) return ['resume', run.id, '--yes'];
  }
  return undefined;
}

/** Whether more may be had of what was collected: of the logs of a window that was not over. */
async function lacksEvidence(run: Run, now: Date): Promise<boolean> {
  const manifest = await run.readManifest().catch(() => undefined); // there is none yet, or it is damaged
  if (manifest === undefined || now < new Date(manifest.event.window.until)) return false;
  return owesEvidence(run.journal, manifest, now) === 'missing';
}
