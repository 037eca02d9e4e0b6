import type { Bundle } from '../domain/bundle-layout.js';
import type { Command } from '../domain/command.js';
import { latest } from '../domain/journal.js';
import type { Manifest } from '../domain/manifest.js';
import type { TicketResult } from '../domain/result.js';
import { uploadMarker } from '../domain/ticket.js';
import type { HelpDesk } from '../helpdesk/help-desk.js';
import type { Run } from '../state/runs.js';
import { helpDeskFailed, withRetries } from '../tickets/retry.js';
import { uploadedComment } from '../tickets/ticket-text.js';
import type { Operator } from '../ui/operator.js';
import type { Arrived } from './send-bundle.js';

export type Telling = {
  run: Run;
  manifest: Manifest;
  zip: Bundle;
  to: string;
  desk: HelpDesk | undefined;
  /** The command that repeats the upload. */
  command: Command;
  operator: Operator;
  signal: AbortSignal;
};

/** The ticket of a run at the configured help desk; undefined where a person has to comment on the ticket. */
export function ticketToTell({ run, desk }: Pick<Telling, 'run' | 'desk'>): TicketResult | undefined {
  const registered = latest(run.journal, 'registered');
  if (desk?.kind !== 'api' || registered?.origin !== desk.origin) return undefined;
  const { id, key, url, created } = registered;
  return { id, key, url, state: 'unknown', created };
}

export function isTold({ run, zip, to }: Pick<Telling, 'run' | 'zip' | 'to'>, ticket: TicketResult): boolean {
  return run.journal.entries.some(
    (entry) => entry.type === 'upload-told' && entry.id === ticket.id && entry.to === to && entry.sha256 === zip.sha256,
  );
}

/** The comment for the ticket, written by us or by a person. */
export function uploadText({ manifest, zip, to }: Telling, arrived: Arrived): string {
  return uploadedComment(manifest, zip, { to, ...arrived }, uploadMarker(zip.sha256, to));
}

/** Comments on the ticket, once. @throws UserError of the help desk, with the command that repeats it */
export async function tellTicket(telling: Telling, ticket: TicketResult, arrived: Arrived): Promise<void> {
  const { run, zip, to, desk, command, operator, signal } = telling;
  if (desk?.kind !== 'api' || isTold(telling, ticket)) return;
  const marker = uploadMarker(zip.sha256, to);
  const body = uploadText(telling, arrived);
  try {
    await withRetries(() => desk.comment(ticket.id, { body, public: true, marker }, signal), operator, signal);
  } catch (error) {
    signal.throwIfAborted();
    throw helpDeskFailed(`uploaded, but ${ticket.key} was not told`, error, command);
  }
  await run.journal.write({ type: 'upload-told', id: ticket.id, to, name: arrived.name, sha256: zip.sha256 });
}
