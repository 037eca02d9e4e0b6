import { Command } from 'commander';
import type { CaptureResult } from '../capture/capture.js';
import type { Context } from '../context.js';
import { defined } from '../domain/defined.js';
import type { VerbOutcome } from '../domain/line.js';
import { type ExitCode, exitCode, mostUrgent } from '../errors.js';
import type { Operator } from '../ui/operator.js';
import * as parse from './arguments.js';
import type { RunVerb } from './verb.js';

type CaptureOptions = { all?: boolean; parallel: number; jitter?: number };

const examples = `
Examples:
  icepack capture ice01          now; collect takes it as the state before
  icepack capture --all --batch  as cron runs it: silent where all is well
  icepack capture --all --batch --jitter 0   where the timer has its own

Exit codes: 0 captured, or rightly nothing to do; 3 skipped 3 times in a row,
or something optional is missing; 4 no techsupport; 5 not reached or not logged
in; 8 this machine; 9 another capture of the same server hangs.`;

export function captureCommand(run: RunVerb): Command {
  const command = new Command('capture');
  return command
    .description('capture the state of servers ahead of an incident, into a ring on this machine')
    .argument('[server|cluster...]', 'what to capture (default: the only server or cluster)')
    .option('--all', 'all servers of the configuration')
    .option('--parallel <n>', 'servers at the same time', parse.positiveInteger, 1)
    .option('--jitter <time>', 'begin up to so much later (default: captures.jitter)', parse.duration)
    .addHelpText('after', examples)
    .action((names: string[], options: CaptureOptions) =>
      run(command, (context) => captureVerb(names, options, context)),
    );
}

async function captureVerb(names: string[], options: CaptureOptions, context: Context): Promise<VerbOutcome> {
  const { captureAll } = await import('../capture/capture.js');
  const { chooseTargets } = await import('../servers/targets.js');
  const config = await context.config();
  const workplace = await context.workplace();
  const { operator } = workplace;
  const quiet = { ...operator, emit: () => undefined }; // that a cluster has other servers is no news to a timer
  const asking = operator.ask === undefined ? quiet : operator;
  const { appliances } = await chooseTargets(names, options.all ?? false, config.appliances, asking, 'capture');
  const request = {
    appliances,
    policy: { ...config.captures, ...defined({ jitterMs: options.jitter }) },
    cliCommands: config.cliCommands ?? (await context.recipe()).cliCommands,
    redact: config.redaction,
    parallel: options.parallel,
    configPath: config.path,
    isWatched: operator.ask !== undefined || context.options.verbose === true,
    isAwaited: context.isWatched,
  };
  const results = await captureAll(request, workplace, context.signal);
  return outcomeOf(results, operator, workplace.captures.ring, context);
}

async function outcomeOf(
  results: readonly CaptureResult[],
  operator: Operator,
  ringOf: Parameters<typeof import('../capture/capture-text.js').newsOf>[1],
  context: Context,
): Promise<VerbOutcome> {
  const { newsOf, resultLines } = await import('../capture/capture-text.js');
  const { document } = await import('../domain/result.js');
  const exit = mostUrgent(results.map((each) => each.exit as ExitCode));
  const news = await newsOf(results, ringOf, operator.zone);
  const captures = results.map(({ server, title, outcome, standing, news: told }) => ({
    ...{ server, title, ...outcome, health: standing.health, skips: standing.skips, news: told ?? null },
  }));
  const outcome = exit === exitCode.ok ? 'complete' : undefined;
  const json = document('capture', exit, { ...defined({ outcome }), captures });
  if (operator.ask !== undefined || context.options.json) {
    if (context.options.json) for (const { text } of news) operator.emit({ type: 'note', text });
    return { exitCode: exit, lines: resultLines(results), json };
  }
  if (context.options.verbose) context.ui.printError(resultLines(results));
  if (news.length > 0) context.ui.printError(news);
  return { exitCode: exit, lines: [], json: undefined };
}
