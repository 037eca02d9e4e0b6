import { Command, Option } from 'commander';
import type { Context } from '../context.js';
import { icepack, say } from '../domain/command.js';
import type { VerbOutcome } from '../domain/line.js';
import { exitCode, usageError } from '../errors.js';
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
in one order, their clocks corrected; ~ stands before a time that is a log's own,
because its clock was never measured.

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
    .addOption(new Option('--min <level>', 'only those at least as severe').choices(levels))
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
    if (path !== undefined) return await showFile(path, bundle, context);
    if (options.tree) return await tree(bundle, options, context);
    const reading = await read(bundle, options, context);
    return options.lines === undefined ? await overview(reading, given) : await lines(reading, options, context);
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
  const at = event === undefined ? undefined : parseEventTime(event, zone ?? context.zone, context.now());
  return layoutOf(bundle, { event: at, zone, assumed: context.zone });
}

async function read(bundle: OpenBundle, options: InspectOptions, context: Context): Promise<Reading> {
  const { readBundle } = await import('../reading/read-bundle.js');
  return readBundle(bundle, { layout: await layoutFor(bundle, options, context), signal: context.signal });
}

async function overview(reading: Reading, given: string): Promise<VerbOutcome> {
  const { overviewLines } = await import('../inspect/overview-text.js');
  const { overviewDocument } = await import('../inspect/overview-document.js');
  const { document } = await import('../domain/result.js');
  const exit = reading.logs.some(({ isDamaged }) => isDamaged) ? exitCode.notAsItShouldBe : exitCode.ok;
  return {
    exitCode: exit,
    lines: overviewLines(reading, given),
    json: document('inspect', exit, overviewDocument(reading)),
  };
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

/** A document holds so many lines at most. */
const maxDocumentLines = 50_000;

async function showFile(path: string, bundle: OpenBundle, context: Context): Promise<VerbOutcome> {
  const { fileNamed, printableOf, rawOf } = await import('../inspect/show-file.js');
  const { file, range } = fileNamed(path, bundle);
  if (context.options.json) return fileDocument(printableOf(file, range), file.path, range?.from ?? 1);
  const output = await context.output();
  const pieces = output.isTerminal ? printableOf(file, range) : rawOf(file, range);
  for await (const piece of pieces) {
    context.signal.throwIfAborted();
    if (!(await output.write(piece))) break;
  }
  return { exitCode: exitCode.ok, lines: [], json: undefined };
}

async function fileDocument(pieces: AsyncIterable<string>, path: string, from: number): Promise<VerbOutcome> {
  const { document } = await import('../domain/result.js');
  const found: string[] = [];
  let rest = '';
  let more = 0;
  for await (const piece of pieces) {
    rest += piece;
    if (!rest.endsWith('\n')) continue;
    if (found.length < maxDocumentLines) found.push(rest.slice(0, -1));
    else more++;
    rest = '';
  }
  return {
    exitCode: exitCode.ok,
    lines: [],
    json: document('inspect', exitCode.ok, { path, from, lines: found, more }),
  };
}

async function lines(reading: Reading, options: InspectOptions, context: Context): Promise<VerbOutcome> {
  const { absencesIn, mergedLines, lineText, serversNamed } = await import('../inspect/merged-lines.js');
  const { timeRange } = await import('../inspect/time-range.js');
  const { layout } = reading;
  const near = layout.event?.at.getTime() ?? reading.span.since;
  const wanted = {
    range: timeRange(options.lines ?? '', layout.zone, near),
    servers: serversNamed(options.server ?? [], layout),
    min: options.min === undefined ? 0 : levels.indexOf(options.min) + 1,
    grep: options.grep,
  };
  const absent = absencesIn(reading, wanted);
  const batches = mergedLines(reading, wanted, context.signal);
  if (context.options.json) return linesDocument(batches, reading, absent);
  const output = await context.output();
  let count = 0;
  let isRead = true;
  for await (const batch of batches) {
    count += batch.length;
    isRead = await output.write(batch.map((line) => `${lineText(line, reading)}\n`).join(''));
    if (!isRead) break;
  }
  if (isRead) for (const text of absent) context.ui.emit({ type: 'warning', text });
  if (count === 0)
    context.ui.emit({
      type: 'warning',
      text: 'no line is as wanted',
      hint: say`See what there is: ${icepack('inspect', reading.bundle.name)}`,
    });
  return { exitCode: exitCode.ok, lines: [], json: undefined };
}

async function linesDocument(
  batches: AsyncIterable<import('../inspect/merged-lines.js').MergedLine[]>,
  { layout }: Reading,
  absent: readonly string[],
): Promise<VerbOutcome> {
  const { document } = await import('../domain/result.js');
  const found: object[] = [];
  let more = 0;
  for await (const batch of batches)
    for (const { at, server, ...line } of batch) {
      if (found.length < maxDocumentLines)
        found.push({ at: new Date(at).toISOString(), server: layout.servers[server]?.label, ...line });
      else more++;
    }
  return { exitCode: exitCode.ok, lines: [], json: document('inspect', exitCode.ok, { lines: found, more, absent }) };
}
