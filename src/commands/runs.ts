import { Command } from 'commander';
import type { Context } from '../context.js';
import { icepack, say } from '../domain/command.js';
import type { VerbOutcome } from '../domain/line.js';
import { exitCode, usageError } from '../errors.js';
import type { FoundRun } from '../runs/run-list.js';
import { attachmentLimit } from './attachment-limit.js';
import type { RunVerb } from './verb.js';

const examples = `
Examples:
  icepack runs           the newest runs here, and what each still owes
  icepack runs --owing   only those that owe something
  icepack runs 20261120-1032-east-k3f9   all about one, and what can be done`;

type RunsOptions = { owing?: boolean; all?: boolean };

/** So many are shown of runs that owe nothing. */
const newest = 20;

export function runsCommand(run: RunVerb): Command {
  const command = new Command('runs');
  return command
    .description('list what was collected on this machine and what it still owes')
    .argument('[run]', 'the id of a run: all about that one')
    .option('--owing', 'only runs that owe something')
    .option('--all', 'every run (default: the newest 20, and each that owes something)')
    .addHelpText('after', examples)
    .action((id: string | undefined, options: RunsOptions) =>
      run(command, (context) => runsVerb(id, options, context)),
    );
}

async function runsVerb(id: string | undefined, options: RunsOptions, context: Context): Promise<VerbOutcome> {
  const { owing, all } = options;
  if (id !== undefined && (owing || all))
    throw usageError(
      'contradiction',
      `--${owing ? 'owing' : 'all'} lists runs, and one was named`,
      'Leave one of them out',
    );
  const { findRuns } = await import('../runs/run-list.js');
  const { operator, runs } = await context.workplace();
  const found = await findRuns(operator, runs, await attachmentLimit(context));
  return id === undefined ? listOf(found, options, operator.zone) : pageOf(id, found, operator.zone);
}

async function listOf(found: readonly FoundRun[], options: RunsOptions, zone: string): Promise<VerbOutcome> {
  const { runLines } = await import('../runs/run-list-text.js');
  const { document, nextDocument } = await import('../domain/result.js');
  const every = found.map(({ listed }) => listed);
  const runs = options.owing ? every.filter(({ owes }) => owes) : every;
  const shown = options.all ? runs : runs.filter(({ owes }, at) => owes || at < newest);
  const steps = runs.flatMap(({ owes, steps: [recommended] }) => (owes && recommended ? [recommended] : []));
  return {
    exitCode: exitCode.ok,
    lines: runLines(shown, zone, runs.length - shown.length),
    json: document('runs', exitCode.ok, { runs, ...nextDocument(steps) }),
  };
}

/** @throws UserError `no-such-run` */
async function pageOf(id: string, found: readonly FoundRun[], zone: string): Promise<VerbOutcome> {
  const { runPage, runPageLines } = await import('../collect/run-page.js');
  const { document, nextDocument, serversDocument } = await import('../domain/result.js');
  const chosen = found.find(({ listed }) => listed.id === id);
  if (chosen === undefined)
    throw usageError('no-such-run', `there is no run "${id}"`, say`See them all: ${icepack('runs')}`);
  const page = await runPage(chosen);
  const { listed, manifest, reference, ticket, bundle } = page;
  return {
    exitCode: exitCode.ok,
    lines: runPageLines(page, zone),
    json: document('runs', exitCode.ok, {
      ...{ run: id, reference, event: manifest?.event ?? null, ticket, bundle },
      ...{ runs: [listed], evidence: manifest === undefined ? [] : serversDocument(manifest) },
      ...nextDocument(listed.steps),
    }),
  };
}
