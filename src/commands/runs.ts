import { Command } from 'commander';
import type { Context } from '../context.js';
import { icepack } from '../domain/command.js';
import type { VerbOutcome } from '../domain/line.js';
import { exitCode } from '../errors.js';
import type { RunVerb } from './verb.js';

const examples = `
Examples:
  icepack runs           every run here, newest first, and what it still owes
  icepack runs --owing   only those that owe something`;

export function runsCommand(run: RunVerb): Command {
  const command = new Command('runs');
  return command
    .description('list what was collected on this machine and what it still owes')
    .option('--owing', 'only runs that owe something')
    .addHelpText('after', examples)
    .action((options: { owing?: boolean }) => run(command, (context) => runsVerb(options.owing ?? false, context)));
}

async function runsVerb(owing: boolean, context: Context): Promise<VerbOutcome> {
  const { listRuns } = await import('../runs/run-list.js');
  const { runLines } = await import('../runs/run-list-text.js');
  const { document } = await import('../domain/result.js');
  const workplace = await context.workplace();
  const all = await listRuns(workplace.operator, workplace.runs);
  const runs = owing ? all.filter(({ owes }) => owes) : all;
  const next = runs.filter(({ owes }) => owes).map(({ id }) => icepack('resume', id));
  return {
    exitCode: exitCode.ok,
    lines: runLines(runs),
    json: document('runs', exitCode.ok, { runs, next }),
  };
}
