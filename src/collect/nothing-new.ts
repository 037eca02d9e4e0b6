import type { Item, Manifest } from '../domain/manifest.js';
import { nextSteps } from '../domain/next-step.js';
import { collectionExit } from '../domain/outcome.js';
import { stateOf } from '../domain/owed.js';
import type { RunResult } from '../domain/result.js';
import type { Run } from '../state/runs.js';
import { limitAt, ticketSoFar } from '../tickets/ended-early.js';
import type { Operator } from '../ui/operator.js';
import type { Collected } from './deliver.js';
import { bundleOf } from './run-page.js';

/** States in which a ticket has all that there is. */
const delivered: readonly string[] = ['attached', 'uploaded', 'too large', 'by hand'];

/** The run whose bundle has all of this already, where it was asked for once more. */
export async function broughtNothing(
  { request: { continues }, localFailure }: Collected,
  manifest: Manifest,
): Promise<Run | undefined> {
  if (continues === undefined || localFailure !== undefined || !delivered.includes(stateOf(continues.journal))) return;
  const before = new Set(evidenceOf(await continues.readManifest()));
  return evidenceOf(manifest).every((each) => before.has(each)) ? continues : undefined;
}

/** What is there, and how whole it is; why something is not may be told in other words each time. */
function evidenceOf({ servers }: Manifest): string[] {
  return servers.flatMap(({ name, items }) =>
    items.map(({ path, status, sha256 }) => [name, path, status, sha256].join(' ')),
  );
}

/** Gaps that stay: of the log itself, and not of what was to be read or known this time. */
const ofTheLog: readonly string[] = [
  ...['rotated-away', 'silent', 'unproven', 'not-understood', 'out-of-order', 'clock-set'],
];

/** Whether it is whole, or a log that was read to its end and has no more lines. */
function hasNoMore({ status, coverage }: Item): boolean {
  if (status !== 'partial') return status !== 'failed';
  return coverage?.gaps?.every((gap) => ofTheLog.includes(gap)) === true;
}

/** The result where nothing new came: the earlier run stands as it did, and no bundle is made. */
export async function nothingNew(
  earlier: Run,
  { run, settings, request }: Collected,
  manifest: Manifest,
  operator: Operator,
): Promise<RunResult> {
  const isOver = new Date(manifest.event.window.until) <= operator.now();
  const isHeard = (item: Item) => request.selection.skipped.has(item.collector) || hasNoMore(item);
  const answered = isOver && manifest.servers.every(({ items }) => items.every(isHeard));
  await earlier.journal.write({ type: 'nothing-new', by: run.id, answered });
  await run.journal.write({ type: 'continued', by: earlier.id });
  const there = answered ? 'the servers have no more of it' : 'what was missing before is missing still';
  operator.emit({ type: 'note', text: `asked again, and nothing new came: ${there}, and no bundle is made` });
  const ticket = ticketSoFar(earlier);
  const standing = {
    run: earlier.id,
    journal: earlier.journal,
    manifest,
    now: operator.now(),
    limit: limitAt(settings),
  };
  return {
    exitCode: collectionExit(manifest.servers),
    manifest: { ...manifest, run: earlier.id },
    ticket: ticket && { ...ticket, created: false },
    bundle: bundleOf(earlier),
    next: nextSteps(standing),
    error: null,
  };
}
