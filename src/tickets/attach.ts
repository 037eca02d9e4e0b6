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
  const marker = bundleMarker(zip.sha256);
  const onProgress = (bytes: number) =>
    operator.emit({ type: 'step-progress', step: 'attach', bytes, totalBytes: zip.bytes });
  operator.emit({ type: 'step-started', step: 'attach', text: `attaching ${zip.name} to ${ticket.key}` });

  for (let attempt = 1; ; attempt++) {
    await journal.write({ type: 'attaching', id: ticket.id, name: zip.name, sha256: zip.sha256 });
    let lost: unknown;
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
    const now = await withRetries(() => desk.get(ticket.id, signal), operator, signal);
    if (isAttached(now.files, zip)) {
      if (lost !== undefined)
        operator.emit({ type: 'warning', text: `${zip.name} is attached, but perhaps without its comment` });
      return attached(journal, ticket, zip, operator);
    }
    if (attempt === attempts || (lost instanceof HelpDeskError && !lost.maybeApplied))
      throw lost ?? notThere(ticket, zip, now, again);
    operator.emit({ type: 'note', text: `${zip.name} is not at ${ticket.key} yet; sending it again` });
  }
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
