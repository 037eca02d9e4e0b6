import { join } from 'node:path';
import { pendingTicket } from '../domain/bundle-layout.js';
import { completingCommand } from '../domain/completion.js';
import { type Intent, latest } from '../domain/journal.js';
import type { Manifest } from '../domain/manifest.js';
import { collectionExit } from '../domain/outcome.js';
import { formatSize } from '../domain/quantities.js';
import type { RunResult, TicketResult } from '../domain/result.js';
import { bundleMarker, parseTicketKey, type Ticket, type TicketDraft } from '../domain/ticket.js';
import { type ExitCode, exitCode, mostUrgent, reasonOf, UserError, usageError } from '../errors.js';
import type { ApiHelpDesk, PortalHelpDesk } from '../helpdesk/help-desk.js';
import { attachedComment, ticketDescription, uploadRequest } from '../report/ticket-text.js';
import type { Run } from '../state/runs.js';
import { attachOnce } from './attach.js';
import type { DeskSetup, Edges } from './edges.js';
import { knownBundles, placeEvent } from './event-number.js';
import { register } from './register.js';
import { helpDeskFailed, isHelpDeskError, withRetries } from './retry.js';
import { nameManifest, type ZippedRun, zipRun } from './zip-run.js';

export type SubmitOptions = {
  /** Names the bundle after the intent's ticket, or pending, without contacting the help desk. */
  noSubmit: boolean;
  /** Attach without showing what leaves. */
  yes: boolean;
  /** A further folder for the ZIP. */
  outputFolder: string | undefined;
};

type Submission = {
  run: Run;
  manifest: Manifest;
  intent: Intent;
  options: SubmitOptions;
  setup: DeskSetup;
  edges: Edges;
  signal: AbortSignal;
};

/**
 * Brings a collected run to its ticket: register or take up the ticket, name and write the ZIP, review, attach, read
 * back. Whatever fails on the way, a ZIP is written, and the same call goes on where this one ended.
 */
export async function submitRun(submission: Submission): Promise<RunResult> {
  const { intent, options, setup } = submission;
  const { desk } = setup;
  if (options.noSubmit || desk === undefined) {
    return finish(submission, await zipped(submission, intent.ticket, []), null, { exit: exitCode.ok, next: [] });
  }
  if (desk.kind === 'portal') return submitByHand(submission, desk);
  return submitByApi(submission, desk);
}

async function submitByApi(submission: Submission, desk: ApiHelpDesk): Promise<RunResult> {
  const { run, edges } = submission;
  let ticket: (Ticket & { created: boolean }) | undefined;
  let made: Zipped | undefined;
  try {
    ticket = await ticketFor(submission, desk);
    edges.report({
      type: 'step-ended',
      step: 'register',
      text: `${ticket.key} ${ticket.created ? 'registered' : 'taken up'}, ${ticket.url}`,
    });
    made = await zipped(submission, ticket.key, ticket.files);
    const sent = await send(submission, ticket, made, desk);
    return await finish(submission, made, ticketResult(ticket), sent);
  } catch (error) {
    submission.signal.throwIfAborted();
    const known = helpDeskFailed(
      ticket === undefined ? 'no ticket was registered' : `nothing was attached to ${ticket.key}`,
      error,
      run.id,
    );
    if (!(known instanceof UserError) || known.exit !== exitCode.helpDesk) throw known;
    made ??= await zipped(submission, ticket?.key, ticket?.files ?? []);
    return await finish(submission, made, ticket === undefined ? null : ticketResult(ticket), {
      exit: known.exit,
      next: [`icepack submit ${run.id}`],
      error: { code: known.code, message: known.message, hint: known.hint ?? null },
    });
  }
}

async function ticketFor(submission: Submission, desk: ApiHelpDesk): Promise<Ticket & { created: boolean }> {
  const { run, intent, manifest, edges, signal } = submission;
  if (intent.ticket !== undefined) {
    const { ticket: key } = intent;
    const ticket = await withRetries(() => desk.get(key, signal), edges, signal).catch((error: unknown) => {
      if (isHelpDeskError(error) && error.kind === 'not-found') throw noSuchTicket(key, run.id);
      throw error;
    });
    await run.journal.write({
      type: 'registered',
      origin: desk.origin,
      id: ticket.id,
      key: ticket.key,
      url: ticket.url,
      created: false,
      given: true,
    });
    return { ...ticket, created: false };
  }
  edges.report({ type: 'step-started', step: 'register', text: `registering at ${desk.origin}` });
  const { ticket, created } = await register(run, draftOf(submission), desk, edges, signal);
  if (ticket.reference !== manifest.reference) throw notOurs(ticket, manifest.reference, run.id);
  return { ...ticket, created };
}

