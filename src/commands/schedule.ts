import { Command, Option } from 'commander';
import type { Context } from '../context.js';
import type { VerbOutcome } from '../domain/line.js';
import { exitCode } from '../errors.js';
import type { RunVerb } from './verb.js';

type ScheduleOptions = { print: 'cron' | 'systemd'; all?: boolean };

const examples = `
Examples:
  icepack schedule --print cron      a line for crontab -e
  icepack schedule --print systemd   a timer of your own, and how to install it`;

export function scheduleCommand(run: RunVerb): Command {
  const command = new Command('schedule');
  return command
    .description('print what has captures made by cron or systemd; nothing is installed')
    .argument('[server|cluster...]', 'what is captured (default: all servers)')
    .addOption(
      new Option('--print <what>', 'for whom: cron or systemd').choices(['cron', 'systemd']).makeOptionMandatory(),
    )
    .option('--all', 'all servers of the configuration, also those that are added later')
    .addHelpText('after', examples)
    .action((names: string[], options: ScheduleOptions) =>
      run(command, (context) => scheduleVerb(names, options, context)),
    );
}

async function scheduleVerb(names: string[], options: ScheduleOptions, context: Context): Promise<VerbOutcome> {
  const { scheduleFor } = await import('../capture/schedule/schedule.js');
  const { chooseTargets } = await import('../servers/targets.js');
  const { document } = await import('../domain/result.js');
  const config = await context.config();
  const { operator } = await context.workplace();
  const all = options.all ?? names.length === 0;
  const { appliances } = await chooseTargets(names, all, config.appliances, operator, 'capture');
  const { everyMs, jitterMs } = config.captures;
  const { lines, asking } = await scheduleFor(options.print, appliances, {
    ...{ program: [context.self.execPath, context.self.script], config: config.path, names: all ? ['--all'] : names },
    ...{ stateHome: context.env['XDG_STATE_HOME'], stateFolder: (await context.machineFacts()).state.path },
    ...{ everyMs, jitterMs, mailTo: config.contact?.email },
  });
  const json = document('schedule', exitCode.ok, { text: `${lines.join('\n')}\n`, asking });
  await context.ui.printResult([{ text: lines.join('\n'), unbroken: true }], json);
  return { exitCode: exitCode.ok, lines: [], json: undefined };
}
