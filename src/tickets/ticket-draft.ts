import { templateFor } from '../config/templates.js';
import { icepack, placeholder, say } from '../domain/command.js';
import { contactFor } from '../domain/contact.js';
import { defined } from '../domain/defined.js';
import type { Manifest } from '../domain/manifest.js';
import { issueTypeIn } from '../domain/questions.js';
import type { TicketDraft } from '../domain/ticket.js';
import { type UserError, usageError } from '../errors.js';
import { licenseOf } from './licenses.js';
import type { Submission } from './submission.js';
import { ticketDescription } from './ticket-text.js';

/** @throws UserError `draft-incomplete` when a ticket is to be made and nobody said what of */
export function draftOf({
  intent,
  manifest,
  settings,
}: Pick<Submission, 'intent' | 'manifest' | 'settings'>): TicketDraft {
  const { summary, severity, fields } = intent;
  if (summary === undefined || severity === undefined) throw draftIncomplete(manifest.run);
  const { answers = {} } = intent;
  const { product, templates } = settings;
  const license = licenseOf({ ...settings, manifest });
  const contact = contactFor(intent.contact, settings.contact);
  const requester = settings.requester ?? contact?.email;
  const version = settings.version ?? seenVersion(manifest);
  const body = ticketDescription(templateFor('ticket-description.txt', templates), {
    ...settings,
    contact,
    version,
    manifest,
    summary,
    description: intent.description ?? '',
    answers,
  });
  return {
    reference: manifest.reference,
    subject: summary,
    body,
    severity,
    ...defined({ product, version, license, requester, fields }),
    ...defined({ issueType: issueTypeIn(answers), ownReference: answers['ownReference'] }),
  };
}

/** What the servers themselves said, where all that said it agree. */
function seenVersion({ servers }: Manifest): string | undefined {
  const seen = new Set(servers.flatMap(({ versions }) => versions['InCenter'] ?? []));
  return seen.size === 1 ? [...seen][0] : undefined;
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
