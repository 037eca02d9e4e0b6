import { icepack, placeholder, say } from '../domain/command.js';
import type { OutputLine } from '../domain/line.js';
import { cutText, printableLine } from '../domain/text.js';
import { reopenUntil, stateText, type Ticket } from '../domain/ticket.js';
import { formatLocal } from '../domain/zone.js';
import { awaitsUs, stepsOf, type TicketList, untilText } from './list.js';
import { tabbed } from './tabbed.js';
import type { TicketAnswer } from './ticket-call.js';

/** @param columns of the terminal; without one, a line of tab-separated values for each ticket */
export function listAnswer(list: TicketList, origin: string, zone: string, columns: number | undefined): TicketAnswer {
  const { tickets, ending, isCut } = list;
  const lines = columns === undefined ? [...tickets, ...ending].map(tabbedTicket) : tableLines(list, zone, columns);
  const fields = { desk: origin, tickets: tickets.map(documentOf), ending: ending.map(documentOf), cut: isCut };
  return { lines, fields, next: stepsOf(list, zone) };
}

function documentOf(ticket: Ticket) {
  const { id, key, url, subject, state, nativeState, updatedAt } = ticket;
  const until = reopenUntil(ticket)?.toISOString() ?? null;
  return {
    ...{ id, key, url, subject, state, nativeState, awaitsUs: awaitsUs(ticket) },
    ...{ updatedAt: updatedAt ?? null, reopenUntil: until },
  };
}

function tabbedTicket(ticket: Ticket): OutputLine {
  const { key, state, nativeState, awaitsUs: awaits, updatedAt, reopenUntil: until, subject, url } = documentOf(ticket);
  return { text: tabbed([key, state, nativeState, awaits ? 'us' : '', updatedAt, until, subject, url]) };
}

const headings = { mark: ' ', key: 'TICKET', state: 'STATE', changed: 'CHANGED', subject: 'SUBJECT' };
type Row = typeof headings;
const widest = 100;
const narrowestSubject = 12;

function tableLines({ tickets, ending, isCut }: TicketList, zone: string, columns: number): OutputLine[] {
  const [head = '', ...rows] = tableOf([headings, ...tickets.map((ticket) => rowOf(ticket, zone))], columns);
  return [
    ...(tickets.length === 0
      ? [{ text: 'There are no such tickets.' }]
      : [
          { text: `Times are those of ${zone}.`, tone: 'dim' as const },
          { text: head, tone: 'strong' as const },
          ...rows.map((text, at) => ({
            text,
            ...(tickets[at] && awaitsUs(tickets[at]) ? { tone: 'warn' as const } : {}),
          })),
        ]),
    ...(isCut ? [{ text: 'There may be more; --limit shows them.', tone: 'dim' as const }] : []),
    ...waitingLines(tickets.filter(awaitsUs)),
    ...ending.flatMap((ticket) => endingLines(ticket, zone)),
  ];
}

function waitingLines(waiting: readonly Ticket[]): OutputLine[] {
  const [first] = waiting;
  if (first === undefined) return [];
  const command = icepack(
    'ticket',
    'comment',
    waiting.length === 1 ? first.key : placeholder('TICKET'),
    placeholder('TEXT'),
  );
  return [{ text: '' }, { text: '! Support waits for your answer:' }, { text: say`  ${command}` }];
}

function endingLines(ticket: Ticket, zone: string): OutputLine[] {
  return [
    { text: '' },
    { text: `${ticket.key} is ${stateText(ticket)}, and can be reopened until ${untilText(ticket, zone)}:` },
    { text: say`  ${icepack('ticket', 'reopen', ticket.key)}` },
  ];
}

function rowOf(ticket: Ticket, zone: string): Row {
  const { key, subject, updatedAt } = ticket;
  return {
    mark: awaitsUs(ticket) ? '!' : ' ',
    key,
    state: printableLine(stateText(ticket), 40),
    changed: updatedAt === undefined ? '-' : formatLocal(new Date(updatedAt), zone),
    subject: printableLine(subject),
  };
}

/** Lines of equal columns; the subject has what is left. */
function tableOf(rows: readonly Row[], columns: number): string[] {
  const width = (key: keyof Row) => Math.max(...rows.map((row) => row[key].length));
  const [key, state, changed] = [width('key'), Math.min(width('state'), 28), width('changed')];
  const left = Math.max(Math.min(columns, widest) - (key + state + changed + 8), narrowestSubject);
  return rows.map((row) => {
    const cells = [row.key.padEnd(key), cutText(row.state, state).padEnd(state), row.changed.padEnd(changed)];
    return `${row.mark} ${[...cells, printableLine(row.subject, left)].join('  ')}`.trimEnd();
  });
}
