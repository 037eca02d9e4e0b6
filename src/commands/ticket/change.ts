import { stat } from 'node:fs/promises';
import { Command, Option } from 'commander';
import type { Context } from '../../context.js';
import { defined } from '../../domain/defined.js';
import type { VerbOutcome } from '../../domain/line.js';
import { usageError } from '../../errors.js';
import * as parse from '../arguments.js';
import type { RunVerb } from '../verb.js';
import { atTicket, type Typed } from './at-desk.js';

type CloseOptions = { summary?: string; resolution?: string; hours?: number; yes?: boolean };

const closeExamples = `
The summary and the hours are written to the ticket first, once; where the help
desk has a field for hours, they are there, too. A terminal asks for them when
there is no --summary, shows what is written, and asks once. A ticket that is
closed already gets nothing but a new summary.

Examples:
  icepack ticket close 1234
  icepack ticket close 1234 --summary "Disk replaced." --hours 3.5
  icepack ticket close 1234 --summary @work.txt --hours 3.5`;

export function closeCommand(run: RunVerb): Command {
  const command = new Command('close');
  return command
    .description('close a ticket, with a summary of the work and its hours')
    .argument('<ticket>', 'its number', parse.ticketName)
    .option('--summary <text>', 'what was done: words, @FILE, or - for standard input')
    .addOption(new Option('--resolution <text>', 'the same as --summary').conflicts('summary'))
    .option('--hours <n>', 'how many hours it took, e.g. 3.5', parse.hours)
    .option('--yes', 'close without asking')
    .addHelpText('after', closeExamples)
    .action((ticket: string, options: CloseOptions) => run(command, (context) => closeVerb(ticket, options, context)));
}

const reopenExamples = `
A ticket that is Fixed can be reopened for two weeks, and later where the help
desk allows it; else, and where it does not reopen what is Closed, a new ticket
is the way.

Examples:
  icepack ticket reopen 1234`;

export function reopenCommand(run: RunVerb): Command {
  const command = new Command('reopen');
  return command
    .description('open a ticket again that is Fixed or Closed')
    .argument('<ticket>', 'its number', parse.ticketName)
    .addHelpText('after', reopenExamples)
    .action((ticket: string) => run(command, (context) => reopenVerb(ticket, context)));
}

async function closeVerb(
  ticket: string,
  { summary, resolution, hours, yes = false }: CloseOptions,
  context: Context,
): Promise<VerbOutcome> {
  const { closeTicket } = await import('../../ticket-desk/close.js');
  const { closingText } = await import('../../ticket-desk/work.js');
  const { byHand } = await import('../../ticket-desk/by-hand.js');
  const given = summary ?? resolution;
  const work = defined({ summary: given === undefined ? undefined : await summaryOf(given, context.signal), hours });
  const words = [
    ...(given === undefined ? [] : ['--summary', given]),
    ...(hours === undefined ? [] : ['--hours', String(hours)]),
    ...(yes ? ['--yes'] : []),
  ];
  const typed: Typed = ['close', ticket, ...words];
  return atTicket(context, ticket, 'close', typed, {
    byApi: (call) => closeTicket({ work, yes }, call),
    async byHand(desk, key) {
      const text = closingText(work);
      const first = text === undefined ? '' : 'paste this into a comment, then ';
      return byHand(desk, key, { todo: `${first}set its state to Closed`, text });
    },
  });
}

async function reopenVerb(ticket: string, context: Context): Promise<VerbOutcome> {
  const { reopenTicket } = await import('../../ticket-desk/change-state.js');
  const { byHand, reopenByHand } = await import('../../ticket-desk/by-hand.js');
  return atTicket(context, ticket, 'reopen', ['reopen', ticket], {
    byApi: reopenTicket,
    byHand: async (desk, key) => byHand(desk, key, reopenByHand),
  });
}

/** Words, or `@FILE`. What is the name of a file is no summary: neither it nor the file is published by mistake. @throws UserError `bad-text` */
export async function summaryOf(given: string, signal: AbortSignal): Promise<string> {
  if (given.trim() !== '' && (looksLikeFile.test(given) || (await isFile(given))))
    throw usageError(
      'bad-text',
      `--summary "${given}" is the name of a file`,
      `Write --summary @${given} for what is in it, or a sentence`,
    );
  const kind = { code: 'bad-text' as const, name: 'summary', option: '--summary ' };
  const text = await parse.textOrFile(given, signal, kind);
  if (text.trim() === '')
    throw usageError('bad-text', 'the summary is empty', 'Say what was done, or leave --summary out');
  return text.trim();
}

const looksLikeFile = /^[^\s@]\S*\.(txt|md|log|rst|adoc|html?)$/i;

function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}
