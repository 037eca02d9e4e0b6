import { icepack } from '../domain/command.js';
import { stateText, type Ticket } from '../domain/ticket.js';
import { readHours } from '../domain/work-hours.js';
import type { Prompter } from '../ui/prompter.js';
import type { TicketCall } from './ticket-call.js';

/** The work that solved it: a summary, and the hours it took. */
export type Work = { summary?: string; hours?: number };

/** The closing comment; undefined where nothing is to be said. It tells the hours also where they have a field. */
export function closingText({ summary, hours }: Work): string | undefined {
  const lines = [
    ...(summary === undefined ? [] : [`Summary of the work\n\n${summary.trim()}`]),
    ...(hours === undefined ? [] : [`Hours: ${hours}`]),
  ];
  return lines.length === 0 ? undefined : lines.join('\n\n');
}

export function workTitle({ summary, hours }: Work): string {
  const what = [...(summary === undefined ? [] : ['The summary']), ...(hours === undefined ? [] : ['the hours'])];
  const title = what.join(' and ');
  return `${title.charAt(0).toUpperCase()}${title.slice(1)} ${what.length > 1 || summary === undefined ? 'are' : 'is'}`;
}

/** Asks for the work where nothing was said of it. @returns also the command that says the same */
export async function askWork(
  given: Work,
  ticket: Ticket,
  ask: Prompter,
  call: TicketCall,
): Promise<{ work: Work; call: TicketCall }> {
  if (given.summary !== undefined) return { work: given, call };
  const summary = await askSummary(ticket, ask);
  const hours = given.hours ?? (await askHours(ask));
  const work = { ...(summary === '' ? {} : { summary }), ...(hours === undefined ? {} : { hours }) };
  const words = [
    ...(summary === '' ? [] : ['--summary', summary]),
    ...(hours === undefined ? [] : ['--hours', String(hours)]),
  ];
  return { work, call: { ...call, again: icepack('ticket', 'close', ticket.key, ...words) } };
}

async function askSummary(ticket: Ticket, ask: Prompter): Promise<string> {
  for (;;) {
    const summary = (await ask.long(`${ticket.key} is ${stateText(ticket)}. What was done?`)).trim();
    if (summary !== '' || (await ask.confirm('Close it without a summary of the work?', false))) return summary;
  }
}

async function askHours(ask: Prompter): Promise<number | undefined> {
  const validate = (text: string) =>
    text.trim() === '' || readHours(text) !== undefined ? undefined : 'Write it like 3.5';
  return readHours(await ask.text('How many hours did it take? (Enter: none)', { validate }));
}
