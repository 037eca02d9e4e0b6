import { hashFile } from '../bundle/zip.js';
import type { Bundle } from '../domain/bundle-layout.js';
import { type Command, say } from '../domain/command.js';
import { latest } from '../domain/journal.js';
import { formatSize } from '../domain/quantities.js';
import { bundleMarker, isAttached, type Ticket } from '../domain/ticket.js';
import { exitCode, UserError } from '../errors.js';
import type { ApiHelpDesk } from '../helpdesk/help-desk.js';
import { HelpDeskError } from '../helpdesk/help-desk.js';
import type { Journal } from '../state/journal.js';
import type { Operator } from '../ui/operator.js';
import { withRetries } from './retry.js';

const attempts = 3;

/** Where it is noted what was sent, and the command that goes on. */
export type Attaching = { journal: Journal; again: Command };

/**
 * Attaches a file once and reads it back: after an end in doubt the ticket is looked at before anything is sent again.
 * @param body the comment that goes with it
 * @throws HelpDeskError, or UserError `bundle-changed`, `attachment-not-there`
 */
export async function attachOnce(
  { journal, again }: Attaching,
  ticket: Ticket,
  zip: Bundle,
  body: string,
  desk: ApiHelpDesk,
  operator: Operator,
  signal: AbortSignal,
): Promise<void> {
  const isThere = isAttached(ticket.files, zip);
  const same = isThere ? undefined : ticket.files.find(({ sha256 }) => sha256 === zip.sha256);
  if (same !== undefined)
    operator.emit({ type: 'note', text: `these bytes are at ${ticket.key} already, as ${same.name}` });
  if (isThere || same !== undefined)
    return attached(journal, ticket, { ...zip, name: same?.name ?? zip.name }, operator);
  await refuseChanged(zip, signal);
  const looking = { ticket, zip, desk, operator, signal };
  if (await settledAt(doubtfulSince(journal, zip), looking)) return attached(journal, ticket, zip, operator);
  const marker = bundleMarker(zip.sha256);
  const onProgress = (bytes: number) =>
    operator.emit({ type: 'step-progress', step: 'attach', bytes, totalBytes: zip.bytes });
  operator.emit({ type: 'step-started', step: 'attach', text: `attaching ${zip.name} to ${ticket.key}` });

  for (let attempt = 1; ; attempt++) {
    await journal.write({ type: 'attaching', id: ticket.id, name: zip.name, sha256: zip.sha256 });
    let lost: HelpDeskError | undefined;
    try {
      await withRetries(
        () => desk.attach(ticket.id, zip, { body, public: true, marker }, signal, onProgress),
        operator,
        signal,
      );
    } catch (error) {
      if (!(error instanceof HelpDeskError) || error.kind === 'too-large') throw error;
      lost = error; // the file may be there although its comment is not
    }
    let now = await withRetries(() => desk.get(ticket.id, signal), operator, signal);
    if (lost?.maybeApplied && !isAttached(now.files, zip))
      now = (await settledAt(operator.now().getTime(), looking)) ?? now;
    if (isAttached(now.files, zip)) {
      if (lost !== undefined)
        operator.emit({ type: 'warning', text: `${zip.name} is attached, but perhaps without its comment` });
      return attached(journal, ticket, zip, operator);
    }
    if (attempt === attempts || (lost !== undefined && !lost.maybeApplied))
      throw lost ?? notThere(ticket, zip, now, again);
    operator.emit({ type: 'note', text: `${zip.name} is not at ${ticket.key} yet; sending it again` });
  }
}

/** When an earlier attempt to attach the file began whose end nobody saw. */
function doubtfulSince(journal: Journal, zip: Bundle): number | undefined {
  const last = journal.entries.findLast(
    (entry) => (entry.type === 'attaching' || entry.type === 'attached') && entry.sha256 === zip.sha256,
  );
  return last?.type === 'attaching' ? Date.parse(last.at) : undefined;
}

/** When to look whether a file whose answer was lost is there; in the end, when the help desk can be at work no more. */
const lookAfterMs = [1000, 3000, 10_000];

type Looking = { ticket: Ticket; zip: Bundle; desk: ApiHelpDesk; operator: Operator; signal: AbortSignal };

/**
 * Looks again and again until the help desk is no longer at work on a file that left at that time; one that knows
 * repeated files needs no time. @returns the ticket, once the file is there
 */
async function settledAt(
  sentMs: number | undefined,
  { ticket, zip, desk, operator, signal }: Looking,
): Promise<Ticket | undefined> {
  if (sentMs === undefined || desk.caps.knowsRepeats) return undefined;
  let leftMs = Math.min(sentMs + desk.caps.settleMs - operator.now().getTime(), desk.caps.settleMs);
  for (const pauseMs of [...lookAfterMs, Number.POSITIVE_INFINITY]) {
    if (leftMs <= 0) return undefined;
    const waitMs = Math.min(pauseMs, leftMs);
    leftMs -= waitMs;
    const text = `the help desk may still be at work on ${zip.name}; looking again in ${Math.ceil(waitMs / 1000)} s`;
    operator.emit({ type: 'note', text });
    await operator.sleep(waitMs, signal);
    signal.throwIfAborted();
    const now = await withRetries(() => desk.get(ticket.id, signal), operator, signal);
    if (isAttached(now.files, zip)) return now;
  }
  return undefined;
}

/** @param file its name is the one at the ticket */
async function attached(journal: Journal, ticket: Ticket, file: Bundle, operator: Operator): Promise<void> {
  const { name, bytes, sha256 } = file;
  if (latest(journal, 'attached')?.sha256 !== sha256) {
    await journal.write({ type: 'attached', id: ticket.id, name, sha256 });
  }
  operator.emit({
    type: 'step-ended',
    step: 'attach',
    text: `attached to ${ticket.key} and read back, ${formatSize(bytes)}`,
  });
}

/** Refuses a ZIP that changed since it was written: only what was zipped leaves the house. */
export async function refuseChanged(zip: Bundle, signal: AbortSignal): Promise<void> {
  const found = await hashFile(zip.path, signal);
  if (found.sha256 === zip.sha256) return;
  throw new UserError('bundle-changed', `"${zip.path}" is not the ZIP that was written`, {
    exit: exitCode.local,
    hint: 'Remove it; it is written again from the evidence beside it',
  });
}

function notThere(ticket: Ticket, zip: Bundle, now: Ticket, again: Command): UserError {
  const other = now.files.find((file) => file.name === zip.name);
  const what =
    other === undefined ? 'is not there' : `has ${other.sizeBytes ?? 'unknown'} bytes there instead of ${zip.bytes}`;
  return new UserError('attachment-not-there', `the help desk took ${zip.name}, but it ${what}`, {
    exit: exitCode.helpDesk,
    hint: say`It is kept here. Look at ${ticket.url}, then: ${again}`,
  });
}
