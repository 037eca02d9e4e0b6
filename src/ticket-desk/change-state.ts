import { icepack, placeholder, say, type Text } from '../domain/command.js';
import type { OutputLine } from '../domain/line.js';
import { reopenUntil, stateText, stateTitle, type Ticket, type TicketState } from '../domain/ticket.js';
import { formatLocal } from '../domain/zone.js';
import { exitCode, UserError } from '../errors.js';
import { HelpDeskError } from '../helpdesk/help-desk.js';
import { withRetries } from '../tickets/retry.js';
import { postOnce } from './post-once.js';
import { aloneAt, failure, readTicket, resultOf, type TicketAnswer, type TicketCall } from './ticket-call.js';

/** The work that solved it: a summary, and the hours it took. */
export type Work = { summary?: string; hours?: number };

/** Closes a ticket; what was done is written to it first, also where it is closed already. */
export async function closeTicket(work: Work, call: TicketCall): Promise<TicketAnswer> {
  const ticket = await readTicket(call);
  return aloneAt(ticket, call, async () => {
    const text = closingText(work, call.desk.caps.hours === 'field');
    const minutes = work.hours === undefined ? {} : { minutes: Math.round(work.hours * 60) };
    const said = text === undefined ? undefined : await postOnce({ text, ...minutes }, ticket, call);
    const closed = await changeState(ticket, 'closed', call);
    const summary = said && [
      { text: `${workTitle(work)} ${said === 'posted' ? 'in' : 'already in'} a comment of it.` },
    ];
    return answerOf(ticket, closed, [...(summary ?? [])], {
      comment: text === undefined ? null : { text, posted: said === 'posted' },
    });
  });
}

function workTitle({ summary, hours }: Work): string {
  const what = [...(summary === undefined ? [] : ['The summary']), ...(hours === undefined ? [] : ['the hours'])];
  const title = what.join(' and ');
  return `${title.charAt(0).toUpperCase()}${title.slice(1)} ${what.length > 1 || summary === undefined ? 'are' : 'is'}`;
}

/** The closing comment; undefined where nothing is to be said. @param elsewhere the hours have a place of their own */
export function closingText({ summary, hours }: Work, elsewhere = false): string | undefined {
  const lines = [
    ...(summary === undefined ? [] : [`Summary of the work\n\n${summary.trim()}`]),
    ...(hours === undefined || (elsewhere && summary !== undefined) ? [] : [`Hours: ${hours}`]),
  ];
  return lines.length === 0 ? undefined : lines.join('\n\n');
}

/** Opens a ticket again. @throws UserError `helpdesk-refused-transition` where only a new ticket helps */
export async function reopenTicket(call: TicketCall): Promise<TicketAnswer> {
  const ticket = await readTicket(call);
  const why = whyNotReopened(ticket, call);
  if (why !== undefined) throw refused(`${ticket.key} is ${stateText(ticket)}${why.reason}`, why.hint);
  return aloneAt(ticket, call, async () => answerOf(ticket, await changeState(ticket, 'open', call)));
}

function whyNotReopened(ticket: Ticket, { desk, operator }: TicketCall): { reason: string; hint: Text } | undefined {
  const { state, key } = ticket;
  const until = reopenUntil(ticket);
  const anew = say`Register a new ticket, and name ${key} in it: ${icepack('collect', '--new-ticket')}`;
  if (state === 'awaiting-information')
    return {
      reason: ': it is not closed, support waits for an answer',
      hint: say`Answer it: ${icepack('ticket', 'comment', key, placeholder('TEXT'))}`,
    };
  if (until !== undefined && until < operator.now())
    return { reason: `, and its two weeks ended ${formatLocal(until, operator.zone)} at the latest`, hint: anew };
  if (state !== 'open' && state !== 'other' && !desk.caps.reopenFrom.includes(state)) {
    const from = desk.caps.reopenFrom.map((each) => stateTitle[each]).join(' or ') || 'no state at all';
    return { reason: `, and this help desk reopens tickets only from ${from}`, hint: anew };
  }
  return undefined;
}

const attempts = 3;

/** A change whose answer was lost is looked at before it is asked for again. */
async function changeState(ticket: Ticket, to: TicketState, call: TicketCall): Promise<Ticket> {
  const { desk, operator, signal } = call;
  if (ticket.state === to) return ticket;
  for (let attempt = 1; ; attempt++) {
    try {
      return await withRetries(() => desk.setState(ticket.id, to, {}, signal), operator, signal);
    } catch (error) {
      const isKnown = error instanceof HelpDeskError;
      if (isKnown && error.kind === 'refused-transition')
        throw refused(
          `${ticket.key} stays ${stateText(ticket)}: ${error.message}`,
          say`Ask support for it: ${icepack('ticket', 'comment', ticket.key, placeholder('TEXT'))}`,
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

function answerOf(
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
