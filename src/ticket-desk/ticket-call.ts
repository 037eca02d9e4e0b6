import { type Command, icepack, say } from '../domain/command.js';
import type { OutputLine } from '../domain/line.js';
import type { NextStep } from '../domain/next-step.js';
import type { TicketResult } from '../domain/result.js';
import type { Ticket } from '../domain/ticket.js';
import { exitCode, UserError } from '../errors.js';
import { type ApiHelpDesk, HelpDeskError } from '../helpdesk/help-desk.js';
import type { RunStore } from '../state/runs.js';
import type { TicketJournals } from '../state/ticket-journals.js';
import { interruption } from '../tickets/ended-early.js';
import { helpDeskFailed, withRetries } from '../tickets/retry.js';
import type { Operator } from '../ui/operator.js';

/** What it takes to ask a help desk something. */
export type DeskCall = {
  desk: ApiHelpDesk;
  operator: Operator;
  signal: AbortSignal;
  /** The command that was typed, to be typed again. */
  again: Command;
};

/** What it takes to work on one ticket. */
export type TicketCall = DeskCall & {
  /** As people call it. */
  key: string;
  runs: RunStore;
  journals: TicketJournals;
};

/** What a verb has to say: to people, and in its document. */
export type TicketAnswer = { lines: OutputLine[]; fields: Record<string, unknown>; next: NextStep[] };

/** Asks the help desk; repeats what may go better. @throws UserError with the command to type again */
export async function asking<T>(what: string, call: DeskCall, work: () => Promise<T>): Promise<T> {
  try {
    return await withRetries(work, call.operator, call.signal);
  } catch (error) {
    throw failure(what, error, call);
  }
}

/** A failure as the operator sees it. @param what did not come about @param kept what to know before it is done again */
export function failure(what: string, error: unknown, { signal, again }: DeskCall, kept = ''): unknown {
  if (!signal.aborted) return helpDeskFailed(what, error, again, kept);
  const { code, message, exit } = interruption(signal);
  return new UserError(code, message, { exit, hint: say`Go on with: ${again}` });
}

/** @throws UserError `no-such-ticket`, `another-ticket`, or of the help desk */
export async function readTicket(call: TicketCall): Promise<Ticket> {
  const { desk, key, signal } = call;
  const ticket = await asking(`${key} was not read`, call, () =>
    desk.get(key, signal).catch((error: unknown) => {
      if (error instanceof HelpDeskError && error.kind === 'not-found') throw noSuchTicket(key);
      throw error;
    }),
  );
  if (ticket.key.toLowerCase() !== key.toLowerCase()) throw anotherTicket(ticket, key);
  return ticket;
}

/** Does the work while no other icepack on this machine works on the ticket. @throws UserError `busy` */
export async function aloneAt<T>({ id, key }: Ticket, call: TicketCall, work: () => Promise<T>): Promise<T> {
  const { desk, runs, again } = call;
  const unlock = await runs.lock(`ticket ${desk.origin} ${id}`).catch((error: unknown) => {
    if (!(error instanceof UserError) || error.code !== 'busy') throw error;
    const hint = say`${error.hint ?? ''}. When that one has ended: ${again}`;
    throw new UserError('busy', `another icepack is at work on ${key}`, { exit: error.exit, hint, cause: error });
  });
  try {
    return await work();
  } finally {
    unlock();
  }
}

export function resultOf({ id, key, url, state }: Ticket): TicketResult {
  return { id, key, url, state, created: false };
}

function noSuchTicket(key: string): UserError {
  const hint = say`See those there are: ${icepack('ticket', 'list')}`;
  return new UserError('no-such-ticket', `the help desk has no ticket ${key}`, { exit: exitCode.helpDesk, hint });
}

function anotherTicket(ticket: Ticket, key: string): UserError {
  return new UserError('another-ticket', `the help desk was asked for ${key} and answered with ${ticket.key}`, {
    exit: exitCode.helpDesk,
    hint: `Nothing was done. If the two were merged, name ${ticket.key}`,
  });
}
