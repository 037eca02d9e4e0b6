import { placeholder, say } from '../domain/command.js';
import { latest } from '../domain/journal.js';
import { createdTicket, isOutcomeUnknown } from '../domain/owed.js';
import type { CreatedTicket, Ticket, TicketDraft } from '../domain/ticket.js';
import { exitCode, reasonOf, UserError } from '../errors.js';
import { HelpDeskError } from '../helpdesk/help-desk.js';
import { withRetries } from './retry.js';
import {
  isUnderItsKey,
  lookUp,
  outcomeUnknown,
  type Registration,
  settleEarlier,
  settleNow,
  type TicketOwner,
} from './settle.js';

export type Registered = { ticket: Ticket; created: boolean };

/**
 * Gets exactly one ticket for a reference: what was registered before is taken up, what exists under the reference is
 * adopted, and a lost answer is settled by looking before anything is sent again. The intent is on the disk first, and
 * the ticket's id as soon as it is known: a help desk that drops the reference is never asked for a second one.
 * @throws HelpDeskError, or UserError `ambiguous-reference`, `reference-not-kept`, `outcome-unknown`
 */
export async function register(draft: TicketDraft, registration: Registration): Promise<Registered> {
  const { owner, desk } = registration;
  const done = latest(owner.journal, 'registered');
  if (done?.origin === desk.origin) {
    return { ticket: await read(done, registration), created: done.created };
  }
  const { reference } = draft;
  const made = createdTicket(owner.journal);
  if (made?.origin === desk.origin && made.reference === reference) return ours(made, draft, registration);
  const existing = (await lookUp(reference, registration)) ?? (await settleEarlier(reference, registration));
  if (existing !== undefined) return adopted(existing, registration);

  await owner.journal.write({ type: 'drafted', origin: desk.origin, draft });
  const created = await createOnce(draft, registration);
  return ours(created, draft, registration);
}

/** Reads back what was registered: only a ticket that has our reference is found again. */
async function ours(created: CreatedTicket, draft: TicketDraft, registration: Registration): Promise<Registered> {
  const { reference } = draft;
  const kept = await withReference(created, reference, registration);
  const older = await olderThan(kept, reference, registration);
  const registered = await recorded(older ?? kept, { created: older === undefined }, registration);
  if (older === undefined) await tellNotTaken(kept, draft, registration);
  return registered;
}

/** A ticket without its owner or a field is a ticket: that is said, and stops nothing. */
async function tellNotTaken(
  { id, key }: Ticket,
  draft: TicketDraft,
  { desk, operator, signal }: Registration,
): Promise<void> {
  const hint = `Set it at ${key} by hand, and correct helpdesk: in the configuration`;
  try {
    const lacking = await withRetries(async () => (await desk.notTaken?.(id, draft, signal)) ?? [], operator, signal);
    for (const each of lacking) operator.emit({ type: 'warning', text: `${key}: ${each}`, hint });
  } catch (error) {
    if (!(error instanceof HelpDeskError)) throw error;
    operator.emit({ type: 'note', text: `whether ${key} has all its fields is not known: ${error.message}` });
  }
}

/** @throws UserError `reference-not-kept` where the help desk will not have the reference, asked for once more */
async function withReference(
  created: CreatedTicket,
  reference: string,
  { owner, desk, operator, signal }: Registration,
): Promise<Ticket> {
  const readBack = () => withRetries(() => desk.get(created.id, signal), operator, signal);
  let ticket = await readBack();
  if (ticket.reference === undefined && desk.setReference !== undefined) {
    await withRetries(async () => desk.setReference?.(ticket.id, reference, signal), operator, signal);
    ticket = await readBack();
  }
  if (ticket.reference !== reference) throw referenceNotKept(ticket, reference, owner);
  return ticket;
}

/** The older ticket, if two machines registered the same incident at once; a comment on the later one says so. */
async function olderThan(
  ours: Ticket,
  reference: string,
  { desk, operator, signal }: Registration,
): Promise<Ticket | undefined> {
  const [oldest] = await withRetries(() => desk.findByReference(reference, signal), operator, signal);
  if (oldest === undefined || oldest.id === ours.id) return undefined;
  const body = `Duplicate of ${oldest.key}: both were registered at the same moment. Nothing is attached here.`;
  await desk.comment(ours.id, { body, public: true, marker: `duplicate-of-${oldest.key}` }, signal);
  const text = `${oldest.key} was registered at the same moment by another icepack; ${ours.key} is marked as its duplicate`;
  operator.emit({ type: 'warning', text, hint: `Close ${ours.key}` });
  return oldest;
}

/**
 * Takes a ticket that a person named; it need not bear our reference.
 * @throws HelpDeskError, or UserError `no-such-ticket`, `another-ticket`
 */
export async function takeGiven(key: string, registration: Registration): Promise<Registered> {
  const ticket = await read({ id: key, key }, registration);
  return recorded(ticket, { created: false, given: true }, registration);
}

