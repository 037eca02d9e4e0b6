import { join, resolve } from 'node:path';
import { Command, Option } from 'commander';
import type { Context } from '../context.js';
import { icepack, say } from '../domain/command.js';
import type { OutputLine, VerbOutcome } from '../domain/line.js';
import { formatSize } from '../domain/quantities.js';
import type { OpenBundle } from '../reading/open-bundle.js';
import type { WhichLines } from '../report/lines-kept.js';
import type { WrittenReport } from '../report/write-report.js';
import * as parse from './arguments.js';
import type { RunVerb } from './verb.js';

type ReportOptions = { output?: string; force?: boolean; lines: WhichLines; max?: number; untrusted?: boolean };

const examples = `
Examples:
  icepack report TIC-1234_Event1_20261120_1032.zip
  icepack report 20261120-1032-east-k3f9 -o report.html --force
  icepack report TIC-1234_Event1_20261120_1032.zip -o - --lines near
  icepack report TIC-1234_Event1_20261120_1032.zip --lines none --max 1MB

The page is one file: it loads nothing, sends nothing, and can be mailed. It is
written here, with the name of the bundle, and is nobody else's to read.
--lines near keeps those within a minute of the event and of what stands out,
and warnings and worse.`;

export function reportCommand(run: RunVerb): Command {
  const command = new Command('report');
  return command
    .description('make one page to look at of a bundle: what is missing, what stands out, all logs on one clock')
    .argument('<zip|run|folder>', 'a ZIP, the id of a run, or the folder a ZIP was unpacked in')
    .option('-o, --output <file>', 'where it goes: a file, a folder, or - for standard output')
    .option('--force', 'replace what is there')
    .addOption(
      new Option('--lines <which>', 'which lines of the logs are on it: all, near or none')
        .choices(['all', 'near', 'none'])
        .default('all'),
    )
    .option('--max <size>', 'how large it may be; lines that tell least are left out (default: 40MB)', parse.size)
    .option('--untrusted', 'read also a ZIP that is not safe to unpack')
    .addHelpText('after', examples)
    .action((given: string, options: ReportOptions) => run(command, (context) => reportVerb(given, options, context)));
}

async function reportVerb(given: string, options: ReportOptions, context: Context): Promise<VerbOutcome> {
  const { openBundle } = await import('../reading/open-bundle.js');
  const bundle = await openBundle(given, async () => (await context.workplace()).runs);
  try {
    const changed = options.untrusted === true ? [] : await refuseFlawed(bundle, context.signal);
    return context.options.json && options.output === undefined
      ? await asDocument(bundle, changed, context)
      : await asPage(bundle, changed, options, context);
  } finally {
    await bundle.close();
  }
}

/** @returns the paths of what is not as it was collected */
async function refuseFlawed(bundle: OpenBundle, signal: AbortSignal): Promise<string[]> {
  const { flaws, given } = bundle;
  const { UserError, exitCode } = await import('../errors.js');
  const [flaw] = flaws;
  if (flaw === undefined) return (await import('../reading/refuse-damaged.js')).refuseDamaged(bundle, signal);
  throw new UserError('archive-unsafe', `"${given}" is not safe to unpack: ${flaw.text}`, {
    exit: exitCode.notAsItShouldBe,
    hint: say`Ask for it again, packed anew; to look at it all the same: ${icepack('report', given, '--untrusted')}`,
  });
}

async function asDocument(bundle: OpenBundle, changed: string[], { zone, signal }: Context): Promise<VerbOutcome> {
  const { readForReport } = await import('../report/write-report.js');
  const { reportJson } = await import('../report/report-json.js');
  const { document } = await import('../domain/result.js');
  const reading = await readForReport(bundle, { zone, signal, changed });
  return { exitCode: 0, lines: [], json: document('report', 0, reportJson(reading)) };
}

async function asPage(
  bundle: OpenBundle,
  changed: string[],
  options: ReportOptions,
  context: Context,
): Promise<VerbOutcome> {
  const { writeReport } = await import('../report/write-report.js');
  const { document } = await import('../domain/result.js');
  const { reportJson } = await import('../report/report-json.js');
  const { zone, signal, version } = context;
  const tool = ['icepack', version].join(' ');
  const how = { lines: options.lines, maxBytes: options.max, tool, zone, signal, changed };
  if (options.output === '-') {
    await writeReport(bundle, await context.output(), how);
    return { exitCode: 0, lines: [], json: undefined };
  }
  const path = await placeFor(bundle, options);
  const written = await writeReport(bundle, { path: resolve(path), replace: options.force === true }, how);
  const { bytes, here, leftOut, reading } = written;
  const page = { path: resolve(path), bytes, lines: here, leftOut };
  const toSee = await context.toSee(resolve(path));
  return {
    exitCode: 0,
    lines: told(path, written, toSee),
    json: document('report', 0, { page, ...reportJson(reading) }),
  };
}

/** @throws UserError `target-exists`, `bad-file`, before anything is read */
async function placeFor(bundle: OpenBundle, { output = '', force }: ReportOptions): Promise<string> {
  const { refuseInside, refuseExisting, refuseNowhere, isFolderThere } = await import('../report/write-report.js');
  const own = `${bundle.name.replace(/\.zip$/i, '')}.html`;
  const path = output === '' ? own : (await isFolderThere(output)) ? join(output, own) : output;
  refuseInside(bundle, path);
  await refuseNowhere(path);
  if (force !== true) await refuseExisting(path);
  return path;
}

function told(path: string, { bytes, leftOut, reading }: WrittenReport, toSee: string): OutputLine[] {
  const { findings, missing, lines } = reading;
  const absent = missing.filter(({ state }) => state !== 'note').length;
  const counts = `${lines.count} lines; ${findings.length} messages stand out, ${absent} things are missing or not whole`;
  return [
    { text: `${counts}.` },
    ...leftOut.map((text): OutputLine => ({ text: `  ! the page ${text}`, tone: 'warn' })),
    { text: `The page: ${path} (${formatSize(bytes)}), for a browser`, tone: 'strong' },
    { text: `  → ${toSee}` },
  ];
}
