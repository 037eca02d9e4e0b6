import { readTemplate } from '../config/templates.js';
import { icepack, placeholder, say } from '../domain/command.js';
import type { TicketDraft } from '../domain/ticket.js';
import { type UserError, usageError } from '../errors.js';
import type { Submission } from './submission.js';
import { ticketDescription } from './ticket-text.js';

/** @throws UserError `draft-incomplete` when a ticket is to be made and nobody said what of */
export function draftOf({
  intent,
  manifest,
  settings: setup,
}: Pick<Submission, 'intent' | 'manifest' | 'settings'>): TicketDraft {
  const { summary, severity } = intent;
  if (summary === undefined || severity === undefined) throw draftIncomplete(manifest.run);
  const { product, version, license, contact } = setup;
  const body = ticketDescription(readTemplate('ticket-description.txt'), {
    ...setup,
    manifest,
    summary,
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

function draftIncomplete(run: string): UserError {
  const severity = placeholder('low|medium|high|emergency');
  const again = icepack('submit', run, '--summary', placeholder('"…"'), '--severity', severity);
  return usageError(
    'draft-incomplete',
    'a new ticket needs a summary and a severity',
    say`${again}; or give the ticket: --ticket NUMBER`,
  );
}
