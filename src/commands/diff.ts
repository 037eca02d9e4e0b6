import { Command } from 'commander';
import type { Context } from '../context.js';
import { icepack, placeholder, say } from '../domain/command.js';
import type { VerbOutcome } from '../domain/line.js';
import { exitCode, UserError, usageError } from '../errors.js';
import type { OpenBundle } from '../reading/open-bundle.js';
import type { RunVerb } from './verb.js';

type DiffOptions = { all?: boolean; exitCode?: boolean };

const examples = `
Compares what is known of servers: versions, virtual machine, clock, answers of
the CLI line by line, names and sizes of the files in the backup, when they were
started, and what their logs say: warnings and worse that only one has, and logs
of which one has twice the lines. What changes by itself is passed over. What
one side does not have is not comparable; it is never called removed.

Examples:
  icepack diff ./TIC-1234_Event1_20261120_1032.zip ./TIC-1234_Event2.zip
  icepack diff ./TIC-1234_Event1_20261120_1032.zip ICE01 ICE02
  icepack diff 20261120-1032-east-k3f9 ICE01 ICE02 --exit-code`;

export function diffCommand(run: RunVerb): Command {
  const command = new Command('diff');
  return command
    .description('compare two bundles, or two servers of one')
    .argument('<bundle>', 'a ZIP, the id of a run, or a folder')
    .argument('<other>', 'another one; or a server of the first')
    .argument('[server]', 'the server of the first to compare that one with')
    .option('--all', 'also what changes by itself: times, uptime, counters')
    .option('--exit-code', 'end with 10 where they differ')
    .addHelpText('after', examples)
    .action((first: string, second: string, third: string | undefined, options: DiffOptions) =>
      run(command, (context) => diffVerb([first, second, third], options, context)),
    );
}

async function diffVerb(
  [first, second, third]: [string, string, string | undefined],
  options: DiffOptions,
  context: Context,
): Promise<VerbOutcome> {
  const { openBundle } = await import('../reading/open-bundle.js');
  const { twoBundles, twoServers } = await import('../diff/sides.js');
  const { compare } = await import('../diff/compare.js');
  const { diffLines } = await import('../diff/diff-text.js');
  const { document } = await import('../domain/result.js');
  const runsOf = async () => (await context.workplace()).runs;
  const opened: OpenBundle[] = [];
  try {
    for (const given of third === undefined ? [first, second] : [first])
      opened.push(await openBundle(given, runsOf).catch((error: unknown) => throwHinted(error, given, opened[0])));
    const [left, right] = opened;
    if (left === undefined) throw usageError('usage', 'no bundle was named');
    const ground = { assumed: context.zone, signal: context.signal };
    const sides =
      right === undefined
        ? await twoServers(left, [second, third ?? ''], ground)
        : await twoBundles(left, right, ground);
    const { pairs, titles, messages, tools } = sides;
    const comparison = compare(pairs, titles, options.all ?? false, messages);
    const isOther = comparison.differences.length > 0;
    const exit = options.exitCode && isOther ? exitCode.notAsItShouldBe : exitCode.ok;
    const outcome = isOther ? 'different' : 'same';
    return {
      exitCode: exit,
      lines: diffLines(comparison, sides),
      json: document('diff', exit, { outcome, titles, tools: tools ?? null, ...comparison }),
      ...(exit === exitCode.ok
        ? {}
        : { trouble: { reasons: [`${titles.left} and ${titles.right} differ`], hint: null } }),
    };
  } finally {
    for (const bundle of opened) await bundle.close();
  }
}

/** Who names one server of the first bundle wants to name two. */
async function throwHinted(error: unknown, given: string, first: OpenBundle | undefined): Promise<never> {
  if (!(error instanceof UserError) || first === undefined) throw error;
  const { layoutOf } = await import('../reading/layout.js');
  const { servers } = layoutOf(first, { assumed: 'UTC' });
  const isServer = ({ label, name }: (typeof servers)[number]) =>
    [label, name].some((each) => each?.toLowerCase() === given.toLowerCase());
  if (!servers.some(isServer)) throw error;
  const hint = say`Name another server of it: ${icepack('diff', first.given, given, placeholder('SERVER'))}`;
  throw usageError('usage', `"${given}" is a server of ${first.name}, and is compared with nothing`, hint);
}
