import { Command, InvalidArgumentError } from 'commander';
import type { Context } from '../context.js';
import { icepack, say } from '../domain/command.js';
import { defined } from '../domain/defined.js';
import type { OutputLine, VerbOutcome } from '../domain/line.js';
import { formatLocal } from '../domain/zone.js';
import { exitCode, UserError, usageError } from '../errors.js';
import type { StoredIncident } from '../state/incidents.js';
import * as parse from './arguments.js';
import { userName } from './user-name.js';
import type { RunVerb } from './verb.js';

const examples = `
What is said here counts at once, also for a watch that is at work.

Examples:
  icepack ack I42
  icepack ack I42 --note "on my way" --for 2h
  icepack ack I42 --ticket 1234   it has this ticket
  icepack ack I42 --ticket new    its ticket is gone, and it gets a new one
  icepack ack I42 --undo          somebody else has to take it
  icepack ack --mail -            an answer by mail, from the mail server

With --mail nothing is printed, which some mail servers send back; --verbose
says what became of the mail. Exit codes then: 0 it was read, whatever it said;
75 its answer cannot be noted now: the mail server tries again.`;

type AckOptions = { note?: string; for?: number; ticket?: string; by?: string; undo?: boolean; mail?: string };

const usualMs = 4 * 3_600_000;

export function ackCommand(run: RunVerb): Command {
  const command = new Command('ack');
  return command
    .description('say that you have an incident: nobody else is asked to take it; or which ticket it has')
    .argument('[incident]', 'its number, e.g. I42')
    .option('--note <text>', 'what others should know', parse.summaryLine)
    .option('--for <time>', 'how long it is yours (default: ackFor:, 4h)', parse.days)
    .option('--ticket <number>', 'the ticket it has; new: another one, where its own is gone', ticketOrNew)
    .option('--by <person>', 'who has it, as people: calls them (default: you)', parse.summaryLine)
    .option('--undo', 'you have it no longer')
    .option('--mail <->', 'the mail on standard input answers a page: icepack help escalation', standardInput)
    .addHelpText('after', examples)
    .action((id: string | undefined, options: AckOptions) =>
      run(command, (context) =>
        options.mail === undefined ? ackVerb(idOf(id), options, context) : mailVerb(id, options, context),
      ),
    );
}

const anew = 'new';

function ticketOrNew(value: string): string {
  return value.trim().toLowerCase() === anew ? anew : parse.ticketName(value);
}

function standardInput(value: string): string {
  if (value === '-') return value;
  throw new InvalidArgumentError('Only - is possible: the mail comes on standard input.');
}

function idOf(id: string | undefined): string {
  if (id !== undefined) return id;
  throw usageError('usage', 'ack needs the number of an incident', say`See them: ${icepack('watch', 'status')}`);
}

const maxMailBytes = 1024 * 1024;

/** Whatever goes wrong, nobody gets their mail back: it is tried again. What is printed would be sent back, too. */
async function mailVerb(id: string | undefined, options: AckOptions, context: Context): Promise<VerbOutcome> {
  const { document, documentOfFailure } = await import('../domain/result.js');
  if (id !== undefined || Object.keys(options).length > 1)
    throw usageError('contradiction', '--mail goes with nothing else', 'The mail says which incident, and who has it');
  const shown = (line: OutputLine): OutputLine[] => (context.isWatched ? [line] : []);
  try {
    const { outcome, line } = await takenMail(context);
    return { exitCode: exitCode.ok, lines: shown(line), json: document('ack', exitCode.ok, { mail: outcome }) };
  } catch (error) {
    if (!(error instanceof UserError) || context.signal.aborted) throw error;
    const { code, message, hint = null } = error;
    const json = documentOfFailure('ack', exitCode.later, { code, message, hint });
    return { exitCode: exitCode.later, lines: shown({ text: message, tone: 'bad' }), json };
  }
}

async function takenMail(context: Context) {
  const { takeMail } = await import('../watch/replies/take-mail.js');
  const { outcomeLine } = await import('../watch/replies/outcome-text.js');
  const mail = await context.input(maxMailBytes);
  const { watch } = await context.workplace();
  await watch.refuseExposed();
  const { escalation } = await context.config();
  if (escalation === undefined) throw usageError('setup-incomplete', 'the configuration names nobody to tell');
  const outcome = await takeMail(mail, escalation, watch);
  const why = 'why' in outcome ? `: ${outcome.why}` : '';
  const line = outcomeLine(outcome, 'mail', escalation) ?? { text: `the mail is no answer${why}` };
  return { outcome, line };
}

async function ackVerb(id: string, options: AckOptions, context: Context): Promise<VerbOutcome> {
  const { openIncident, sayOf } = await import('../watch/incident/say.js');
  const { document } = await import('../domain/result.js');
  const { ticket, undo, note } = options;
  const { watch, operator } = await context.workplace();
  await watch.refuseExposed();
  const { escalation } = await context.config();
  const forMs = options.for ?? escalation?.ackForMs ?? usualMs;
  const isWithMore = note !== undefined || options.for !== undefined;
  if (undo && (isWithMore || ticket !== undefined))
    throw usageError('contradiction', '--undo goes with nothing else', 'Leave out --note, --for and --ticket');
  const incident = await openIncident(id, watch.incidents);
  if (ticket === anew) return newTicketVerb(incident, { ...options, by: options.by ?? userName(context.env) }, context);
  const isTaken = !undo && (ticket === undefined || isWithMore);
  const by = options.by ?? userName(context.env);
  const saying = {
    by,
    ...(undo ? { unacknowledged: true as const } : {}),
    ...defined({ ticket, acknowledged: isTaken ? { forMs, ...defined({ note }) } : undefined }),
  };
  const said = await sayOf(incident, saying, watch.incidents);
  const until = formatLocal(new Date(operator.now().getTime() + forMs), operator.zone);
  const lines: OutputLine[] = [
    ...(ticket === undefined ? [] : [good(`${incident.id} has the ticket ${ticket}.`)]),
    ...(isTaken ? [good(`${incident.id} is yours (${by}) until ${until}.`)] : []),
    ...(undo ? [{ text: `${incident.id} is nobody's now.` }] : []),
  ];
  return { exitCode: exitCode.ok, lines, json: document('ack', exitCode.ok, { incident: incident.id, said }) };
}

/** What is bad goes on in another incident, which gets a ticket as each does. @throws UserError where there is no need for one */
async function newTicketVerb(
  incident: StoredIncident,
  { note, for: forMs, by }: AckOptions & { by: string },
  context: Context,
): Promise<VerbOutcome> {
  const { refuseNewTicket, sayOf } = await import('../watch/incident/say.js');
  const { document } = await import('../domain/result.js');
  if (note !== undefined || forMs !== undefined)
    throw usageError('contradiction', '--ticket new goes with --by alone', 'Leave out --note and --for');
  refuseNewTicket(incident);
  const { watch } = await context.workplace();
  const said = await sayOf(incident, { by, replaced: true }, watch.incidents);
  const text = `${incident.id} has ended; what is bad of it is another incident from the next look on, with a new ticket.`;
  return {
    exitCode: exitCode.ok,
    lines: [good(text)],
    json: document('ack', exitCode.ok, { incident: incident.id, said }),
  };
}

function good(text: string): OutputLine {
  return { text, tone: 'good' };
}
