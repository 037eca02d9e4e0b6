import { rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import type { Context } from '../context.js';
import type { VerbOutcome } from '../domain/line.js';
import { parseDuration, parseSize } from '../domain/quantities.js';
import { exitCode, UserError } from '../errors.js';
import type { Failure } from '../mock/appliance.js';
import type { MockOptions } from '../mock/mock.js';
import * as parse from './arguments.js';
import type { RunVerb } from './verb.js';

type MockVerbOptions = {
  appliances: number;
  helpdesk?: boolean;
  dir?: string;
  cluster?: string;
  cliPort: number;
  hostOsPort: number;
  helpdeskPort: number;
  cliUser: string;
  hostOsUser: string;
  cliPassword?: string;
  hostOsPassword?: string;
  clockOffset: number;
  zone: string;
  logHistory: number;
  logSize: number;
  techsupportDuration: number;
  techsupportSize: number;
  backupSize: number;
  maxFileSize?: number;
  fail?: Failure;
};

const examples = `
It prints one line of JSON with the ports, the host keys and the path of a
configuration that fits, then serves until it is stopped (Ctrl-C, SIGTERM).
Passwords are made at random and stand in files beside that configuration.
A temporary folder goes when it ends; that of --dir stays.

Examples:
  icepack mock --helpdesk   one server and a help desk, on free ports
  icepack mock --appliances 2 --cluster east --helpdesk --dir ./mock
  icepack collect --batch --config ./mock/icepack.yaml --at -45m \\
    --summary "smoke test" --severity low`;

export function mockCommand(run: RunVerb): Command {
  const command = new Command('mock');
  return command
    .description('run mock InCenter servers and a mock help desk on this machine, for trying and for CI')
    .option('--appliances <n>', 'how many servers', parse.positiveInteger, 1)
    .option('--cluster <name>', 'put them into one cluster')
    .option('--helpdesk', 'a help desk, too')
    .option(
      '--dir <dir>',
      'where configuration, secrets and attachments go (default: a temporary folder, removed at the end)',
    )
    .option('--cli-port <port>', 'port of the first InCenter CLI; 0: any', port, 0)
    .option('--host-os-port <port>', 'port of the first host OS; 0: any', port, 0)
    .option('--helpdesk-port <port>', 'port of the help desk; 0: any', port, 0)
    .option('--cli-user <name>', 'user of the InCenter CLI', 'admin')
    .option('--host-os-user <name>', 'user of the host OS', 'administrator')
    .option('--cli-password <text>', 'a fixed password, for tests only')
    .option('--host-os-password <text>', 'a fixed password, for tests only')
    .addOption(
      new Option('--clock-offset <duration>', "how far the servers' clocks are ahead, e.g. 7m, -3h")
        .argParser(duration)
        .default(0, '0s'),
    )
    .option('--zone <zone>', 'zone of the servers', parse.zone, 'Europe/Stockholm')
    .addOption(
      new Option('--log-history <duration>', 'how far back the logs go')
        .argParser(duration)
        .default(6 * 3_600_000, '6h'),
    )
    .addOption(new Option('--log-size <size>', 'size of each current log').argParser(size).default(200_000, '200kB'))
    .addOption(
      new Option('--techsupport-duration <duration>', 'how long techsupport takes')
        .argParser(duration)
        .default(1500, '1.5s'),
    )
    .addOption(new Option('--techsupport-size <size>', 'size of its file').argParser(size).default(3_000_000, '3MB'))
    .addOption(
      new Option('--backup-size <size>', 'size of the configuration backup').argParser(size).default(500_000, '500kB'),
    )
    .option('--max-file-size <size>', 'the largest attachment the help desk takes', size)
    .option('--fail <what>', 'what is wrong with the first server: silent, cli, or full=93%', failure)
    .addHelpText('after', examples)
    .action((options: MockVerbOptions) => run(command, (context) => mockVerb(options, context)));
}

async function mockVerb(options: MockVerbOptions, context: Context): Promise<VerbOutcome> {
  const { startMock } = await import('../mock/mock.js');
  const folder = options.dir === undefined ? await folderUntilTheEnd() : resolve(options.dir);
  const mock = await startMock(mockOptions(options, folder)).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') {
      throw new UserError('port-in-use', error.message, {
        exit: exitCode.usage,
        hint: 'Choose other ports, or 0 for free ones',
        cause: error,
      });
    }
    throw error;
  });
  try {
    await context.ui.printResult([{ text: JSON.stringify(mock.announcement) }], mock.announcement);
    await stopped(context.signal);
  } finally {
    await mock.close();
  }
  return { exitCode: exitCode.ok, lines: [], json: undefined };
}

/** It holds secrets: whatever ends the program, it goes with it. */
async function folderUntilTheEnd(): Promise<string> {
  const { makeScratchFolder } = await import('../mock/scratch-folder.js');
  const folder = await makeScratchFolder('icepack-mock-');
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function mockOptions(options: MockVerbOptions, folder: string): MockOptions {
  return {
    appliances: options.appliances,
    helpdesk: options.helpdesk ?? false,
    folder,
    cluster: options.cluster,
    ports: { cli: options.cliPort, hostOs: options.hostOsPort, helpdesk: options.helpdeskPort },
    users: { cli: options.cliUser, hostOs: options.hostOsUser },
    passwords: { cli: options.cliPassword, hostOs: options.hostOsPassword },
    clockOffsetMs: options.clockOffset,
    zone: options.zone,
    logHistoryMs: options.logHistory,
    logBytes: options.logSize,
    techsupport: { durationMs: options.techsupportDuration, bytes: options.techsupportSize },
    backupBytes: options.backupSize,
    maxFileBytes: options.maxFileSize,
    ...(options.fail === undefined ? {} : { failure: { server: 'ice01', ...options.fail } }),
  };
}

/** What is wrong with a server: it is silent, its CLI gives no prompt, or its data volume is so full. */
function failure(value: string): Failure {
  if (value === 'silent') return { silent: true };
  if (value === 'cli') return { deadCli: true };
  const percent = Number(/^full=(\d{1,3})%$/.exec(value)?.[1] ?? 101);
  if (percent > 100) throw new InvalidArgumentError('It is silent, cli, or full=93%.');
  return { fullPercent: percent };
}

function stopped(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

function port(value: string): number {
  if (!/^\d{1,5}$/.test(value) || Number(value) > 65_535)
    throw new InvalidArgumentError('It is a number from 0 to 65535.');
  return Number(value);
}

function duration(value: string): number {
  const ms = parseDuration(value);
  if (ms === undefined) throw new InvalidArgumentError('Write it like 90s, 7m or 1h30m.');
  return ms;
}

function size(value: string): number {
  const bytes = parseSize(value);
  if (bytes === undefined) throw new InvalidArgumentError('Write it like 500kB or 12MB.');
  return bytes;
}
