import { copyInto } from '../bundle/copy.js';
import { readBundleManifest } from '../bundle/unzip.js';
import { type Bundle, parseBundleName, pendingTicket } from '../domain/bundle-layout.js';
import { contactFor } from '../domain/contact.js';
import { defined } from '../domain/defined.js';
import { type Intent, latest } from '../domain/journal.js';
import type { Manifest } from '../domain/manifest.js';
import { nextSteps } from '../domain/next-step.js';
import { collectionExit } from '../domain/outcome.js';
import { attachment, type RunResult, type TicketResult } from '../domain/result.js';
import type { Ticket, TicketFile } from '../domain/ticket.js';
import { type ExitCode, exitCode, mostUrgent, reasonOf, UserError } from '../errors.js';
import type { DeskSettings } from '../helpdesk/desk-settings.js';
import type { Account } from '../helpdesk/help-desk.js';
import type { Run, RunStore } from '../state/runs.js';
import { parseManifest } from '../state/runs.js';
import type { Operator } from '../ui/operator.js';
import { limitAt } from './ended-early.js';
import { assignEvent, knownBundles } from './event-number.js';
import { type About, nameManifest, zipRun } from './zip-run.js';

export type SubmitOptions = {
  /** Names the bundle after the intent's ticket, or pending, without contacting the help desk. */
  noSubmit: boolean;
  /** Attach without asking, and without showing what leaves. */
  yes: boolean;
  /** The folder of `intent.output` was named in this command: it is made where it is not there. */
  saysOutput: boolean;
  /** The window is not over: another bundle of the event follows. */
  restFollows?: true;
};

export type Submission = {
  run: Run;
  manifest: Manifest;
  intent: Intent;
  options: SubmitOptions;
  settings: DeskSettings;
  /** What the help desk said of itself, where it was asked and answered. */
  account?: Account | undefined;
  operator: Operator;
  runs: RunStore;
  signal: AbortSignal;
};

export type BundleToSend = {
  zip: Bundle;
  manifest: Manifest;
  topFolder: string;
  sequence: number;
  about: About;
  /** It has a page to look at. */
  report: boolean;
  /** Why it is over the limit and stays so. */
  unfit?: string;
};

/** Writes the ZIP; its name and folders follow from the ticket and from what the ticket holds already. */
export async function writeBundle(
  { run, manifest, intent, settings, operator, runs, signal }: Submission,
  key: string | undefined,
  files: readonly TicketFile[],
): Promise<BundleToSend> {
  const topFolder = key ?? pendingTicket;
  const zone = manifest.servers[0]?.zone.name ?? 'UTC';
  const before = latest(run.journal, 'bundled');
  const sameTicket = before?.ticket === topFolder ? before : undefined;
  const isNext = sameTicket?.manifest !== undefined && sameTicket.manifest !== manifest.created; // collected since
  // Where another bundle bears our name at the ticket, ours needs a new one; else it keeps its own.
  const own = isNext || files.some((file) => isOther(file, sameTicket)) ? undefined : sameTicket;
  const others = files.filter((file) => file.name !== own?.name);
  const known = key === undefined ? [] : await knownBundles(topFolder, others, runs, run);
  if (isNext) known.push(...[parseBundleName(sameTicket.name)].filter((name) => name !== undefined));
  const place = assignEvent(known, new Date(manifest.event.at), zone, sameTicket?.event ?? intent.event);
  const sequence = (own === undefined ? undefined : parseBundleName(own.name)?.sequence) ?? place.sequence;
  if (place.outOfOrder) {
    operator.emit({
      type: 'warning',
      text: `event ${place.number} is earlier than an event that has a lower number at ${topFolder}, or later than one with a higher; its number is kept`,
    });
  }
  const about: About = { ...settings, ...intent, contact: contactFor(intent.contact, settings.contact) };
  const named = nameManifest(manifest, key ?? null, place.number, intent);
  const report = intent.report ?? false;
  const zip = await zipRun({ run, manifest: named, topFolder, sequence, about, report }, operator, signal);
  return { zip, manifest: await manifestIn(zip, named, run), topFolder, sequence, about, report };
}

/** The manifest in a ZIP: a bundle that was made to fit has another one than its run. */
async function manifestIn(zip: Bundle, named: Manifest, run: Run): Promise<Manifest> {
  if (!latest(run.journal, 'bundled')?.fitted || zip.packed !== undefined) return named;
  return parseManifest(await readBundleManifest(zip.path), zip.path);
}

function isOther(file: TicketFile, ours: { name: string; bytes: number; sha256: string } | undefined): boolean {
  if (ours === undefined || file.name !== ours.name) return false;
  if (file.sha256 !== undefined) return file.sha256 !== ours.sha256;
  return file.sizeBytes !== undefined && file.sizeBytes !== ours.bytes;
}

export type Sent = { exit: ExitCode; error?: RunResult['error']; toDrop?: string; texts?: RunResult['texts'] };

export async function finish(
  submission: Submission,
  { zip, manifest }: BundleToSend,
  ticket: TicketResult | null,
  sent: Sent,
): Promise<RunResult> {
  const { run, intent, options, settings, operator } = submission;
  let path = zip.path;
  let error = sent.error ?? null;
  const collected = collectionExit(manifest.servers);
  // A bundle of servers that could not be reached is made on request only: then it is what is missing that counts.
  let exit = mostUrgent([collected === exitCode.unreachable ? exitCode.incomplete : collected, sent.exit]);
  if (intent.output !== undefined) {
    try {
      path = await copyInto(zip.path, intent.output, options.saysOutput);
    } catch (failure) {
      if (!(failure instanceof UserError)) throw failure;
      exit = mostUrgent([exit, failure.exit]);
      error ??= { code: failure.code, message: reasonOf(failure), hint: `The ZIP itself is kept: ${zip.path}` };
    }
  }
  const { name, bytes, sha256 } = zip;
  return {
    exitCode: exit,
    manifest,
    ticket,
    bundle: { path, name, bytes, sha256, ...attachment(run.journal, zip) },
    next: nextSteps({
      ...{ run: run.id, journal: run.journal, manifest: submission.manifest },
      ...{ now: operator.now(), limit: limitAt(settings) },
    }),
    error,
    ...defined({ texts: sent.texts, toDrop: sent.toDrop, say: settings.route?.say }),
  };
}

export function ticketResult({ id, key, url, state, created }: Ticket & { created: boolean }): TicketResult {
  return { id, key, url, state, created };
}
