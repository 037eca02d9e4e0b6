import { latest } from '../../domain/journal.js';
import { isOutcomeUnknown } from '../../domain/owed.js';
import type { Ticket, TicketDraft } from '../../domain/ticket.js';
import { exitCode, reasonOf, UserError } from '../../errors.js';
import type { ApiHelpDesk } from '../../helpdesk/help-desk.js';
import type { Run } from '../../state/runs.js';
import type { Edges } from '../edges.js';
import { isHelpDeskError, withRetries } from './retry.js';

/** When to look whether a ticket whose answer was lost is there. */
const lookAfterMs = [1000, 3000, 10_000];

export type Registered = { ticket: Ticket; created: boolean };

/**
 * Gets exactly one ticket for a reference: what was registered before is taken up, what exists under the reference is
 * adopted, and a lost answer is settled by looking before anything is sent again. The intent is on the disk first.
 * @throws HelpDeskError, or UserError `ambiguous-reference`, `reference-not-kept`, `outcome-unknown`
 */
export async function register(
  run: Run,
  draft: TicketDraft,
  desk: ApiHelpDesk,
  edges: Edges,
  signal: AbortSignal,
): Promise<Registered> {
  const done = latest(run.journal, 'registered');
  if (done?.origin === desk.origin) {
    return { ticket: await read(run, done.id, done.key, desk, edges, signal), created: done.created };
  }
  const existing =
    (await lookUp(run, draft.reference, desk, edges, signal)) ?? (await settleOpen(run, draft, desk, edges, signal));
  if (existing !== undefined) return adopted(run, existing, desk);

  await run.journal.write({ type: 'drafted', origin: desk.origin, draft });
  const ticket = await createOnce(run, draft, desk, edges, signal);
  const kept = await withRetries(() => desk.get(ticket.id, signal), edges, signal);
  if (kept.reference !== draft.reference) throw referenceNotKept(kept, draft.reference, run.id);
  const older = await olderThan(kept, draft.reference, desk, edges, signal);
  return older === undefined
    ? recorded(run, kept, desk, { created: true })
    : recorded(run, older, desk, { created: false });
}

/** Two machines may have registered the same incident at the same moment: the later ticket says so and stays empty. */
async function olderThan(
  ours: Ticket,
  reference: string,
  desk: ApiHelpDesk,
  edges: Edges,
  signal: AbortSignal,
): Promise<Ticket | undefined> {
  const [oldest] = await withRetries(() => desk.findByReference(reference, signal), edges, signal);
  if (oldest === undefined || oldest.id === ours.id) return undefined;
  const body = `Duplicate of ${oldest.key}: both were registered at the same moment. Nothing is attached here.`;
  await desk.comment(ours.id, { body, public: true, marker: `duplicate-of-${oldest.key}` }, signal);
  const text = `${oldest.key} was registered at the same moment by another icepack; ${ours.key} is marked as its duplicate`;
  edges.report({ type: 'warning', text, hint: `Close ${ours.key}` });
  return oldest;
}

/**
 * Takes a ticket that a person named; it need not bear our reference.
 * @throws HelpDeskError, or UserError `no-such-ticket`, `another-ticket`
 */
export async function takeGiven(
  run: Run,
  key: string,
  desk: ApiHelpDesk,
  edges: Edges,
  signal: AbortSignal,
): Promise<Registered> {
  const ticket = await read(run, key, key, desk, edges, signal);
  return recorded(run, ticket, desk, { created: false, given: true });
}

/** A help desk that answers with another ticket than it was asked for must not be given a customer's data. */
async function read(
  run: Run,
  id: string,
  key: string,
  desk: ApiHelpDesk,
  edges: Edges,
  signal: AbortSignal,
): Promise<Ticket> {
  const ticket = await withRetries(() => desk.get(id, signal), edges, signal).catch((error: unknown) => {
    if (isHelpDeskError(error) && error.kind === 'not-found') throw noSuchTicket(key, run.id);
    throw error;
  });
  if (ticket.key.toLowerCase() !== key.toLowerCase()) throw anotherTicket(ticket, key, run.id);
  return ticket;
}

/**
 * A request of an earlier run left, and nobody knows its outcome. Where the desk knows repeated requests by their key,
 * repeating is the answer; elsewhere "not found" says something only after a while, and a person may have to.
 * @throws UserError `outcome-unknown`
 */
async function settleOpen(
  run: Run,
  draft: TicketDraft,
  desk: ApiHelpDesk,
  edges: Edges,
  signal: AbortSignal,
): Promise<Ticket | undefined> {
  const open = isOutcomeUnknown(run.journal) ? latest(run.journal, 'registering') : undefined;
  if (open === undefined || desk.caps.idempotencyKey) return undefined;
  // A clock that was set back meanwhile makes this longer, never shorter than what the desk may need.
  const horizonMs = desk.caps.settleMs + desk.caps.searchLagMs;
  const waitMs = Math.min(Date.parse(open.at) + horizonMs - edges.now().getTime(), horizonMs);
  if (waitMs > 0) {
    edges.report({
      type: 'note',
      text: `an earlier request may still be at work there; looking again in ${Math.ceil(waitMs / 1000)} s`,
    });
    await edges.sleep(waitMs, signal);
    signal.throwIfAborted();
    const found = await lookUp(run, draft.reference, desk, edges, signal);
    if (found !== undefined) return found;
  }
  if (desk.caps.searchLagMs > 0) throw outcomeUnknown(draft.reference, undefined, run.id);
  return undefined;
}