/** @throws UserError `draft-incomplete` when a ticket is to be made and nobody said what of */
export function draftOf({
  intent,
  manifest,
  setup,
  edges,
}: Pick<Submission, 'intent' | 'manifest' | 'setup' | 'edges'>): TicketDraft {
  const { summary, severity } = intent;
  if (summary === undefined || severity === undefined) throw draftIncomplete(manifest.run);
  const { product, version, license, contact } = setup;
  const body = ticketDescription(edges.template('ticket-description.txt'), {
    ...setup,
    manifest,
    description: intent.description ?? '',
    answers: intent.answers ?? {},
  });
  return {
    reference: manifest.reference,
    subject: summary,
    body,
    severity,
    ...(product === undefined ? {} : { product }),
    ...(version === undefined ? {} : { version }),
    ...(license === undefined ? {} : { license }),
    ...(contact?.email === undefined ? {} : { requester: contact.email }),
  };
}

type Zipped = { zip: ZippedRun; manifest: Manifest };

/** Writes the ZIP; its name and folders follow from the ticket and from what the ticket holds already. */
async function zipped(
  { run, manifest, intent, edges }: Submission,
  key: string | undefined,
  files: readonly { name: string }[],
): Promise<Zipped> {
  const topFolder = key ?? pendingTicket;
  const zone = manifest.servers[0]?.zone.name ?? 'UTC';
  const before = latest(run.journal, 'bundled');
  const sameTicket = before?.ticket === topFolder ? before : undefined;
  const known =
    key === undefined
      ? []
      : await knownBundles(
          topFolder,
          files.filter((file) => file.name !== sameTicket?.name),
          edges,
          run.id,
        );
  const place = placeEvent(known, new Date(manifest.event.at), zone, sameTicket?.event ?? intent.event);
  if (place.outOfOrder) {
    edges.report({
      type: 'warning',
      text: `event ${place.number} is earlier than an event that has a lower number at ${topFolder}, or later than one with a higher; its number is kept`,
    });
  }
  const named = nameManifest(manifest, key ?? null, place.number);
  return { zip: await zipRun(run, named, topFolder, place.edition, edges), manifest: named };
}

type Sent = { exit: ExitCode; next: string[]; error?: RunResult['error']; texts?: RunResult['texts'] };

async function send(
  submission: Submission,
  ticket: Ticket,
  { zip, manifest }: Zipped,
  desk: ApiHelpDesk,
): Promise<Sent> {
  const { run, setup, edges, options, signal } = submission;
  const limit = Math.min(setup.attachmentLimit, desk.caps.maxFileBytes ?? Number.POSITIVE_INFINITY);
  if (zip.bytes > limit) return announce(submission, ticket, zip, limit, desk);
  if (!(await reviewed(zip, ticket, desk, options.yes, edges))) {
    return { exit: exitCode.ok, next: [`icepack submit ${run.id}`] };
  }
  try {
    await attachOnce(run, ticket, zip, attachedComment(manifest, zip, bundleMarker(zip.sha256)), desk, edges, signal);
    return { exit: exitCode.ok, next: [] };
  } catch (error) {
    if (isHelpDeskError(error) && error.kind === 'too-large') return announce(submission, ticket, zip, limit, desk);
    throw error;
  }
}

/** Over the limit: the ticket learns the size and asks for upload instructions, once (guide, chapter 2, Attachments). */
async function announce(
  { run, manifest, edges, signal }: Submission,
  ticket: Ticket,
  zip: ZippedRun,
  limit: number,
  desk: ApiHelpDesk,
): Promise<Sent> {
  if (latest(run.journal, 'announced')?.sha256 !== zip.sha256) {
    const marker = bundleMarker(zip.sha256);
    await withRetries(
      () =>
        desk.comment(ticket.id, { body: uploadRequest(manifest, zip, limit, marker), public: true, marker }, signal),
      edges,
      signal,
    );
    await run.journal.write({ type: 'announced', id: ticket.id, name: zip.name, sha256: zip.sha256 });
  }
  const message = `${zip.name} is ${formatSize(zip.bytes)}, over the limit of ${formatSize(limit)}; ${ticket.key} asks support for upload instructions`;
  return {
    exit: exitCode.overLimit,
    next: [],
    error: {
      code: 'over-limit',
      message,
      hint: 'The ZIP is kept. Upload it as support answers, or collect less: --skip logs',
    },
  };
}

async function reviewed(
  zip: ZippedRun,
  ticket: Ticket,
  desk: ApiHelpDesk,
  yes: boolean,
  edges: Edges,
): Promise<boolean> {
  if (yes || edges.ask === undefined) return true;
  edges.report({
    type: 'note',
    text: `${zip.name}, ${formatSize(zip.bytes)}, goes to ${ticket.key} at ${desk.origin}`,
  });
  edges.report({
    type: 'note',
    text: 'It holds the configuration backup, techsupport and log lines as they are on the servers: nothing is masked.',
  });
  return edges.ask.confirm(`Attach it to ${ticket.key} now?`, true);
}

