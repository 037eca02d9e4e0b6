import { Command, Option } from 'commander';
import type { CollectRequest } from '../collect/collect-request.js';
import type { Context } from '../context.js';
import { type CollectorId, collectorIds } from '../domain/collector-id.js';
import { defined } from '../domain/defined.js';
import type { VerbOutcome } from '../domain/line.js';
import { type Severity, severities } from '../domain/ticket.js';
import { usageError } from '../errors.js';
import type { DeskSettings } from '../helpdesk/desk-settings.js';
import type { Workplace } from '../servers/workplace.js';
import type { Operator } from '../ui/operator.js';
import * as parse from './arguments.js';
import { choice } from './choice.js';
import { firstDesk } from './first-desk.js';
import type { RunVerb } from './verb.js';

type CollectOptions = {
  all?: boolean;
  at?: string;
  zone?: string;
  summary?: string;
  description?: string;
  severity?: Severity;
  field?: Record<string, string>;
  answers?: string;
  reference?: string;
  ticket?: string;
  route?: string;
  event?: number;
  newTicket?: boolean;
  submit: boolean;
  submitAnyway?: boolean;
  only?: CollectorId[];
  skip?: CollectorId[];
  keepRemote?: boolean;
  /** `false`: --no-capture. */
  capture: 'near' | 'any' | 'none' | false;
  wait?: boolean;
  waitOnce?: boolean;
  recipe?: string;
  dryRun?: boolean;
  jobs: number;
  fit?: boolean;
  output?: string;
  yes?: boolean;
};

const examples = `
Examples:
  icepack collect                          ask what is missing, then do it all
  icepack collect east --at 10:32          all of cluster "east", at 10:32
  icepack collect ice01 --no-submit        collect only; submit later
  icepack collect east --wait              just now; the next 30 minutes follow
  icepack collect east --ticket 1234       add to an existing ticket
  icepack collect east --recipe ask.yaml   take what support asked for besides
  icepack collect --answers case.yaml      what support asks, from a file
  icepack collect --batch --at -45m --summary "VPN down" --severity high`;

export function collectCommand(run: RunVerb): Command {
  const command = new Command('collect');
  return command
    .description('collect the evidence of an incident, register the ticket and attach the bundle')
    .argument('[server|cluster...]', 'what to collect from (default: the only server or cluster)')
    .option('--all', 'all servers of the configuration')
    .option(
      '--at <time>',
      'when it happened: 10:32, 1:32pm, "yesterday 10:32", "2026-11-20 10:32 CET", "2h ago", now, or as a log has it',
    )
    .option('--zone <zone>', 'the zone of --at (default: yours)', parse.zone)
    .option('--summary <text>', 'the ticket in one line', parse.summaryLine)
    .option('--description <text>', 'more words; @FILE reads a file, - standard input')
    .addOption(choice('--severity <level>', 'low, medium, high or emergency', severities, parse.severity))
    .option('--field <name=value>', 'a field that the help desk asks for; may be repeated', parse.field)
    .option('--answers <file>', 'all that support asks, in a YAML file; - reads standard input')
    .option(
      '--reference <text>',
      'finds the ticket again; not your ticket number (default: made of help desk, servers, minute)',
      parse.reference,
    )
    .option('--ticket <number>', 'attach to this ticket instead of registering one', parse.ticketName)
    .option('--route <name>', 'the help desk of this route of the configuration, whatever the hour')
    .option('--event <n>', 'the number of the event (default: the next one of the ticket)', parse.positiveInteger)
    .option('--new-ticket', 'register a ticket also when there is one for this incident')
    .option('--no-submit', 'collect only; no ticket')
    .option('--submit-anyway', 'register the ticket also when no server can be reached')
    .option('--recipe <name|file>', 'what support asks for besides; - reads standard input')
    .addOption(choice('--only <kind,...>', `only these of: ${collectorIds.join(', ')}`, collectorIds, parse.kinds))
    .addOption(choice('--skip <kind,...>', 'all but these', collectorIds, parse.kinds))
    .option('--keep-remote', 'leave the backup and techsupport files on the servers')
    .addOption(
      new Option('--capture <which>', 'captures of before and after: near (up to 24 h before), any, none')
        .choices(['near', 'any', 'none'])
        .default('near'),
    )
    .option('--no-capture', 'leave captures out')
    .option('--wait', 'register and attach at once, stay until the log window is over, and attach the rest then')
    .option('--wait-once', 'stay until the log window is over; then register, and attach one bundle')
    .option('--dry-run', 'say what would be done; connect to nothing')
    .option('--jobs <n>', 'servers at the same time', parse.positiveInteger, 8)
    .option('--fit', 'over the limit: compress harder, then leave out what is needed least')
    .option('--report', 'put a page to look at into the bundle: report.html, for a browser')
    .option('-o, --output <dir>', 'put the ZIP there too', parse.folder)
    .option('--yes', 'attach, and run what a recipe brings, without asking')
    .addHelpText('after', examples)
    .action((names: string[], options: CollectOptions) =>
      run(command, (context) => collectVerb(names, options, context)),
    );
}

