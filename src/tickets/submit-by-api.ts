import type { Bundle } from '../domain/bundle-layout.js';
import { icepack, say } from '../domain/command.js';
import { latest } from '../domain/journal.js';
import type { Manifest } from '../domain/manifest.js';
import { isUnreachable } from '../domain/outcome.js';
import { createdTicket, isOutcomeUnknown } from '../domain/owed.js';
import { formatSize } from '../domain/quantities.js';
import type { RunResult } from '../domain/result.js';
import type { Route } from '../domain/route.js';
import { bundleMarker, type Ticket } from '../domain/ticket.js';
import { exitCode, UserError } from '../errors.js';
import type { ApiHelpDesk } from '../helpdesk/help-desk.js';
import { HelpDeskError } from '../helpdesk/help-desk.js';
import type { Run } from '../state/runs.js';
import type { Operator } from '../ui/operator.js';
import { announce } from './announce.js';
import { attachOnce } from './attach.js';
import { interruption } from './ended-early.js';
import { fitted } from './fit.js';
import { redactionLines } from './redaction-text.js';
import { register, takeGiven } from './register.js';
import { helpDeskFailed, withRetries } from './retry.js';
import { runAsOwner } from './settle.js';
import {
  type BundleToSend,
  finish,
  type Sent,
  type Submission,
  type SubmitOptions,
  ticketResult,
  writeBundle,
} from './submission.js';
import { draftOf } from './ticket-draft.js';
import { attachedComment, restFollows } from './ticket-text.js';

export async function submitByApi(submission: Submission, desk: ApiHelpDesk): Promise<RunResult> {
  const { run, operator } = submission;
  let ticket: (Ticket & { created: boolean }) | undefined;
  let made: BundleToSend | undefined;
  try {
    ticket = await ticketFor(submission, desk);
    operator.emit({
      type: 'step-ended',
      step: 'register',
      text: `${ticket.key} ${ticket.created ? 'registered' : 'taken up'}, ${ticket.url}`,
    });
    tellClosed(ticket, operator, submission.settings.route);
    if (ticket.state === 'closed') await run.journal.write({ type: 'seen', id: ticket.id, state: 'closed' });
    made = await bundleFor(submission, ticket);
    let sent = await send(submission, ticket, made, desk).catch(undefinedIfNameTaken);
    if (sent === undefined) {
      // Another machine attached something under our name meanwhile: ours gets the next one.
      const { id } = ticket;
      const { files } = await withRetries(() => desk.get(id, submission.signal), operator, submission.signal);
      ticket = { ...ticket, files };
      made = await bundleFor(submission, ticket);
      sent = await send(submission, ticket, made, desk);
    }
    return await finish(submission, made, ticketResult(ticket), sent);
  } catch (error) {
    const interrupted = interruptionIn(error, submission.signal);
    if (interrupted !== undefined) {
      if (made === undefined || ticket === undefined) throw interrupted;
      const result = await finish(submission, made, ticketResult(ticket), sentOf(interrupted));
      return { ...result, exitCode: interrupted.exit };
    }
    const isRefused = error instanceof HelpDeskError && error.required.length > 0;
    const next = icepack(isRefused ? 'submit' : 'resume', run.id);
    const known = helpDeskFailed(nothingDone(ticket?.key, run), error, next);
    if (!(known instanceof UserError) || (known.exit !== exitCode.helpDesk && known.exit !== exitCode.busy)) {
      if (ticket !== undefined && made === undefined && isFull(known)) await tellNoRoom(submission, ticket, desk);
      throw known;
    }
    made ??= await writeBundle(submission, ticket?.key, ticket?.files ?? []);
    return await finish(submission, made, ticket === undefined ? null : ticketResult(ticket), sentOf(known));
  }
}

/** What is attached to a closed ticket may be seen by nobody. */
export function tellClosed({ state, key }: Ticket, { emit }: Operator, route?: Route): void {
  if (state !== 'closed') return;
  const at = route?.hasPlace ? ['--route', route.name] : [];
  const hint = say`Open it again: ${icepack('ticket', 'reopen', key, ...at)}`;
  emit({ type: 'warning', text: `${key} is Closed: support may not look at it any more`, hint });
}

/** A signal, or Ctrl-C at a question. */
function interruptionIn(error: unknown, signal: AbortSignal): UserError | undefined {
  if (signal.aborted) return interruption(signal);
  return error instanceof UserError && error.code === 'interrupted' ? error : undefined;
}

function sentOf({ exit, code, message, hint }: UserError): Sent {
  return { exit, error: { code, message, hint: hint ?? null } };
}

