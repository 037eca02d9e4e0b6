import { Command } from 'commander';
import type { Context } from '../../context.js';
import type { VerbOutcome } from '../../domain/line.js';
import * as parse from '../arguments.js';
import type { RunVerb } from '../verb.js';
import { atTicket } from './at-desk.js';

const examples = `
Through a pipe each fact is a line of values with tabs between them; the first
one says what it is: ticket, state, awaits, changed, reopen until, subject, url,
file (name, bytes, SHA-256, run), comment (time, author, public, text).

Examples:
  icepack ticket show TIC-1234
  icepack ticket show 1234 --json`;

export function showCommand(run: RunVerb): Command {
  const command = new Command('show');
  return command
    .description('show a ticket: state, comments, what is attached and the run it came from')
    .argument('<ticket>', 'its number', parse.ticketName)
    .addHelpText('after', examples)
    .action((ticket: string) => run(command, (context) => showVerb(ticket, context)));
}

async function showVerb(ticket: string, context: Context): Promise<VerbOutcome> {
  const { showTicket } = await import('../../ticket-desk/show.js');
  const { showAnswer } = await import('../../ticket-desk/show-text.js');
  const { byHand } = await import('../../ticket-desk/by-hand.js');
  return atTicket(context, ticket, 'show', ['show', ticket], {
    async byApi(call) {
      return showAnswer(await showTicket(call), context.now(), context.zone, context.columns);
    },
    byHand: async (desk, key) => byHand(desk, key, { todo: 'read it there' }),
  });
}