async function collectVerb(names: string[], options: CollectOptions, context: Context): Promise<VerbOutcome> {
  const { collect } = await import('../collect/collect.js');
  const { pruneRuns } = await import('../runs/run-list.js');
  const { documentOf } = await import('../domain/result.js');
  const { summaryOf } = await import('../collect/summary.js');
  const workplace = await workplaceIn(context, options);
  const { operator, runs } = workplace;
  const first = await firstDesk(context, options.submit && !options.dryRun);
  await refuseContradictions(options, first);
  const asked = await requestFor(names, options, first, context, workplace);
  const settings = await settingsFor(asked, options, first, context, operator);
  if (options.dryRun) {
    const { planOf } = await import('../collect/plan.js');
    return planOf(asked, settings, operator);
  }
  const { askOfTicket } = await import('../collect/ask-of-ticket.js');
  const { keep, ...toCollect } = await askOfTicket(asked, settings, workplace);
  const result = await collect(toCollect.request, toCollect.settings, workplace, context.signal);
  if (!context.signal.aborted) await keep((await context.config()).path);
  if (!context.signal.aborted) await pruneRuns((await context.config()).keep, operator, runs);
  return { exitCode: result.exitCode, lines: summaryOf(result), json: documentOf('collect', result) };
}

/** The help desk of the ticket, by what is known of it now. */
async function settingsFor(
  { intent }: CollectRequest,
  { submit, dryRun }: CollectOptions,
  first: DeskSettings,
  context: Context,
  operator: Operator,
): Promise<DeskSettings> {
  if (!submit || first.desks === undefined) return first;
  const { deskFor, deskOf, routeOf } = await import('../tickets/choose-desk.js');
  if (dryRun) return context.deskSettings(false, routeOf(first.desks, intent, [], operator.now())?.name);
  const settings = await deskFor(first, intent, [], operator.now());
  deskOf(settings);
  return settings;
}

async function workplaceIn(context: Context, { zone, at }: CollectOptions): Promise<Workplace> {
  const workplace = await context.workplace();
  const { operator } = workplace;
  if (zone !== undefined) return { ...workplace, operator: { ...operator, zone } };
  if (operator.zoneDoubt === undefined) return workplace;
  const { askZone } = await import('../collect/interview.js');
  const asked = await askZone(operator.zoneDoubt, at, operator);
  return { ...workplace, operator: { ...operator, zone: asked } };
}

/** What is asked is asked before anything happens. */
async function requestFor(
  names: string[],
  options: CollectOptions,
  first: DeskSettings,
  context: Context,
  workplace: Workplace,
): Promise<CollectRequest> {
  const { askRequest } = await import('../collect/request.js');
  const config = await context.config();
  const { route } = options;
  const chosen = route === undefined ? first : await context.deskSettings(false, route);
  const { operator } = workplace;
  operator.emit({ type: 'note', text: `configuration ${config.path}` });
  const standard = await context.recipe();
  const extra = options.recipe === undefined ? undefined : await context.recipe(options.recipe);
  const spec = {
    ...{ names, all: options.all ?? false, at: options.at, skipped: skippedKinds(options) },
    ...{ reference: options.reference, newTicket: options.newTicket ?? false },
    ...{ keepRemote: options.keepRemote ?? false, jobs: options.jobs, wait: waitOf(options) },
    captures: options.capture || ('none' as const),
    ...{ submitAnyway: options.submitAnyway ?? false, dryRun: options.dryRun ?? false },
    intent: await intentGiven(options, chosen.desk, context),
    submit: { noSubmit: !options.submit, yes: options.yes ?? false, saysOutput: options.output !== undefined },
  };
  const settings = { ...chosen, desk: first.desk ?? chosen.desk }; // references are made of the origin of helpdesk:
  return askRequest(spec, { config, standard, extra, settings }, operator, workplace);
}

async function intentGiven(options: CollectOptions, desk: DeskSettings['desk'], context: Context) {
  const { keyAt } = await import('../tickets/key-at.js');
  const { event, route, field: fields } = options;
  const ticket = options.ticket && keyAt(desk, options.ticket);
  return {
    ...(await parse.saidOf(options, context)),
    ...defined({ ticket, event, route, fields }),
    ...parse.bundleWishes(options),
  };
}

/** Without a ticket there is nobody who needs a first half. */
function waitOf({ wait, waitOnce, submit }: CollectOptions): CollectRequest['wait'] {
  if (waitOnce || (wait && !submit)) return 'once';
  return wait ? 'twice' : false;
}

function skippedKinds({ only, skip }: CollectOptions): Map<CollectorId, string> {
  const skipped = new Map<CollectorId, string>();
  for (const id of collectorIds) {
    if (only !== undefined && !only.includes(id)) skipped.set(id, `--only ${only.join(',')}`);
    else if (skip?.includes(id)) skipped.set(id, `--skip ${skip.join(',')}`);
  }
  return skipped;
}

async function refuseContradictions(options: CollectOptions, first: DeskSettings): Promise<void> {
  const { ticket, newTicket, submit, submitAnyway, route } = options;
  if (options.recipe === '-' && (options.description === '-' || options.answers === '-')) {
    const other = options.description === '-' ? ['--description', '@FILE'] : ['--answers', 'FILE.yaml'];
    throw usageError(
      'contradiction',
      `--recipe - and ${other[0]} - cannot both read standard input`,
      `Give one of them a file: --recipe ./FILE or ${other.join(' ')}`,
    );
  }
  if (ticket !== undefined && newTicket)
    throw usageError('contradiction', '--ticket and --new-ticket exclude each other', 'Give one of them');
  if (!submit && (newTicket || submitAnyway || route !== undefined))
    throw usageError(
      'contradiction',
      '--no-submit makes no ticket',
      'Leave out --new-ticket, --submit-anyway and --route',
    );
  const { refuseWithoutDesk } = await import('../tickets/choose-desk.js');
  if (submit) refuseWithoutDesk(first, 'Add helpdesk: to the configuration, or collect only: --no-submit');
}
