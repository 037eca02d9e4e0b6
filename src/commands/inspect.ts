import { Command, Option } from 'commander';
import type { Context } from '../context.js';
import { icepack } from '../domain/command.js';
import type { VerbOutcome } from '../domain/line.js';
import { exitCode, usageError } from '../errors.js';
import type { Looking } from '../inspect/looking.js';
import type { OpenBundle } from '../reading/open-bundle.js';
import type { Reading } from '../reading/reading.js';
import * as parse from './arguments.js';
import type { RunVerb } from './verb.js';

const levels = ['debug', 'info', 'warning', 'error', 'critical'] as const;

type InspectOptions = {
  lines?: string;
  server?: string[];
  min?: (typeof levels)[number];
  grep?: string;
  tree?: boolean;
  event?: string;
  zone?: string;
};

const examples = `
Reads a bundle where it lies and writes nothing. A file goes to a pipe as it is,
to a terminal so that it can be looked at. --lines shows the logs of all servers
in one order, their clocks corrected; ~ stands before a time of a log's own,
where its clock was never measured.

Examples:
  icepack inspect ./TIC-1234_Event1_20261120_1032.zip
  icepack inspect ./TIC-1234_Event1_20261120_1032.zip --lines 10:31..10:33
  icepack inspect 20261120-1032-east-k3f9 --lines 10:31.. --server ICE01 \\
    --min warning --grep timeout
  icepack inspect 20261120-1032-east-k3f9 --tree
  icepack inspect 20261120-1032-east-k3f9 VM/virtual-machine.txt
  icepack inspect 20261120-1032-east-k3f9 Logs/system.log:120-160`;

export function inspectCommand(run: RunVerb): Command {
  const command = new Command('inspect');
  const several = (value: string, before: string[] = []) => [...before, value];
  return command
    .description('look into a bundle: what stands out, its lines in one order, its files')
    .argument('<zip|run|folder>', 'a ZIP, the id of a run, or the folder a ZIP was unpacked in')
    .argument('[path]', 'a file in it, or lines of it: PATH:120-160')
    .option('--lines <span>', 'the lines of all logs in one order: 10:31..10:33')
    .option('--server <name>', 'only those of this server (may be repeated)', several)
    .addOption(
      new Option('--min <level>', 'only those as severe or worse: debug, info, warning, error or critical').choices(
        levels,
      ),
    )
    .option('--grep <text>', 'only those with this text, in any letters')
    .option('--tree', 'every file with its size')
    .option('--event <time>', 'when the event was, where the bundle does not say it')
    .option('--zone <zone>', 'the time zone of the servers, where the bundle does not say it', parse.zone)
    .addHelpText('after', examples)
    .action((given: string, path: string | undefined, options: InspectOptions) =>
      run(command, (context) => inspectVerb(given, path, options, context)),
    );
}

async function inspectVerb(
  given: string,
  path: string | undefined,
  options: InspectOptions,
  context: Context,
): Promise<VerbOutcome> {
  refuseContradictions(path, options);
  const { openBundle } = await import('../reading/open-bundle.js');
  const bundle = await openBundle(given, async () => (await context.workplace()).runs);
  try {
    if (bundle.flaws.length > 0) return await unsafe(bundle);
    await (await import('../reading/refuse-damaged.js')).refuseDamaged(bundle, context.signal);
    if (path !== undefined)
      return await (await import('../inspect/show-file.js')).showFile(path, bundle, await lookingOf(context));
    if (options.tree) return await tree(bundle, options, context);
    const reading = await read(bundle, options, context);
    return options.lines === undefined
      ? await overview(reading, given, options)
      : await lines(reading, given, options.lines, options, context);
  } finally {
    await bundle.close();
  }
}

function refuseContradictions(
  path: string | undefined,
  { lines: span, tree: isTree, server, min, grep }: InspectOptions,
): void {
  const named = [
    path === undefined ? [] : ['a path'],
    span === undefined ? [] : ['--lines'],
    isTree ? ['--tree'] : [],
  ].flat();
  if (named.length > 1)
    throw usageError('contradiction', `${named.join(' and ')} show different things`, 'Leave one of them out');
  const needs = [server && '--server', min && '--min', grep !== undefined && '--grep'].find((each) => each);
  if (needs && span === undefined)
    throw usageError(
      'contradiction',
      `${needs} is about --lines`,
      'Add --lines 10:31..10:33, or --lines 00:00.. for all',
    );
}

async function layoutFor(bundle: OpenBundle, { event, zone }: InspectOptions, context: Context) {
  const { layoutOf } = await import('../reading/layout.js');
  const { parseEventTime } = await import('../domain/event-time.js');
  const at = event === undefined ? undefined : parseEventTime(event, zone ?? context.zone, context.now(), '--event');
  return layoutOf(bundle, { event: at, zone, assumed: context.zone });
}

async function read(bundle: OpenBundle, options: InspectOptions, context: Context): Promise<Reading> {
  const { readBundle } = await import('../reading/read-bundle.js');
  return readBundle(bundle, { layout: await layoutFor(bundle, options, context), signal: context.signal });
}

async function overview(reading: Reading, given: string, options: InspectOptions): Promise<VerbOutcome> {
  const { overviewLines } = await import('../inspect/overview-text.js');
  const { overviewDocument } = await import('../inspect/overview-document.js');
  const { document } = await import('../domain/result.js');
  const exit = reading.logs.some(({ isDamaged }) => isDamaged) ? exitCode.notAsItShouldBe : exitCode.ok;
  return {
    exitCode: exit,
    lines: overviewLines(reading, given, saidOf(options)),
    json: document('inspect', exit, overviewDocument(reading)),
  };
}

/** What was said of the bundle, as it has to be said again. */
function saidOf({ event, zone }: InspectOptions): string[] {
  return [...(event === undefined ? [] : ['--event', event]), ...(zone === undefined ? [] : ['--zone', zone])];
}

async function tree(bundle: OpenBundle, options: InspectOptions, context: Context): Promise<VerbOutcome> {
  const { contentsOf } = await import('../reading/contents.js');
  const { treeLines } = await import('../inspect/tree.js');
  const { document } = await import('../domain/result.js');
  const contents = contentsOf(bundle.files, await layoutFor(bundle, options, context), bundle.manifest);
  return { exitCode: exitCode.ok, lines: treeLines(contents), json: document('inspect', exitCode.ok, { contents }) };
}

async function unsafe(bundle: OpenBundle): Promise<VerbOutcome> {
  const { unsafeLines } = await import('../inspect/unsafe.js');
  const { document } = await import('../domain/result.js');
  const exit = exitCode.notAsItShouldBe;
  const files = bundle.files.map(({ path, bytes }) => ({ path, bytes }));
  return {
    ...{ exitCode: exit, lines: unsafeLines(bundle) },
    json: document('inspect', exit, { flaws: bundle.flaws, files }),
    trouble: { reasons: ['the archive is not safe'], hint: null },
  };
}

async function lines(
  reading: Reading,
  given: string,
  span: string,
  options: InspectOptions,
  context: Context,
): Promise<VerbOutcome> {
  const { showLines, wantedOf } = await import('../inspect/show-lines.js');
  const { server = [], min, grep } = options;
  const least = min === undefined ? 0 : levels.indexOf(min) + 1;
  const wanted = wantedOf(reading, { span, servers: server, min: least, grep });
  return showLines(reading, icepack('inspect', given, ...saidOf(options)), wanted, await lookingOf(context));
}

async function lookingOf({ options, ui, signal, output }: Context): Promise<Looking> {
  return { output: options.json ? undefined : await output(), emit: ui.emit, signal };
}
