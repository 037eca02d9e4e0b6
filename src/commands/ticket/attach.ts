import { Command } from 'commander';
import type { Context } from '../../context.js';
import type { VerbOutcome } from '../../domain/line.js';
import * as parse from '../arguments.js';
import { submitVerb } from '../submit.js';
import type { RunVerb } from '../verb.js';
import { atTicket } from './at-desk.js';

type AttachOptions = { yes?: boolean };

const examples = `
A run, or a ZIP that icepack made, goes there as icepack submit brings it. Any
other file is sent as it is, under its name, or with _2 where another file has
it; nothing in it is masked. The same file is attached once: after a lost answer
type the same again.

Examples:
  icepack ticket attach 1234 ./notes.txt
  icepack ticket attach 1234 20261120-1032-east-k3f9 --yes`;

export function attachCommand(run: RunVerb): Command {
  const command = new Command('attach');
  return command
    .description('attach a file or a bundle to a ticket, once')
    .argument('<ticket>', 'its number', parse.ticketName)
    .argument('<file|run>', 'a file, the id of a run, or a ZIP that icepack made')
    .option('--yes', 'attach without asking')
    .addHelpText('after', examples)
    .action((ticket: string, what: string, options: AttachOptions) =>
      run(command, (context) => attachVerb(ticket, what, options, context)),
    );
}

async function attachVerb(
  ticket: string,
  what: string,
  { yes = false }: AttachOptions,
  context: Context,
): Promise<VerbOutcome> {
  const { isStoredRun } = await import('../../runs/stored-run.js');
  const { runs } = await context.workplace();
  if (await isStoredRun(what, runs)) return submitVerb(what, { ticket, yes }, context, 'ticket attach');
  const { attachFile, attachByHand } = await import('../../ticket-desk/attach-file.js');
  return atTicket(context, ticket, 'attach', ['attach', ticket, what, ...(yes ? ['--yes'] : [])], {
    byApi: (call, { attachmentLimit: limit }) => attachFile({ path: what, limit, yes }, call),
    byHand: (desk, key, { attachmentLimit: limit }) =>
      attachByHand({ path: what, limit, yes }, desk, key, context.signal),
  });
}
