import { icepack, placeholder, say, type Text } from '../domain/command.js';
import type { OutputLine } from '../domain/line.js';
import { reopenUntil, stateText, stateTitle, type Ticket, type TicketState } from '../domain/ticket.js';
import { formatLocal } from '../domain/zone.js';
import { exitCode, UserError } from '../errors.js';
import { HelpDeskError } from '../helpdesk/help-desk.js';
import { withRetries } from '../tickets/retry.js';
import { aloneAt, failure, readTicket, resultOf, type TicketAnswer, type TicketCall } from './ticket-call.js';

/** Opens a ticket again. @throws UserError `helpdesk-refused-transition` where only a new ticket helps */
export async function reopenTicket(call: TicketCall): Promise<TicketAnswer> {
  const ticket = await readTicket(call);
  const why = whyNotReopened(ticket, call);
  if (why !== undefined) throw refused(`${ticket.key} is ${stateText(ticket)}${why.reason}`, why.hint);
  tellLate(ticket, call);
  return aloneAt(ticket, call, async () => answerOf(ticket, await changeState(ticket, 'open', call)));
}

/** The two weeks are those of the guide; a help desk that reopens what is older is asked to. */
function tellLate(ticket: Ticket, { operator }: TicketCall): void {
  const until = reopenUntil(ticket);
  if (until === undefined || until > operator.now()) return;
  const ended = `${ticket.key} is Fixed, and its two weeks ended ${formatLocal(until, operator.zone)} at the latest`;
  operator.emit({ type: 'warning', text: `${ended}: it is opened again all the same, where the help desk allows it` });
}

function anew(key: string): Text {
  return say`Register a new ticket, and name ${key} in it: ${icepack('collect', '--new-ticket')}`;
}

function whyNotReopened(ticket: Ticket, { desk }: TicketCall): { reason: string; hint: Text } | undefined {
  const { state, key } = ticket;
  if (state === 'awaiting-information')
    return {
      reason: ': it is not closed, support waits for an answer',
      hint: say`Answer it: ${icepack('ticket', 'comment', key, placeholder('TEXT'))}`,
    };
  if (state !== 'open' && state !== 'other' && !desk.caps.reopenFrom.includes(state)) {
    const from = desk.caps.reopenFrom.map((each) => stateTitle[each]).join(' or ') || 'no state at all';
    return { reason: `, and this help desk reopens tickets only from ${from}`, hint: anew(key) };
  }
  return undefined;
}

const attempts = 3;

/** Brings a ticket into a state, and notes that it was seen in it. */
export async function changeState(ticket: Ticket, to: TicketState, call: TicketCall): Promise<Ticket> {
  const after = ticket.state === to ? ticket : await changed(ticket, to, call);
  const journal = await call.journals.of(call.desk.origin, ticket.id);
  await journal.write({ type: 'seen', id: ticket.id, state: after.state });
  return after;
}

/** A change whose answer was lost is looked at before it is asked for again. */
async function changed(ticket: Ticket, to: TicketState, call: TicketCall): Promise<Ticket> {
  const { desk, operator, signal } = call;
  for (let attempt = 1; ; attempt++) {
    try {
      return await withRetries(() => desk.setState(ticket.id, to, {}, signal), operator, signal);
    } catch (error) {
      const isKnown = error instanceof HelpDeskError;
      if (isKnown && error.kind === 'refused-transition')
        throw refused(
          `${ticket.key} stays ${stateText(ticket)}: ${error.message}`,
          to === 'open'
            ? anew(ticket.key)
            : say`Ask support for it: ${icepack('ticket', 'comment', ticket.key, placeholder('TEXT'))}`,
        );
      const isLost = isKnown && (error.maybeApplied || error.kind === 'conflict');
      if (!isLost || attempt === attempts)
        throw failure(`${ticket.key} was not seen to be ${stateTitle[to]}`, error, call);
      operator.emit({ type: 'note', text: `${error.message}; looking at the ticket` });
    }
  }
}

function refused(message: string, hint: Text): UserError {
  return new UserError('helpdesk-refused-transition', message, { exit: exitCode.helpDesk, hint });
}

export function answerOf(
  before: Ticket,
  after: Ticket,
  more: OutputLine[] = [],
  fields: TicketAnswer['fields'] = {},
): TicketAnswer {
  const changed = before.state !== after.state;
  const text = `${after.key} is ${stateText(after)}${changed ? `; it was ${stateText(before)}` : ' already'}  ${after.url}`;
  return {
    lines: [{ text, ...(changed ? { tone: 'good' as const } : {}) }, ...more],
    fields: { ticket: resultOf(after), before: before.state, changed, ...fields },
    next: [],
  };
}