/** Reads a ticket, and refuses another one than was asked for: it must not get a customer's data. */
async function read(asked: { id: string; key: string }, registration: Registration): Promise<Ticket> {
  try {
    return await readSame(asked, registration);
  } catch (error) {
    const { journal } = registration.owner;
    const isNone = error instanceof UserError && namesNoTicket.has(error.code);
    // Where an answer was lost, a wrong number says nothing of the ticket that may be there.
    if (isNone && !isOutcomeUnknown(journal))
      await journal.write({ type: 'not-registered', reason: error.message, needsNumber: true });
    throw error;
  }
}

/** The errors after which a person must name the ticket. */
const namesNoTicket = new Set(['no-such-ticket', 'another-ticket']);

async function readSame(
  { id, key }: { id: string; key: string },
  { owner, desk, operator, signal }: Registration,
): Promise<Ticket> {
  const ticket = await withRetries(() => desk.get(id, signal), operator, signal).catch((error: unknown) => {
    if (error instanceof HelpDeskError && error.kind === 'not-found') throw noSuchTicket(key, owner);
    throw error;
  });
  if (ticket.key.toLowerCase() !== key.toLowerCase()) throw anotherTicket(ticket, key, owner);
  return ticket;
}

async function createOnce(draft: TicketDraft, registration: Registration): Promise<CreatedTicket> {
  const { owner, desk, operator, signal } = registration;
  const attempts = 2;
  let inDoubt = isUnderItsKey(registration);
  for (let attempt = 1; ; attempt++) {
    await owner.journal.write({ type: 'registering', origin: desk.origin, reference: draft.reference });
    try {
      const created = await withRetries(() => desk.create(draft, signal), operator, signal);
      await noteCreated(created, draft.reference, registration);
      return created;
    } catch (error) {
      if (!(error instanceof HelpDeskError)) throw error;
      if (!error.maybeApplied && error.kind !== 'conflict') throw await notMade(error, inDoubt, draft, registration);
      inDoubt = true;
      operator.emit({ type: 'note', text: `whether the ticket was registered is not known: ${reasonOf(error)}` });
      const found = await settleNow(draft.reference, registration);
      if (found !== undefined) return found;
      const mayRepeat = desk.caps.idempotencyKey && attempt < attempts;
      if (!mayRepeat) throw outcomeUnknown(draft.reference, error, owner);
      operator.emit({
        type: 'note',
        text: 'no ticket is there; registering again under the same key',
      });
    }
  }
}

/**
 * What a request without effect comes to: where one before it may have had its effect, that is as unknown as it was. Only
 * a help desk that says what the ticket lacks has looked at it, and has none under its key.
 */
async function notMade(
  error: HelpDeskError,
  inDoubt: boolean,
  { reference }: TicketDraft,
  { owner, operator }: Registration,
): Promise<Error> {
  if (inDoubt && error.required.length === 0) {
    operator.emit({ type: 'note', text: `registering again failed: ${reasonOf(error)}` });
    return outcomeUnknown(reference, error, owner);
  }
  await owner.journal.write({ type: 'not-registered', reason: error.message });
  return error;
}

/** From here on the ticket is known, whatever becomes of its reference; one with another reference is not ours. */
async function noteCreated(
  { id, key, url, reference: kept }: CreatedTicket,
  reference: string,
  { owner, desk }: Registration,
): Promise<void> {
  if (kept !== undefined && kept !== reference) return;
  await owner.journal.write({ type: 'created', origin: desk.origin, reference, id, key, url });
}

function adopted(ticket: Ticket, registration: Registration): Promise<Registered> {
  const ours = latest(registration.owner.journal, 'registering') !== undefined;
  return recorded(ticket, { created: ours }, registration);
}

async function recorded(
  ticket: Ticket,
  how: { created: boolean; given?: true },
  { owner, desk }: Registration,
): Promise<Registered> {
  const { id, key, url } = ticket;
  await owner.journal.write({ type: 'registered', origin: desk.origin, id, key, url, ...how });
  return { ticket, created: how.created };
}

/** The error for a ticket without our reference: the desk dropped it, or it is somebody else's ticket. */
function referenceNotKept(ticket: Ticket, reference: string, { take }: TicketOwner): UserError {
  const instead = ticket.reference === undefined ? 'no reference' : 'another reference';
  const message = `the registration was answered with ${ticket.key}, which has ${instead} instead of ${reference}`;
  return new UserError('reference-not-kept', message, {
    exit: exitCode.helpDesk,
    hint: say`Nothing is attached on a guess. If it is your ticket: ${take(ticket.key)}`,
  });
}

function noSuchTicket(key: string, { take, kept }: TicketOwner): UserError {
  return new UserError('no-such-ticket', `the help desk has no ticket ${key}`, {
    exit: exitCode.helpDesk,
    hint: say`${kept}Name the right one: ${take(placeholder('NUMBER'))}`,
  });
}

function anotherTicket(ticket: Ticket, key: string, { take }: TicketOwner): UserError {
  return new UserError('another-ticket', `the help desk was asked for ${key} and answered with ${ticket.key}`, {
    exit: exitCode.helpDesk,
    hint: say`Nothing is attached. If the two were merged: ${take(ticket.key)}`,
  });
}
