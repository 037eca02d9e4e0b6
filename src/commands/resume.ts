import { Command } from 'commander';
import type { Context } from '../context.js';
import { defined } from '../domain/defined.js';
import type { Intent } from '../domain/journal.js';
import type { VerbOutcome } from '../domain/line.js';
import { isOutcomeUnknown, isWithoutTicket } from '../domain/owed.js';
import type { RunResult } from '../domain/result.js';
import { usageError } from '../errors.js';
import type { DeskSettings } from '../helpdesk/desk-settings.js';
import type { Owed } from '../runs/resume.js';
import type { Workplace } from '../servers/workplace.js';
import type { Run } from '../state/runs.js';
import type { Operator } from '../ui/operator.js';
import * as parse from './arguments.js';
import { firstDesk } from './first-desk.js';
import type { RunVerb } from './verb.js';

type ResumeOptions = { itIs?: string; itDoesNotExist?: boolean; fit?: boolean; output?: string; yes?: boolean };

const examples = `
Examples:
  icepack resume   the newest run that owes something
  icepack resume 20261120-1032-east-k3f9
  icepack resume 20261120-1032-east-k3f9 --it-is TIC-1234`;

export function resumeCommand(run: RunVerb): Command {
  const command = new Command('resume');
  return command
    .description('take up what a run still owes: missing evidence, the ticket, the attachment')
    .argument('[run]', 'the id of a run (default: the newest that owes something)')
    .option('--it-is <ticket>', 'the ticket whose answer was lost is this one', parse.ticketName)
    .option('--it-does-not-exist', 'you have looked: no ticket was registered; register it')
    .option('--fit', 'over the limit: compress harder, then leave out what is needed least')
    .option('-o, --output <dir>', 'put the ZIP there too', parse.folder)
    .option('--yes', 'attach without asking')
    .addHelpText('after', examples)
    .action((id: string | undefined, options: ResumeOptions) =>
      run(command, (context) => resumeVerb(id, options, context)),
    );
}

async function resumeVerb(id: string | undefined, options: ResumeOptions, context: Context): Promise<VerbOutcome> {
  if (options.itIs !== undefined && options.itDoesNotExist)
    throw usageError('contradiction', '--it-is and --it-does-not-exist exclude each other', 'Give one of them');
  const { keyAt } = await import('../tickets/key-at.js');
  const { findOwed, settleByHand } = await import('../runs/resume.js');
  const { documentOf } = await import('../domain/result.js');
  const { summaryOf } = await import('../collect/summary.js');
  const workplace = await context.workplace();
  const { operator, runs } = workplace;
  const owed = await findOwed(id, operator, runs);
  const { path } = await context.config();
  context.ui.emit({ type: 'note', text: `run ${owed.run.id}, configuration ${path}` });
  await settleByHand(owed.run, {
    ...defined({ itIs: options.itIs }),
    ...(options.itDoesNotExist ? { doesNotExist: true } : {}),
  });
  const settings = await settingsOf(owed.run, options.itIs, context, operator);
  const said = saidNow(options, options.itIs && keyAt(settings.desk, options.itIs));
  const result = await takeUp(owed, { ...options, said }, settings, context, workplace);
  return { exitCode: result.exitCode, lines: summaryOf(result), json: documentOf('resume', result) };
}

/** The help desk where the run began; else the one for a ticket that is registered now. */
async function settingsOf(
  run: Run,
  ticket: string | undefined,
  context: Context,
  operator: Operator,
): Promise<DeskSettings> {
  const { deskFor } = await import('../tickets/choose-desk.js');
  const { meantOf } = await import('../runs/stored-run.js');
  const hasTicket = !isWithoutTicket(run.journal);
  const first = await firstDesk(context, hasTicket);
  if (!hasTicket) return first;
  return deskFor(first, { ...meantOf(run), ...defined({ ticket }) }, [run.journal], operator.now());
}

async function takeUp(
  owed: Owed,
  options: Pick<ResumeOptions, 'yes' | 'output'> & { said: Intent },
  settings: DeskSettings,
  context: Context,
  workplace: Workplace,
): Promise<RunResult> {
  const { operator } = workplace;
  if (owed.waits !== undefined) {
    const { tooEarly } = await import('../collect/too-early.js');
    return tooEarly(owed.run, owed.waits, settings, operator);
  }
  return owed.collect === undefined || isOutcomeUnknown(owed.run.journal) // a ticket that may exist is settled first
    ? submitAgain(owed, options, settings, context, workplace)
    : collectAgain(owed, options, settings, context, workplace);
}

async function submitAgain(
  { run }: Owed,
  options: Pick<ResumeOptions, 'yes' | 'output'> & { said: Intent },
  settings: DeskSettings,
  context: Context,
  workplace: Workplace,
): Promise<RunResult> {
  const { intentOf } = await import('../runs/stored-run.js');
  const { sendAgain } = await import('../collect/send-again.js');
  const said = intentOf(run, options.said, settings);
  const submit = { yes: options.yes ?? false, saysOutput: options.output !== undefined };
  const { redaction: redact } = await context.config();
  return sendAgain({ run, said, settings, redact }, submit, workplace, context.signal);
}

function saidNow(options: ResumeOptions, ticket: string | undefined): Intent {
  return { ...defined({ ticket }), ...parse.bundleWishes(options) };
}

/** Asks the servers for what is missing, as a run of its own that takes over the rest. */
async function collectAgain(
  { run, collect: missing }: Owed,
  options: Pick<ResumeOptions, 'yes' | 'output'> & { said: Intent },
  settings: DeskSettings,
  context: Context,
  workplace: Workplace,
): Promise<RunResult> {
  const { collect } = await import('../collect/collect.js');
  const { requestAgain } = await import('../collect/request.js');
  const { intentOf } = await import('../runs/stored-run.js');
  const { draftWithFields } = await import('../collect/ask-fields.js');
  const { knownAnswers } = await import('../collect/known-answers.js');
  if (missing === undefined) throw new Error('nothing of its evidence is missing');
  const { operator } = workplace;
  const said = intentOf(run, options.said, settings);
  const noSubmit = isWithoutTicket(run.journal);
  const submit = { noSubmit, yes: options.yes ?? false, saysOutput: options.output !== undefined };
  const [config, standard] = [await context.config(), await context.recipe()];
  const asked = requestAgain(run, missing, { config, standard }, { intent: said, submit });
  const { hostCommands, skipped } = asked.selection;
  if (hostCommands.length > 0 && !skipped.has('recipe'))
    operator.emit({ type: 'note', text: `its recipe runs again on the host OS: ${hostCommands.join('; ')}` });
  const isKnown = noSubmit || said.ticket !== undefined;
  const known = () => knownAnswers({ settings, servers: asked.appliances, run: run.id }, workplace.runs);
  const request = isKnown
    ? asked
    : { ...asked, intent: await draftWithFields(asked.intent, settings, workplace, known) };
  return collect(request, settings, workplace, context.signal);
}
