import { Command } from 'commander';
import type { Context } from '../context.js';
import { defined } from '../domain/defined.js';
import type { VerbOutcome } from '../domain/line.js';
import type { Maintenance } from '../domain/maintenance.js';
import { exitCode, usageError } from '../errors.js';
import * as parse from './arguments.js';
import { userName } from './user-name.js';
import type { RunVerb } from './verb.js';

const examples = `
Nobody is told of events in maintenance; they are seen, and shown in the status.

Examples:
  icepack maintenance add east --from "Sun 02:00" --for 2h --reason "2.2.6"
  icepack maintenance list
  icepack maintenance end M9`;

export function maintenanceCommand(run: RunVerb): Command {
  return new Command('maintenance')
    .description('announce maintenance, list it, end it: nobody is told of events then')
    .addCommand(addCommand(run))
    .addCommand(listCommand(run))
    .addCommand(endCommand(run))
    .addHelpText('after', examples);
}

const addExamples = `
Times are those of --zone: now, 22:00, "Sun 02:00", "2026-11-22 02:00", or with
an offset. Hours that come again: "Sun 02:00-04:00", "Mon-Fri 22:00-23:00",
"2nd Tue 20:00-23:00", "last Sun 01:00-03:00".

Examples:
  icepack maintenance add east --from "Sun 02:00" --for 2h --reason "2.2.6"
  icepack maintenance add --every "last Sun 01:00-03:00" --reason "backup"
  icepack maintenance add ice01 --check data:/data --until-ok --reason "known"`;

type AddOptions = {
  from?: string;
  for?: number;
  until?: string;
  every?: string;
  skip?: string[];
  untilOk?: boolean;
  check?: string;
  zone?: string;
  reason: string;
  downtime?: boolean;
  long?: boolean;
  alsoOpen?: boolean;
};

function addCommand(run: RunVerb): Command {
  const command = new Command('add');
  return command
    .description('announce maintenance of servers and clusters')
    .argument('[server|cluster...]', 'of which (default: all)')
    .option('--from <time>', 'when it begins (default: now)')
    .option('--for <time>', 'how long it lasts: 2h; at most 7 days', parse.days)
    .option('--until <time>', 'when it ends')
    .option('--every <hours>', 'it comes again at these hours')
    .option('--skip <date>', 'not on this date of --every; may be repeated', parse.dateList)
    .option('--until-ok', 'until the check is well again; at most 30 days')
    .option('--check <name>', 'only this check, or one thing of it: data:/data')
    .option('--zone <zone>', 'the zone of the times (default: yours)', parse.zone)
    .requiredOption('--reason <text>', 'why', parse.summaryLine)
    .option('--downtime', 'the servers are expected to be down')
    .option('--long', 'it may last 30 days')
    .option('--also-open', 'also where that silences an open emergency that nobody has')
    .addHelpText('after', addExamples)
    .action((names: string[], options: AddOptions) => run(command, (context) => addVerb(names, options, context)));
}

async function addVerb(
  names: string[],
  { zone, alsoOpen, ...options }: AddOptions,
  context: Context,
): Promise<VerbOutcome> {
  const { announced } = await import('../watch/maintenance/announce.js');
  const { addedLines } = await import('../watch/maintenance/maintenance-text.js');
  const { document } = await import('../domain/result.js');
  const { operator, watch } = await context.workplace();
  await watch.refuseExposed();
  const config = await context.config();
  const targets = names.map((name) => knownName(name, config.appliances));
  const now = operator.now();
  const typed = { ...options, targets, now, zone: zone ?? operator.zone, by: userName(context.env) };
  const planned = announced(defined(typed) as typeof typed);
  if (!alsoOpen) await refuseSilence(planned, config, context);
  const maintenance = await watch.maintenances.add(planned);
  return {
    exitCode: exitCode.ok,
    lines: addedLines(maintenance, config.appliances, now),
    json: document('maintenance add', exitCode.ok, { maintenance }),
  };
}

/** @throws UserError `not-confirmed` */
async function refuseSilence(
  planned: Omit<Maintenance, 'id' | 'schema'>,
  { appliances, watch: policy }: Awaited<ReturnType<Context['config']>>,
  context: Context,
): Promise<void> {
  const { confirmSilence, silencedBy } = await import('../watch/maintenance/silenced.js');
  const { watchedIn } = await import('../watch/watching.js');
  const { operator, watch } = await context.workplace();
  const [{ known: open }, { known }] = await Promise.all([watch.incidents.open(), watch.maintenances.list()]);
  const now = { open, known, watched: watchedIn(appliances, policy) };
  await confirmSilence(await silencedBy(planned, now), operator);
}

/** @throws UserError `unknown-target` */
function knownName(name: string, configured: readonly { name: string; cluster?: string }[]): string {
  const names = [...new Set(configured.flatMap((each) => [each.name, each.cluster ?? each.name]))];
  const found = names.find((each) => each === name);
  if (found === undefined)
    throw usageError('unknown-target', `no server or cluster is called "${name}"`, `There are: ${names.join(', ')}`);
  return found;
}

function listCommand(run: RunVerb): Command {
  const command = new Command('list');
  return command
    .description('list the maintenance that goes on or is to come')
    .addHelpText('after', '\nExamples:\n  icepack maintenance list')
    .action(() => run(command, listVerb));
}

async function listVerb(context: Context): Promise<VerbOutcome> {
  const { listLines } = await import('../watch/maintenance/maintenance-text.js');
  const { notCounted } = await import('../domain/maintenance.js');
  const { document } = await import('../domain/result.js');
  const { operator, watch } = await context.workplace();
  await watch.refuseExposed();
  const { appliances } = await context.config();
  const { known, damaged } = await watch.maintenances.list();
  for (const path of damaged) operator.emit({ type: 'warning', text: `${path} ${notCounted}` });
  return {
    exitCode: exitCode.ok,
    lines: listLines(known, appliances, operator.now()),
    json: document('maintenance list', exitCode.ok, { maintenance: known, damaged }),
  };
}

function endCommand(run: RunVerb): Command {
  const command = new Command('end');
  return command
    .description('end maintenance now, or cancel it before it begins')
    .argument('<id>', 'as the list has it: M9')
    .addHelpText('after', '\nExamples:\n  icepack maintenance end M9')
    .action((id: string) => run(command, (context) => endVerb(id, context)));
}

async function endVerb(id: string, context: Context): Promise<VerbOutcome> {
  const { document } = await import('../domain/result.js');
  const { operator, watch } = await context.workplace();
  await watch.refuseExposed();
  await context.config();
  const { known } = await watch.maintenances.list();
  const open = known.filter(({ ended }) => ended === undefined);
  const found = open.find((each) => each.id === id.toUpperCase());
  if (found === undefined)
    throw usageError(
      'unknown-target',
      `no maintenance ${id} goes on or is to come`,
      open.length === 0 ? 'There is none' : `There are: ${open.map((each) => each.id).join(', ')}`,
    );
  const maintenance = await watch.maintenances.end(found, {
    at: operator.now().toISOString(),
    by: userName(context.env),
  });
  return {
    exitCode: exitCode.ok,
    lines: [{ text: `${maintenance.id} has ended. What is bad is told after two more looks.`, tone: 'good' }],
    json: document('maintenance end', exitCode.ok, { maintenance }),
  };
}
