import { Command } from 'commander';
import type { Context } from '../context.js';
import { icepack } from '../domain/command.js';
import { defined } from '../domain/defined.js';
import type { OutputLine, VerbOutcome } from '../domain/line.js';
import { exitCode } from '../errors.js';
import type { StoredIncident } from '../state/incidents.js';
import type { TicketAnswer } from '../ticket-desk/ticket-call.js';
import type { Work } from '../ticket-desk/work.js';
import * as parse from './arguments.js';
import { summaryOf } from './ticket/change.js';
import { userName } from './user-name.js';
import type { RunVerb } from './verb.js';

const examples = `
Its ticket becomes Fixed, and can be opened again for two weeks; with
--verified-by it is Closed. What was done, and the hours, are written to it.

Examples:
  icepack resolved I42 --hours 1.5 --summary "Disk replaced."
  icepack resolved I42 --summary @work.txt --verified-by "Kim Doe"`;

type ResolvedOptions = { summary?: string; hours?: number; verifiedBy?: string };

export function resolvedCommand(run: RunVerb): Command {
  const command = new Command('resolved');
  return command
    .description('say that an incident is repaired, with what was done and the hours it took')
    .argument('<incident>', 'its number, e.g. I42')
    .option('--summary <text>', 'what was done: words, @FILE, or - for standard input')
    .option('--hours <n>', 'how many hours it took, e.g. 1.5', parse.hours)
    .option('--verified-by <name>', 'who has seen that it works again: its ticket is closed', parse.summaryLine)
    .addHelpText('after', examples)
    .action((id: string, options: ResolvedOptions) => run(command, (context) => resolvedVerb(id, options, context)));
}

async function resolvedVerb(id: string, options: ResolvedOptions, context: Context): Promise<VerbOutcome> {
  const { openIncident, sayOf } = await import('../watch/incident/say.js');
  const { isResolved, membersOf } = await import('../watch/core/incidents.js');
  const { document, nextDocument } = await import('../domain/result.js');
  const { watch } = await context.workplace();
  const incident = await openIncident(id, watch.incidents);
  const { hours, verifiedBy } = options;
  const summary = options.summary === undefined ? undefined : await summaryOf(options.summary, context.signal);
  const verified = verifiedBy === undefined ? undefined : `Verified by ${verifiedBy}`;
  const text = [summary, verified].filter((part) => part !== undefined).join('\n\n');
  const by = userName(context.env);
  const saying = {
    by,
    ...(isResolved(incident.log) ? {} : { resolved: true as const }),
    ...(summary === undefined ? {} : { summary: { text: summary, ...defined({ hours }) } }),
  };
  await sayOf(incident, saying, watch.incidents);
  const bad = membersOf(incident.log).length;
  const lines: OutputLine[] = [
    { text: `${incident.id} is resolved (${by}).`, tone: 'good' },
    ...(bad > 0
      ? [{ text: `${bad === 1 ? '1 thing is' : `${bad} things are`} bad still.`, tone: 'warn' as const }]
      : []),
  ];
  const work: Work = defined({ summary: text === '' ? undefined : text, hours });
  const ticket = await atItsTicket(incident, work, options, context);
  const fields = { incident: incident.id, bad, ...ticket.fields, ...nextDocument(ticket.next) };
  return {
    exitCode: exitCode.ok,
    lines: [...lines, ...ticket.lines],
    json: document('resolved', exitCode.ok, fields),
  };
}

/** What is done at the ticket, with the words of before when it is typed again. */
async function atItsTicket(
  incident: StoredIncident,
  work: Work,
  { summary, hours, verifiedBy }: ResolvedOptions,
  context: Context,
): Promise<TicketAnswer> {
  const { ticketOf } = await import('../watch/incident/ticket.js');
  const { createdTicket } = await import('../domain/owed.js');
  const { closeTicket } = await import('../ticket-desk/close.js');
  const { byHand } = await import('../ticket-desk/by-hand.js');
  const { closingText } = await import('../ticket-desk/work.js');
  const known = ticketOf(incident) ?? createdTicket(incident.ticket);
  if (known === undefined) return { lines: [{ text: 'It has no ticket yet.' }], fields: {}, next: [] };
  const { desk } = await deskOf(incident, context);
  const to = verifiedBy === undefined ? 'fixed' : 'closed';
  if (desk.kind === 'portal') {
    const todo = `set its state to ${to === 'fixed' ? 'Fixed' : 'Closed'}`;
    const text = closingText(work);
    return byHand(desk, known.key, {
      todo: text === undefined ? todo : `paste this into a comment, then ${todo}`,
      text,
    });
  }
  const { operator, runs, tickets: journals } = await context.workplace();
  const words = [
    ...(summary === undefined ? [] : ['--summary', summary]),
    ...(hours === undefined ? [] : ['--hours', String(hours)]),
    ...(verifiedBy === undefined ? [] : ['--verified-by', verifiedBy]),
  ];
  const again = icepack('resolved', incident.id, ...words);
  const call = { desk, key: known.key, operator, runs, journals, signal: context.signal, again };
  return closeTicket({ work, yes: true, to }, call);
}

async function deskOf({ ticket }: StoredIncident, context: Context) {
  const { deskFor, deskOf: chosen } = await import('../tickets/choose-desk.js');
  const { firstDesk } = await import('./first-desk.js');
  const settings = await deskFor(await firstDesk(context), {}, [ticket], context.now());
  return { desk: chosen(settings) };
}
