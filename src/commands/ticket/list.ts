import { Command } from 'commander';
import type { Context } from '../../context.js';
import { defined } from '../../domain/defined.js';
import type { VerbOutcome } from '../../domain/line.js';
import { type TicketState, ticketStates } from '../../domain/ticket.js';
import * as parse from '../arguments.js';
import { choice } from '../choice.js';
import type { RunVerb } from '../verb.js';
import { atDesk, type Typed } from './at-desk.js';

type ListOptions = { state?: TicketState[]; mine?: boolean; limit: number };

const usualLimit = 50;

const examples = `
A ! marks what waits for your answer. Tickets that are Fixed and can be reopened
only a few days more stand below.
Through a pipe each ticket is a line of values with tabs between them: ticket,
state, the help desk's own name of it, "us" where it waits for you, changed,
end of the two weeks of a Fixed one, subject, address.

Examples:
  icepack ticket list
  icepack ticket list --mine --limit 10
  icepack ticket list --state fixed,closed`;

export function listCommand(run: RunVerb): Command {
  const command = new Command('list');
  return command
    .description('list the open tickets of your organisation, the newest change first')
    .addOption(
      choice('--state <state,...>', `in these states: ${ticketStates.join(', ')}`, ticketStates, parse.ticketStateList),
    )
    .option('--mine', 'only those of the account that icepack has')
    .option('--limit <n>', 'at most so many', parse.positiveInteger, usualLimit)
    .addHelpText('after', examples)
    .action((options: ListOptions) => run(command, (context) => listVerb(options, context)));
}

async function listVerb({ state: states, mine, limit }: ListOptions, context: Context): Promise<VerbOutcome> {
  const { listTickets } = await import('../../ticket-desk/list.js');
  const { listAnswer } = await import('../../ticket-desk/list-text.js');
  const { byHand } = await import('../../ticket-desk/by-hand.js');
  const filters = [...(states === undefined ? [] : ['--state', states.join(',')]), ...(mine ? ['--mine'] : [])];
  const typed: Typed = ['list', ...filters, ...(limit === usualLimit ? [] : ['--limit', String(limit)])];
  return atDesk(context, typed, {
    async byApi(call) {
      const request = { ...defined({ states }), scope: mine ? ('mine' as const) : ('organization' as const), limit };
      return listAnswer(await listTickets(request, call), call.desk.origin, context.zone, context.columns);
    },
    byHand: async (desk) => byHand(desk, undefined, { todo: 'look at your tickets there' }),
  });
}
