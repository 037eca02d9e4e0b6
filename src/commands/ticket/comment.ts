import { Command } from 'commander';
import type { Context } from '../../context.js';
import type { VerbOutcome } from '../../domain/line.js';
import { usageError } from '../../errors.js';
import type { Prompter } from '../../ui/prompter.js';
import * as parse from '../arguments.js';
import type { RunVerb } from '../verb.js';
import { atTicket, deskOf, type Typed } from './at-desk.js';

type SayOptions = { again?: boolean };

const commentExamples = `
The same words are written once, however often the command is typed: after a
lost answer, type the same again. --again writes them once more.
What you write is sent as it is: nothing in it is masked.

Examples:
  icepack ticket comment 1234 "The nodes are back since 11:05."
  icepack ticket comment 1234 @answer.txt
  icepack ticket comment 1234 - --again`;

export function commentCommand(run: RunVerb): Command {
  const command = new Command('comment');
  return command
    .description('write a comment to a ticket, once')
    .argument('<ticket>', 'its number', parse.ticketName)
    .argument('[text]', 'what to say; @FILE reads a file, - standard input; a terminal asks')
    .option('--again', 'also where the same words are there already')
    .addHelpText('after', commentExamples)
    .action((ticket: string, text: string | undefined, options: SayOptions) =>
      run(command, (context) => commentVerb(ticket, text, options, context)),
    );
}

const describeExamples = `
Without --description a terminal asks for it, and then the questions that
support has. It becomes a comment of the ticket, once.

Examples:
  icepack ticket describe 1234 --description "All tunnels of site 3 are down."
  icepack ticket describe 1234 --description @incident.txt`;

export function describeCommand(run: RunVerb): Command {
  const command = new Command('describe');
  return command
    .description('add a description to a ticket, and answers to what support usually asks')
    .argument('<ticket>', 'its number', parse.ticketName)
    .option('--description <text>', 'what happened; @FILE reads a file, - standard input')
    .option('--again', 'also where the same description is there already')
    .addHelpText('after', describeExamples)
    .action((ticket: string, options: SayOptions & { description?: string }) =>
      run(command, (context) => describeVerb(ticket, options, context)),
    );
}

async function commentVerb(
  ticket: string,
  given: string | undefined,
  { again }: SayOptions,
  context: Context,
): Promise<VerbOutcome> {
  const { askWords } = await import('../../ticket-desk/say-to.js');
  await deskOf(context); // before anything is typed
  const text = await wordsOf(given, 'TEXT', context, (ask) => askWords('What do you want to say to support?', ask));
  return say(
    { part: 'comment', ticket, text, again: again ?? false, typed: ['comment', ticket, given ?? text] },
    context,
  );
}

async function describeVerb(
  ticket: string,
  { description, again }: SayOptions & { description?: string },
  context: Context,
): Promise<VerbOutcome> {
  const { askDescription, descriptionText } = await import('../../ticket-desk/say-to.js');
  await deskOf(context);
  const said = await wordsOf(description, '--description TEXT', context, askDescription);
  const text = description === undefined ? said : descriptionText(said);
  // What was typed as an answer is not asked for once more: the same words are the same comment.
  const typed: Typed =
    description === undefined ? ['comment', ticket, text] : ['describe', ticket, '--description', description];
  return say({ part: 'describe', ticket, text, again: again ?? false, typed }, context);
}

/** @throws UserError `bad-text` where nothing is said */
async function wordsOf(
  given: string | undefined,
  missing: string,
  context: Context,
  askFor: (ask: Prompter) => Promise<string>,
): Promise<string> {
  const { operator } = await context.workplace();
  if (given === undefined && operator.ask !== undefined) return askFor(operator.ask);
  const kind = { code: 'bad-text' as const, name: 'text', option: '' };
  const text = given === undefined ? '' : await parse.textOrFile(given, context.signal, kind);
  if (text.trim() === '') throw usageError('bad-text', 'there is nothing to say', `Add ${missing}: words, @FILE or -`);
  return text.trim();
}

type Saying = { part: 'comment' | 'describe'; ticket: string; text: string; again: boolean; typed: Typed };

async function say({ part, ticket, text, again, typed }: Saying, context: Context): Promise<VerbOutcome> {
  const { sayTo } = await import('../../ticket-desk/say-to.js');
  const { byHand } = await import('../../ticket-desk/by-hand.js');
  const what = part === 'comment' ? 'comment' : 'description';
  return atTicket(context, ticket, part, typed, {
    byApi: (call) => sayTo({ text, repeat: again }, call, what),
    byHand: async (desk, key) => byHand(desk, key, { todo: 'paste this into a comment', text }),
  });
}