/** What did not come about; a ticket may be there although it could not be read back. */
function nothingDone(key: string | undefined, { journal }: Run): string {
  if (key !== undefined) return `nothing was attached to ${key}`;
  const created = createdTicket(journal)?.key;
  if (created !== undefined) return `${created} was registered, and could not be read back`;
  return isOutcomeUnknown(journal) ? 'whether a ticket was registered is not known' : 'no ticket was registered';
}

function isFull(error: unknown): boolean {
  return error instanceof UserError && error.code === 'local-write';
}

/** The ZIP could not be written: support must not wait for it without knowing why. */
async function tellNoRoom({ run, operator, signal }: Submission, ticket: Ticket, desk: ApiHelpDesk): Promise<void> {
  const marker = `no-bundle-${run.id}`;
  const body = `${notYetAttached}\n${marker}`;
  // Where that fails, too, the result says what is to be done all the same.
  await withRetries(() => desk.comment(ticket.id, { body, public: true, marker }, signal), operator, signal).catch(
    () => undefined,
  );
}

const notYetAttached =
  'The bundle cannot be written at the moment: the disk of the collecting machine is full. What was collected is kept there, and is attached when there is room.';

async function ticketFor(submission: Submission, desk: ApiHelpDesk): Promise<Ticket & { created: boolean }> {
  const { run, intent, manifest, operator, signal } = submission;
  const registration = { owner: runAsOwner(run), desk, operator, signal };
  if (intent.ticket !== undefined) {
    const { ticket } = await takeGiven(intent.ticket, registration);
    return { ...ticket, created: false };
  }
  operator.emit({ type: 'step-started', step: 'register', text: `registering at ${desk.origin}` });
  const { ticket, created } = await register(draftOf(submission), registration);
  if (ticket.reference !== manifest.reference) throw notOurs(ticket, manifest.reference, run.id);
  return { ...ticket, created };
}

async function bundleFor(submission: Submission, ticket: Ticket): Promise<BundleToSend> {
  return fitted(submission, await writeBundle(submission, ticket.key, ticket.files), limitOf(submission));
}

function undefinedIfNameTaken(error: unknown): undefined {
  if (!(error instanceof HelpDeskError) || error.kind !== 'conflict') throw error;
}

async function send(
  submission: Submission,
  ticket: Ticket,
  { zip, manifest, unfit }: BundleToSend,
  desk: ApiHelpDesk,
): Promise<Sent> {
  const { run, intent, operator, options, signal } = submission;
  const limit = limitOf(submission);
  if (zip.bytes > limit) return announce(submission, ticket, { zip, limit, unfit }, desk);
  if (!(await reviewed(manifest, zip, ticket, desk, options, operator))) {
    return { exit: exitCode.ok };
  }
  const said = latest(run.journal, 'registered')?.created ? {} : intent; // else it stands in the ticket
  try {
    const follows = options.restFollows ? [restFollows] : [];
    const comment = attachedComment(manifest, zip, bundleMarker(zip.sha256), said, follows);
    await attachOnce(
      { journal: run.journal, again: icepack('resume', run.id) },
      ticket,
      zip,
      comment,
      desk,
      operator,
      signal,
    );
    return { exit: exitCode.ok };
  } catch (error) {
    if (error instanceof HelpDeskError && error.kind === 'too-large')
      return announce(submission, ticket, { zip, limit: undefined, unfit }, desk);
    throw error;
  }
}

function limitOf({ settings, account }: Submission): number {
  return Math.min(settings.attachmentLimit, account?.maxFileBytes ?? Number.POSITIVE_INFINITY);
}

async function reviewed(
  manifest: Manifest,
  zip: Bundle,
  ticket: Ticket,
  desk: ApiHelpDesk,
  { yes, restFollows: follows }: SubmitOptions,
  operator: Operator,
): Promise<boolean> {
  if (yes || operator.ask === undefined) return true;
  operator.emit({
    type: 'note',
    text: `${zip.name}, ${formatSize(zip.bytes)}, goes to ${ticket.key} at ${desk.origin}`,
    asked: true,
  });
  for (const { text } of redactionLines(manifest)) operator.emit({ type: 'note', text, asked: true });
  const rest = follows ? ', and the second half when the window is over' : '';
  const holdsEvidence = !manifest.servers.every(isUnreachable);
  return operator.ask.confirm(`Attach it to ${ticket.key} now${rest}?`, holdsEvidence);
}

/** The error for a help desk that answers with another ticket: it must not get a customer's data. */
function notOurs(ticket: Ticket, reference: string, run: string): UserError {
  return new UserError('not-our-ticket', `${ticket.key} does not have the reference ${reference}`, {
    exit: exitCode.helpDesk,
    hint: say`Nothing is attached. If it is your ticket: ${icepack('submit', run, '--ticket', ticket.key)}`,
  });
}
