import { spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import type { Context } from '../context.js';
import type { OutputLine, VerbOutcome } from '../domain/line.js';
import { formatSize } from '../domain/quantities.js';
import { shellWord } from '../domain/quoting.js';
import { document } from '../domain/result.js';
import type { MockHelpDesk } from '../mock/help-desk.js';
import type { RunVerb } from './verb.js';

const examples = `
Examples:
  icepack demo                see it, and where its files are
  icepack demo --dir ./demo   keep its files there`;

export function demoCommand(run: RunVerb): Command {
  const command = new Command('demo');
  return command
    .description('see the whole job done on two mock servers and a mock help desk; nothing of yours is touched')
    .option('--dir <dir>', 'where everything goes (default: a new temporary folder, which the next demo removes)')
    .addHelpText('after', examples)
    .action((options: { dir?: string }) => run(command, (context) => demoVerb(options, context)));
}

const collectArguments = [
  'collect',
  'east',
  '--batch',
  '--at',
  '-45m',
  '--summary',
  'Nodes of site 3 lost contact',
  '--severity',
  'high',
  '--description',
  'All nodes of site 3 went offline for two minutes.',
];

async function demoVerb({ dir }: { dir?: string }, context: Context): Promise<VerbOutcome> {
  const { startMock } = await import('../mock/mock.js');
  const { makeScratchFolder } = await import('../mock/scratch-folder.js');
  const folder = dir === undefined ? await makeScratchFolder('icepack-demo-') : resolve(dir);
  const mock = await startMock({
    appliances: 2,
    helpdesk: true,
    folder: join(folder, 'mock'),
    cluster: 'east',
    ports: { cli: 0, hostOs: 0, helpdesk: 0 },
    users: { cli: 'admin', hostOs: 'administrator' },
    passwords: { cli: undefined, hostOs: undefined },
    clockOffsetMs: 0,
    zone: 'Europe/Stockholm',
    logHistoryMs: 6 * 3_600_000,
    logBytes: 400_000,
    techsupport: { durationMs: 2000, bytes: 3_000_000 },
    backupBytes: 500_000,
    maxFileBytes: undefined,
    incident: { agoMs: 45 * 60_000, server: 'ice02' },
  });
  try {
    const { config } = mock.announcement;
    const shown = ['icepack', ...collectArguments, '--config', config]
      .map((word) => (/[^A-Za-z0-9./_-]/.test(word) ? `"${word}"` : word))
      .join(' ');
    context.ui.emit({
      type: 'note',
      text: `Two mock InCenter servers (cluster east) and a mock help desk run on this machine.\n$ ${shown}`,
    });
    const exitCode = await runSelf(context, [...collectArguments, '--config', config], folder);
    const result = await resultLines(mock.helpdesk, folder);
    const report = result.zip === undefined ? undefined : await reportOf(result.zip, context, folder);
    const where = [{ text: whereFilesAre(folder, dir !== undefined), tone: 'dim' as const }];
    const lines = [...result.lines, ...(report === undefined ? [] : await reportLines(report, context)), ...where];
    return outcomeOf(exitCode, { ...result, report, lines });
  } finally {
    await mock.close();
  }
}

/** Makes the page of the bundle, as whoever gets the ticket would. @returns its path; undefined where there is none */
async function reportOf(zip: string, context: Context, folder: string): Promise<string | undefined> {
  const path = join(folder, 'mock', 'report.html');
  const exitCode = await runSelf(context, ['report', zip, '-o', path, '--force'], folder, 'ignore');
  return exitCode === 0 ? path : undefined;
}

async function reportLines(report: string, context: Context): Promise<OutputLine[]> {
  return [
    { text: `And this is what support sees of it: ${report}`, tone: 'strong' },
    { text: `  → ${await context.toSee(report)}` },
  ];
}

/** A folder that was given may hold what is not ours. */
function whereFilesAre(folder: string, isGiven: boolean): string {
  const ours = isGiven ? ['mock', 'state'].map((name) => join(folder, name)) : [folder];
  const removed = isGiven ? 'To remove it' : 'The next demo removes it; to do it now';
  return `All that the demo made is in ${folder}. ${removed}: rm -r ${ours.map(shellWord).join(' ')}`;
}

/** Runs this very program as a user would, with folders of its own: neither configuration nor state of the user is touched. */
function runSelf(
  { self, env, options }: Context,
  args: string[],
  folder: string,
  result: 'inherit' | 'ignore' = 'inherit',
): Promise<number> {
  const { PATH, TERM, LANG, COLORTERM, NO_COLOR, TZ } = env;
  const own = {
    PATH,
    TERM,
    LANG,
    COLORTERM,
    NO_COLOR,
    TZ,
    HOME: folder,
    XDG_STATE_HOME: join(folder, 'state'),
    XDG_CONFIG_HOME: join(folder, 'config'),
  };
  const flags = (['json', 'quiet', 'verbose'] as const).filter((flag) => options[flag]).map((flag) => `--${flag}`);
  const stdout = options.json ? 'ignore' : result;
  const stderr = options.quiet ? 'ignore' : 'inherit';
  const words = [self.script, ...args, ...flags, ...(options.color === false ? ['--no-color'] : [])];
  const child = spawn(self.execPath, words, { env: own, stdio: ['ignore', stdout, stderr] });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 1));
  });
}

async function resultLines(
  helpdesk: MockHelpDesk | undefined,
  folder: string,
): Promise<{ lines: OutputLine[]; zip: string | undefined; ticket: string | undefined; tree: string[] }> {
  const ticket = helpdesk?.tickets[0];
  const name = ticket?.files[0]?.name;
  const zip =
    ticket === undefined || name === undefined ? undefined : join(folder, 'mock', 'helpdesk', ticket.key, name);
  const { listBundle } = await import('../bundle/unzip.js');
  const tree =
    zip === undefined ? [] : (await listBundle(zip)).map((entry) => `${entry.name}  ${formatSize(entry.bytes)}`);
  if (zip === undefined)
    return { lines: [{ text: 'The demo failed; the reason is above.', tone: 'bad' }], zip, ticket: ticket?.key, tree };
  const lines: OutputLine[] = [
    { text: '' },
    { text: 'What the help desk has now', tone: 'strong' },
    { text: '' },
    ...(ticket === undefined
      ? [{ text: 'no ticket' }]
      : [
          { text: `${ticket.key}: ${ticket.subject} (${ticket.severity})` },
          ...ticket.body.split('\n').map((text): OutputLine => ({ text: `  ${text}`, tone: 'dim' })),
        ]),
    { text: '' },
    { text: `Inside ${name ?? 'the ZIP'}`, tone: 'strong' },
    ...tree.map((text) => ({ text: `  ${text}` })),
    { text: '' },
    { text: `The ZIP is yours to open: ${zip}`, tone: 'strong' },
  ];
  return { lines, zip, ticket: ticket?.key, tree };
}

function outcomeOf(
  exitCode: number,
  { lines, zip, ticket, tree, report }: Awaited<ReturnType<typeof resultLines>> & { report: string | undefined },
): VerbOutcome {
  return {
    exitCode,
    lines,
    json: document('demo', exitCode, {
      outcome: exitCode === 0 ? 'complete' : 'failed',
      ticket: ticket ?? null,
      bundle: zip === undefined ? null : { path: zip, entries: tree },
      report: report ?? null,
    }),
  };
}