async function createOnce(
  run: Run,
  draft: TicketDraft,
  desk: ApiHelpDesk,
  edges: Edges,
  signal: AbortSignal,
): Promise<Ticket> {
  const attempts = 2;
  for (let attempt = 1; ; attempt++) {
    await run.journal.write({ type: 'registering', origin: desk.origin, reference: draft.reference });
    try {
      return await withRetries(() => desk.create(draft, signal), edges, signal);
    } catch (error) {
      if (!isHelpDeskError(error)) throw error;
      if (!error.maybeApplied && error.kind !== 'conflict') {
        await run.journal.write({ type: 'not-registered', reason: error.message });
        throw error;
      }
      edges.report({ type: 'note', text: `whether the ticket was registered is not known: ${reasonOf(error)}` });
      const found = await settle(run, draft.reference, desk, edges, signal);
      if (found !== undefined) return found;
      const mayRepeat = desk.caps.idempotencyKey && attempt < attempts;
      if (!mayRepeat) throw outcomeUnknown(draft.reference, error, run.id);
      edges.report({
        type: 'note',
        text: 'no ticket is there; registering again under the same key',
      });
    }
  }
}

/** Looks several times: the desk may still be at work on a request whose answer never came. */
async function settle(
  run: Run,
  reference: string,
  desk: ApiHelpDesk,
  edges: Edges,
  signal: AbortSignal,
): Promise<Ticket | undefined> {
  for (const waitMs of lookAfterMs) {
    edges.report({ type: 'note', text: `looking in ${waitMs / 1000} s whether the ticket is there all the same` });
    await edges.sleep(waitMs + desk.caps.searchLagMs, signal);
    signal.throwIfAborted();
    const found = await lookUp(run, reference, desk, edges, signal);
    if (found !== undefined) return found;
  }
  return undefined;
}

async function lookUp(
  run: Run,
  reference: string,
  desk: ApiHelpDesk,
  edges: Edges,
  signal: AbortSignal,
): Promise<Ticket | undefined> {
  const found = await withRetries(() => desk.findByReference(reference, signal), edges, signal);
  if (found.length <= 1) return found[0];
  throw new UserError(
    'ambiguous-reference',
    `several tickets have the reference ${reference}: ${found.map((ticket) => ticket.key).join(', ')}`,
    {
      exit: exitCode.helpDesk,
      hint: `None is chosen. Submit to the right one: icepack submit ${run.id} --ticket ${found[0]?.key}`,
    },
  );
}

function adopted(run: Run, ticket: Ticket, desk: ApiHelpDesk): Promise<Registered> {
  const ours = latest(run.journal, 'registering') !== undefined;
  return recorded(run, ticket, desk, { created: ours });
}

async function recorded(
  run: Run,
  ticket: Ticket,
  desk: ApiHelpDesk,
  how: { created: boolean; given?: true },
): Promise<Registered> {
  const { id, key, url } = ticket;
  await run.journal.write({ type: 'registered', origin: desk.origin, id, key, url, ...how });
  return { ticket, created: how.created };
}

/** It was dropped, or the answer is about somebody else's ticket. */
function referenceNotKept(ticket: Ticket, reference: string, run: string): UserError {
  const instead = ticket.reference === undefined ? 'no reference' : 'another reference';
  const message = `the registration was answered with ${ticket.key}, which has ${instead} instead of ${reference}`;
  return new UserError('reference-not-kept', message, {
    exit: exitCode.helpDesk,
    hint: `Nothing is attached on a guess. If it is your ticket: icepack submit ${run} --ticket ${ticket.key}`,
  });
}

function outcomeUnknown(reference: string, cause: unknown, run: string): UserError {
  return new UserError(
    'outcome-unknown',
    `whether the ticket with the reference ${reference} was registered is not known`,
    {
      exit: exitCode.helpDesk,
      hint: `Nothing is registered twice. Look at the help desk, then: icepack resume ${run} --it-is NUMBER, or --it-does-not-exist`,
      cause,
    },
  );
}

function noSuchTicket(key: string, run: string): UserError {
  return new UserError('no-such-ticket', `the help desk has no ticket ${key}`, {
    exit: exitCode.helpDesk,
    hint: `The bundle is kept. Name the right one: icepack submit ${run} --ticket NUMBER`,
  });
}

function anotherTicket(ticket: Ticket, key: string, run: string): UserError {
  return new UserError('another-ticket', `the help desk was asked for ${key} and answered with ${ticket.key}`, {
    exit: exitCode.helpDesk,
    hint: `Nothing is attached. If the two were merged: icepack submit ${run} --ticket ${ticket.key}`,
  });
}