async function submitByHand(submission: Submission, desk: PortalHelpDesk): Promise<RunResult> {
  const { run, intent, edges } = submission;
  const key = intent.ticket ?? latest(run.journal, 'registered')?.key;
  if (key !== undefined) return byHandTo(submission, key, desk);

  const texts = await writeTexts(submission, desk);
  if (edges.ask === undefined) {
    const made = await zipped(submission, undefined, []);
    return finish(submission, made, null, {
      exit: exitCode.ok,
      next: [`icepack submit ${run.id} --ticket NUMBER`],
      texts,
    });
  }
  edges.report({
    type: 'note',
    text: `Register the ticket${desk.url === undefined ? '' : ` at ${desk.url}`} with these texts; they are also in ${join(run.folder, 'portal')}`,
  });
  for (const { field, text } of texts) edges.report({ type: 'note', text: `--- ${field} ---\n${text}` });
  const typed = await edges.ask.text('The number the ticket was given (empty: later)', { validate: validTicket });
  const given = parseTicketKey(typed);
  if (given !== undefined) return byHandTo(submission, given, desk, texts);
  return finish(submission, await zipped(submission, undefined, []), null, {
    exit: exitCode.ok,
    next: [`icepack submit ${run.id} --ticket NUMBER`],
    texts,
  });
}

function validTicket(answer: string): string | undefined {
  return answer.trim() === '' || parseTicketKey(answer) !== undefined ? undefined : 'Write it like TIC-1234 or 1234';
}

/** A person has registered the ticket: name the ZIP after it and say where to drop it. */
async function byHandTo(
  submission: Submission,
  key: string,
  desk: PortalHelpDesk,
  texts?: RunResult['texts'],
): Promise<RunResult> {
  const { run, setup } = submission;
  await run.journal.write({
    type: 'registered',
    origin: desk.origin,
    id: key,
    key,
    url: desk.url ?? '',
    created: false,
    given: true,
  });
  const made = await zipped(submission, key, []);
  const ticket: TicketResult = { id: key, key, url: desk.url ?? '', state: 'open', created: false };
  const overLimit = made.zip.bytes > setup.attachmentLimit;
  const message = `${made.zip.name} is ${formatSize(made.zip.bytes)}, over the limit of ${formatSize(setup.attachmentLimit)}`;
  return finish(submission, made, ticket, {
    exit: overLimit ? exitCode.overLimit : exitCode.ok,
    next: [],
    ...(texts === undefined ? {} : { texts }),
    ...(overLimit
      ? {
          error: {
            code: 'over-limit',
            message,
            hint: `Do not attach it; ask in a comment of ${key} for upload instructions`,
          },
        }
      : {}),
  });
}

async function writeTexts(
  { run, manifest, intent, setup, edges }: Submission,
  desk: PortalHelpDesk,
): Promise<NonNullable<RunResult['texts']>> {
  const draft = draftOf({ intent, manifest, setup, edges });
  await run.journal.write({ type: 'drafted', origin: desk.origin, draft });
  const texts = desk
    .form(draft)
    .map(({ field, text }) => ({ field, text, path: join(run.folder, 'portal', `${field.toLowerCase()}.txt`) }));
  for (const { path, text } of texts) await edges.bundle.writeText(path, `${text}\n`);
  return texts;
}

async function finish(
  submission: Submission,
  { zip, manifest }: Zipped,
  ticket: TicketResult | null,
  sent: Sent,
): Promise<RunResult> {
  const { run, edges, options } = submission;
  const attached = latest(run.journal, 'attached')?.sha256 === zip.sha256;
  let path = zip.path;
  let error = sent.error ?? null;
  const collected = collectionExit(manifest.servers);
  // A bundle of servers that could not be reached is made on request only: then it is what is missing that counts.
  let exit = mostUrgent([collected === exitCode.unreachable ? exitCode.incomplete : collected, sent.exit]);
  if (options.outputFolder !== undefined) {
    try {
      path = await edges.bundle.copyTo(zip.path, options.outputFolder);
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
    bundle: { path, name, bytes, sha256, attached },
    next: [...sent.next, ...completion(manifest, ticket)],
    error,
    ...(sent.texts === undefined ? {} : { texts: sent.texts }),
  };
}

/** What is still to come of the logs, when the ticket has what there is already. */
function completion(manifest: Manifest, ticket: TicketResult | null): string[] {
  const command = completingCommand(manifest, ticket?.key);
  return command === undefined ? [] : [command];
}

function ticketResult({ id, key, url, state, created }: Ticket & { created: boolean }): TicketResult {
  return { id, key, url, state, created };
}

function noSuchTicket(key: string, run: string): UserError {
  return new UserError('no-such-ticket', `the help desk has no ticket ${key}`, {
    exit: exitCode.helpDesk,
    hint: `The bundle is kept. Name the right one: icepack submit ${run} --ticket NUMBER`,
  });
}

/** A help desk that answers with another ticket must not be given a customer's data. */
function notOurs(ticket: Ticket, reference: string, run: string): UserError {
  return new UserError('not-our-ticket', `${ticket.key} does not have the reference ${reference}`, {
    exit: exitCode.helpDesk,
    hint: `Nothing is attached. If it is your ticket: icepack submit ${run} --ticket ${ticket.key}`,
  });
}

function draftIncomplete(run: string): UserError {
  return usageError(
    'draft-incomplete',
    'a new ticket needs a summary and a severity',
    `icepack submit ${run} --summary "…" --severity low|medium|high|emergency; or give the ticket: --ticket NUMBER`,
  );
}
