import { icepack } from '../domain/command.js';
import type { NextStep } from '../domain/next-step.js';
import { reopenUntil, type Ticket, type TicketState } from '../domain/ticket.js';
import { formatLocal } from '../domain/zone.js';
import type { TicketFilter } from '../helpdesk/help-desk.js';
import { asking, type DeskCall } from './ticket-call.js';

export type ListRequest = {
  /** Those that are not solved where nothing is said. */
  states?: TicketState[];
  scope: NonNullable<TicketFilter['scope']>;
  limit: number;
};

export type TicketList = {
  /** The newest change first. */
  tickets: Ticket[];
  /** Fixed ones whose two weeks end soon, the next first. */
  ending: Ticket[];
  /** There may be more than were asked for. */
  isCut: boolean;
};

const dayMs = 86_400_000;
const [reopenDays, soonDays] = [14, 4];

/** The tickets that are not solved, and those Fixed that can be reopened only a few days more. */
export async function listTickets({ states, scope, limit }: ListRequest, call: DeskCall): Promise<TicketList> {
  const { operator } = call;
  const tickets = await listed({ state: states ?? ['open', 'awaiting-information'], scope, limit }, call);
  const now = operator.now().getTime();
  const since = new Date(now - reopenDays * dayMs);
  const fixed = states === undefined ? await listed({ state: ['fixed'], updatedSince: since, scope }, call) : [];
  const ending = fixed.filter((ticket) => endsSoon(ticket, now)).reverse();
  return { tickets: tickets.slice(0, limit), ending, isCut: tickets.length >= limit };
}

async function listed(filter: TicketFilter, call: DeskCall): Promise<Ticket[]> {
  const tickets = await asking('the tickets were not read', call, () => call.desk.list(filter, call.signal));
  return tickets.toSorted((one, other) => changedMs(other) - changedMs(one));
}

function changedMs({ updatedAt }: Ticket): number {
  return Date.parse(updatedAt ?? '') || 0;
}

function endsSoon(ticket: Ticket, now: number): boolean {
  const leftMs = (reopenUntil(ticket)?.getTime() ?? Number.NEGATIVE_INFINITY) - now;
  return leftMs > 0 && leftMs <= soonDays * dayMs;
}

/** Whether support waits for us. */
export function awaitsUs({ state }: Ticket): boolean {
  return state === 'awaiting-information';
}

/** What can be done about the tickets of a list. @param zone the operator's */
export function stepsOf({ tickets, ending }: TicketList, zone: string): NextStep[] {
  const waiting = tickets.filter(awaitsUs).map(({ key }) => ({
    command: icepack('ticket', 'show', key),
    why: 'support waits for information from you',
  }));
  const soon = ending.map((ticket) => ({
    command: icepack('ticket', 'reopen', ticket.key),
    why: `if it is not solved, before ${untilText(ticket, zone)}`,
  }));
  return [...waiting, ...soon];
}

/** e.g. `2026-11-20 10:32 at the latest` */
export function untilText(ticket: Ticket, zone: string): string {
  const until = reopenUntil(ticket);
  return until === undefined ? 'its two weeks end' : `${formatLocal(until, zone)} at the latest`;
}
