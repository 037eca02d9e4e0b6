import { icepack, say } from '../domain/command.js';
import type { OutputLine } from '../domain/line.js';
import { reopenUntil, type Ticket } from '../domain/ticket.js';
import { formatLocal } from '../domain/zone.js';
import type { Journal } from '../state/journal.js';
import { answerOf, changeState } from './change-state.js';
import { isKnown, minutesTold, postOnce } from './post-once.js';
import { aloneAt, readTicket, type TicketAnswer, type TicketCall } from './ticket-call.js';
import { askWork, closingText, type Work, workTitle } from './work.js';

/** @property yes nobody is asked @property to Fixed where somebody has to see first that it works */
export type Closing = { work: Work; yes: boolean; to?: 'fixed' | 'closed' };

/** What is written to the ticket, and what is left out of it, with why. */
type Plan = { work: Work; left: string[] };

/** Closes a ticket; what was done is written to it first. At a terminal it asks for that, and once whether to do it. */
export async function closeTicket(
  { work: given, yes, to = 'closed' }: Closing,
  first: TicketCall,
): Promise<TicketAnswer> {
  const ticket = await readTicket(first);
  const asked = yes || ticket.state === 'closed' ? undefined : first.operator.ask;
  const { work, call } =
    asked === undefined ? { work: given, call: first } : await askWork(given, ticket, asked, first);
  const told: string[] = [];
  if (asked !== undefined) {
    showPlan(await planFor(work, ticket, told, call), ticket, call);
    if (!(await asked.confirm(`Close ${ticket.key}?`, true))) return untouched(ticket);
  }
  return aloneAt(ticket, call, async () => {
    const now = await readTicket(call); // until it was alone, another icepack may have closed it
    return closed(await planFor(work, now, told, call), now, to, call);
  });
}

/** Plans, and says what is left out. @param told what was said of that already */
async function planFor(work: Work, ticket: Ticket, told: string[], call: TicketCall): Promise<Plan> {
  const plan = planOf(work, ticket, await call.journals.of(call.desk.origin, ticket.id));
  for (const text of plan.left.filter((each) => !told.includes(each))) call.operator.emit({ type: 'note', text });
  told.push(...plan.left);
  return plan;
}

/** A closed ticket gets nothing but a new summary, and no ticket the same hours twice. */
function planOf(work: Work, ticket: Ticket, journal: Journal): Plan {
  const text = closingText(work);
  if (text === undefined || isKnown(journal, ticket, text)) return { work, left: [] };
  const { summary, hours } = work;
  const onlySummary = summary === undefined ? {} : { summary };
  const isClosed = ticket.state === 'closed';
  if (isClosed && summary === undefined)
    return { work: {}, left: [`${ticket.key} is closed already: hours are written to it only with a new --summary`] };
  const told = hours === undefined ? undefined : minutesTold(journal, minutesOf(hours), isClosed);
  if (told) return { work: onlySummary, left: [toldBefore(told, `${hours} hours`, ticket)] };
  return { work, left: [] };
}

function toldBefore(told: 'yes' | 'maybe', hours: string, { key, url }: Ticket): string {
  if (told === 'yes') return `${key} was told of ${hours} before: they are not written again`;
  const settled = `To settle it, close it with the words of that time again, or look at ${url}`;
  return `${key} may have been told of ${hours} before, no answer came: they are not written again. ${settled}`;
}

function minutesOf(hours: number): number {
  return Math.round(hours * 60);
}

function showPlan({ work }: Plan, { key }: Ticket, { operator }: TicketCall): void {
  const text = closingText(work);
  const what = text === undefined ? `Nothing is written to ${key}` : `This is written to ${key} first:\n\n${text}\n`;
  operator.emit({ type: 'note', text: what, asked: true });
}

function untouched(ticket: Ticket): TicketAnswer {
  return answerOf(ticket, ticket, [{ text: 'Nothing was done.' }], { comment: null });
}

async function closed(
  { work, left }: Plan,
  ticket: Ticket,
  to: 'fixed' | 'closed',
  call: TicketCall,
): Promise<TicketAnswer> {
  const { desk, operator } = call;
  const text = closingText(work);
  const lacks: string[] = [];
  const said =
    text === undefined
      ? undefined
      : await postOnce({ text, ...timeOf(work), withoutHours: (why) => lacks.push(why) }, ticket, call);
  for (const why of lacks)
    operator.emit({
      type: 'warning',
      text: `the hours stand in the comment, and are not known to be in their field: ${why}`,
    });
  const after = await changeState(ticket, to, call);
  // Where the comment was there before, its hours may have been refused then: nobody looked now.
  const isEntered = said === 'posted' && desk.caps.hours === 'field' && work.hours !== undefined && lacks.length === 0;
  const told = said && toldLine(work, said, isEntered);
  const comment = text === undefined ? null : { text, posted: said === 'posted' };
  const [way, command] = wayBack(ticket, after, call);
  const fields = { comment, ...(left.length === 0 ? {} : { left }) };
  return { ...answerOf(ticket, after, [...(told ? [told] : []), ...way], fields), next: command };
}

function timeOf({ hours }: Work): { minutes?: number } {
  return hours === undefined ? {} : { minutes: minutesOf(hours) };
}

function toldLine(work: Work, said: 'posted' | 'there', isEntered: boolean): OutputLine {
  const where = said === 'posted' ? 'in a comment of it' : 'already in a comment of it';
  return { text: `${workTitle(work)} ${where}${isEntered ? '; the hours are in their field, too' : ''}.` };
}

const reopenDays = 14;

/** How to open it again, and until when the guide gives time for that. */
function wayBack(before: Ticket, after: Ticket, { desk, operator }: TicketCall): [OutputLine[], TicketAnswer['next']] {
  if (before.state === after.state) return [[], []];
  const { key, state } = after;
  if (state === 'other' || !desk.caps.reopenFrom.includes(state)) {
    const anew = icepack('collect', '--new-ticket');
    return [[{ text: say`This help desk does not reopen it; if it is not solved: ${anew}` }], []];
  }
  const usual = new Date(operator.now().getTime() + reopenDays * 86_400_000);
  const why = `if it is not solved, until ${formatLocal(reopenUntil(after) ?? usual, operator.zone)}`;
  const command = icepack('ticket', 'reopen', key);
  return [[{ text: say`To open it again, ${why}: ${command}` }], [{ command, why }]];
}
