import { Command } from 'commander';
import type { Context } from '../context.js';
import { icepack, say } from '../domain/command.js';
import { defined } from '../domain/defined.js';
import { latest } from '../domain/journal.js';
import type { VerbOutcome } from '../domain/line.js';
import { type Severity, severities } from '../domain/ticket.js';
import type { Run } from '../state/runs.js';
import type { Operator } from '../ui/operator.js';
import * as parse from './arguments.js';
import { choice } from './choice.js';
import { firstDesk } from './first-desk.js';
import type { RunVerb } from './verb.js';

type SubmitVerbOptions = {
  ticket?: string;
  event?: number;
  summary?: string;
  description?: string;
  severity?: Severity;
  field?: Record<string, string>;
  answers?: string;
  fit?: boolean;
  output?: string;
  yes?: boolean;
};

const examples = `
Examples:
  icepack submit 20261120-1032-east-k3f9   register the ticket and attach
  icepack submit 20261120-1032-east-k3f9 --ticket 1234
  icepack submit 20261120-1032-east-k3f9 --answers case.yaml
  icepack submit ./TIC-pending_Event1_20261120_1032.zip --ticket 1234`;

export function submitCommand(run: RunVerb): Command {
  const command = new Command('submit');
  return command
    .description('send what was collected earlier: register or take the ticket, attach the bundle')
    .argument('<run|zip>', 'the id of a run, or a ZIP that icepack made')
    .option('--ticket <number>', 'the ticket it belongs to', parse.ticketName)
    .option('--route <name>', 'the help desk of this route of the configuration, whatever the hour')
    .option('--event <n>', 'the number of the event', parse.positiveInteger)
    .option('--summary <text>', 'the ticket in one line', parse.summaryLine)
    .option('--description <text>', 'more words; @FILE reads a file, - standard input')
    .addOption(choice('--severity <level>', 'low, medium, high or emergency', severities, parse.severity))
    .option('--field <name=value>', 'a field that the help desk asks for; may be repeated', parse.field)
    .option('--answers <file>', 'all that support asks, in a YAML file; - reads standard input')
    .option('--fit', 'over the limit: compress harder, then leave out what is needed least')
    .option('-o, --output <dir>', 'put the ZIP there too', parse.folder)
    .option('--yes', 'attach without asking')
    .addHelpText('after', examples)
    .action((what: string, options: SubmitVerbOptions) =>
      run(command, (context) => submitVerb(what, options, context)),
    );
}

/** @param verb the verb that was typed */
export async function submitVerb(
  what: string,
  options: SubmitVerbOptions,
  context: Context,
  verb = 'submit',
): Promise<VerbOutcome> {
  const { findStoredRun, intentOf, meantOf } = await import('../runs/stored-run.js');
  const { sendAgain } = await import('../collect/send-again.js');
  const { deskFor, refuseWithoutDesk } = await import('../tickets/choose-desk.js');
  const { documentOf } = await import('../domain/result.js');
  const { summaryOf } = await import('../collect/summary.js');
  const { keyAt } = await import('../tickets/key-at.js');
  const workplace = await context.workplace();
  const { operator, runs, program } = workplace;
  const first = await firstDesk(context);
  refuseWithoutDesk(first, 'Add helpdesk: to the configuration');
  const saidNow = await parse.saidOf(options, context);
  const { run } = await findStoredRun(what, runs, program);
  const { event, field: fields } = options;
  const given = defined({ ticket: options.ticket, route: context.options.route });
  const settings = await deskFor(first, { ...meantOf(run), ...given }, [run.journal], operator.now());
  const ticket = options.ticket && keyAt(settings.desk, options.ticket);
  const now = { ...saidNow, ...defined({ ticket, event, fields, route: given.route }), ...parse.bundleWishes(options) };
  const said = intentOf(run, now, settings);
  const submit = { yes: options.yes ?? false, saysOutput: options.output !== undefined };
  if (Object.keys(saidNow).length > 0) tellLate(run, ticket, operator);
  const { redaction: redact } = await context.config();
  const result = await sendAgain({ run, said, settings, redact }, submit, workplace, context.signal);
  return { exitCode: result.exitCode, lines: summaryOf(result), json: documentOf(verb, result) };
}

/** Words that come when the ticket is there already do not change it. */
function tellLate({ journal }: Run, ticket: string | undefined, operator: Operator): void {
  const registered = latest(journal, 'registered');
  if (registered === undefined || registered.byHand || (ticket !== undefined && ticket !== registered.key)) return;
  const hint = say`To add them: ${icepack('ticket', 'describe', registered.key)}`;
  operator.emit({
    type: 'warning',
    text: `${registered.key} is registered already: the new words are not sent to it`,
    hint,
  });
}
