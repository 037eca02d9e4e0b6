import { z } from 'zod';
import type { RequiredField } from '../../domain/required-field.js';
import type { Ticket } from '../../domain/ticket.js';
import { HelpDeskError } from '../help-desk.js';
import { shown } from '../http/answer.js';
import type { Meaning } from '../http/failure.js';

/** What answers of Zendesk mean where their status does not say it. */
export const zendeskMeaning: Meaning = ({ status, body }, { url }) => {
  if (status < 400 || status >= 500) return undefined;
  const said = JSON.stringify(body ?? '');
  if (said.includes('IdempotentRequestError'))
    return { kind: 'conflict', because: 'the same registration came before, in other words' };
  const missing = status === 422 ? fieldsIn(body) : [];
  if (missing.length > 0) return { kind: 'invalid', required: missing };
  if (status !== 422 && status !== 400 && status !== 403) return undefined;
  if (/closed prevents ticket update/i.test(said))
    return { kind: 'invalid', because: 'the ticket is closed, and Zendesk lets nobody change it any more' };
  return url.pathname.startsWith('/api/v2/uploads') ? refusedFile(said) : undefined;
};

const detailsSchema = z.object({
  details: z.record(
    z.string(),
    z.array(
      z.object({ description: shown, error: z.string().optional(), ticket_field_id: z.number().int().optional() }),
    ),
  ),
});

/** The fields that a refusal says are blank. */
function fieldsIn(body: unknown): RequiredField[] {
  const { details = {} } = detailsSchema.safeParse(body).data ?? {};
  return Object.values(details)
    .flat()
    .flatMap(({ description, error, ticket_field_id: field }) => {
      if (field === undefined || (error !== undefined && !/blank|required/i.test(error))) return [];
      return [{ field: String(field), label: description.split(':')[0] ?? description }];
    });
}

function refusedFile(said: string): ReturnType<Meaning> {
  if (/too.?(large|big)|exceed|maximum/i.test(said)) return { kind: 'too-large' };
  if (!/type|extension/i.test(said)) return undefined;
  return { kind: 'invalid', because: 'it takes no ZIP; its administrator can allow zip for attachments' };
}

export function heldForMalware(name: string): HelpDeskError {
  const how = 'only its administrator can let agents open it';
  return new HelpDeskError('invalid', `Zendesk holds ${name} for malware: ${how}`);
}

export function closedForGood({ key }: Ticket): HelpDeskError {
  const why = 'Zendesk opens no closed ticket again; a new one has to follow it up';
  return new HelpDeskError('refused-transition', `${key} is closed: ${why}`);
}

export function leftSolved({ key, nativeState }: Ticket): HelpDeskError {
  const why = 'Zendesk closes it by itself after some days';
  return new HelpDeskError('refused-transition', `${key} is ${nativeState} and not closed yet: ${why}`);
}

/** A state that may not be set is refused as what is not valid: a field that has to be filled in before, for one. */
export function refusedState(error: unknown): never {
  if (!(error instanceof HelpDeskError) || error.status !== 422) throw error;
  throw new HelpDeskError('refused-transition', error.message, { status: 422, cause: error });
}

/** The ticket is not as it was read; it was not changed, and may be in a moment. */
export function changedMeanwhile({ key }: Ticket, error: unknown): unknown {
  if (!(error instanceof HelpDeskError && error.kind === 'conflict')) return error;
  return new HelpDeskError('unavailable', `${key} was changed in this moment`, { status: 409, cause: error });
}

/** It was answered as done. */
export function notKept(what: string): HelpDeskError {
  return new HelpDeskError('outcome-unknown', `Zendesk took ${what} and does not show it`, { maybeApplied: true });
}
