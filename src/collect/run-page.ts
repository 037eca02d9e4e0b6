import { join } from 'node:path';
import { readBundleManifest } from '../bundle/unzip.js';
import { assess } from '../domain/assessment.js';
import { icepack, say } from '../domain/command.js';
import { latest } from '../domain/journal.js';
import type { OutputLine } from '../domain/line.js';
import type { Manifest } from '../domain/manifest.js';
import { formatSize } from '../domain/quantities.js';
import { attachment, type BundleResult, type TicketResult } from '../domain/result.js';
import { formatLocal } from '../domain/zone.js';
import { UserError } from '../errors.js';
import type { FoundRun, ListedRun } from '../runs/run-list.js';
import { stateTexts } from '../runs/run-list-text.js';
import { parseManifest, type Run } from '../state/runs.js';
import { ticketSoFar } from '../tickets/ended-early.js';
import { instantText, windowText } from '../tickets/event-text.js';
import { coverageLines, serverLines } from './summary.js';

/** What there is to say of one run. */
export type RunPage = {
  listed: ListedRun;
  manifest: Manifest | undefined;
  reference: string | null;
  ticket: TicketResult | null;
  bundle: BundleResult | null;
  /** Its bundle was made smaller than what was collected. */
  isFitted: boolean;
  /** The run that took it up. */
  continuedBy: string | undefined;
};

export async function runPage({ listed, run, manifest: collected }: FoundRun): Promise<RunPage> {
  const manifest = (run && (await fittedManifest(run))) ?? collected;
  const journal = run?.journal ?? { entries: [] };
  const reference = manifest?.reference ?? latest(journal, 'started')?.reference ?? null;
  const known =
    run === undefined ? { ticket: null, bundle: null } : { ticket: ticketSoFar(run), bundle: bundleOf(run) };
  const isFitted = latest(journal, 'bundled')?.fitted === true;
  return { listed, manifest, reference, ...known, isFitted, continuedBy: latest(journal, 'continued')?.by };
}

/** What is in a bundle that was made to fit: less than in its run. Undefined where the ZIP cannot be read any more. */
async function fittedManifest({ folder, journal }: Run): Promise<Manifest | undefined> {
  const bundled = latest(journal, 'bundled');
  if (!bundled?.fitted) return undefined;
  const path = join(folder, bundled.name);
  try {
    return parseManifest(await readBundleManifest(path), path);
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}

/** The newest bundle of a run. */
export function bundleOf({ folder, journal }: Run): BundleResult | null {
  const bundled = latest(journal, 'bundled');
  if (bundled === undefined) return null;
  const { name, bytes, sha256 } = bundled;
  return { path: join(folder, name), name, bytes, sha256, ...attachment(journal, bundled) };
}

/** One run: when, what happened, what is there and missing, where it is, and what can be done. @param zone the operator's */
export function runPageLines(page: RunPage, zone: string): OutputLine[] {
  const { manifest } = page;
  return [
    { text: `Run ${page.listed.id}`, tone: 'strong' },
    ...factsOf(page, zone).map(([name, text]): OutputLine => ({ text: `  ${name.padEnd(10)}${text}` })),
    ...(manifest === undefined ? [] : [{ text: '' }, ...assess(manifest).flatMap(serverLines)]),
    ...(manifest === undefined ? [] : coverageLines(manifest)),
    ...commandLines(page),
  ];
}

function factsOf({ listed, manifest, reference, ticket, bundle, isFitted, continuedBy }: RunPage, zone: string) {
  const { summary, event, started, state, supersededBy, servers } = listed;
  const by = continuedBy ?? supersededBy;
  const facts: [string, string | undefined][] = [
    ['began', `${formatLocal(new Date(started), zone)} ${zone}`],
    ['event', event === undefined ? undefined : instantText(new Date(event), zone)],
    ['summary', summary],
    ['servers', manifest === undefined ? servers.join(' ') || undefined : undefined],
    ['window', manifest === undefined ? undefined : windowText(manifest)],
    ['ticket', ticketText(ticket, listed)],
    ['reference', reference ?? undefined],
    ['state', by === undefined ? stateTexts[state] : `${stateTexts[state]}: run ${by} has all of its event`],
    ['bundle', bundle === null ? undefined : bundleText(bundle, isFitted)],
    ['takes', `${formatSize(listed.bytes)} on this machine`],
  ];
  return facts.filter((fact): fact is [string, string] => fact[1] !== undefined);
}

function bundleText({ path, bytes, attachedAs }: BundleResult, isFitted: boolean): string {
  const facts = [path, formatSize(bytes)];
  if (isFitted) facts.push('made to fit the limit');
  if (attachedAs !== undefined) facts.push(`at the ticket: ${attachedAs}`);
  return facts.join(', ');
}

function ticketText(ticket: TicketResult | null, listed: ListedRun): string {
  if (ticket !== null) return [ticket.key, ticket.url].filter(Boolean).join('  ');
  return listed.ticket === undefined ? 'none' : `${listed.ticket}, which was named`;
}

function commandLines({ listed, continuedBy }: RunPage): OutputLine[] {
  const by = continuedBy ?? listed.supersededBy;
  const steps = by === undefined ? listed.steps : [{ command: icepack('runs', by), why: 'shows the run that has it' }];
  if (steps.length === 0) return [{ text: '' }, { text: 'Nothing to do.', tone: 'good' }];
  return [
    { text: '' },
    ...steps.flatMap(({ command, why }, at): OutputLine[] => [
      {
        text: at === 0 ? say`Next: ${command}` : say`  or: ${command}`,
        ...(at === 0 ? { tone: 'strong' as const } : {}),
      },
      { text: `      ${why}` },
    ]),
  ];
}
