import { spawn } from 'node:child_process';
import { openSync, readFileSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFailed, onTestFinished } from 'vitest';
import { parse, stringify } from 'yaml';
import { type MockOptions, type RunningMock, startMock } from '../../src/mock/mock.ts';
import { expectInvariants } from './oracle.ts';

export const projectRoot = fileURLToPath(new URL('../..', import.meta.url));
export const binary = join(projectRoot, 'bin', 'icepack.js');

export type Finished = {
  code: number | null;
  stdout: string;
  stderr: string;
  /** The most memory it had, as far as it was seen. */
  peakMb: number | undefined;
  json: () => Json;
};

/** What a test looks into: it fails where a value is not what it expects. */
// biome-ignore lint/suspicious/noExplicitAny: documents of other programs are read by the test that knows them
type Json = any;

/** A private folder that goes away with the test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'icepack-test-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

const quickMock: Omit<MockOptions, 'folder'> = {
  appliances: 1,
  helpdesk: true,
  cluster: undefined,
  ports: { cli: 0, hostOs: 0, helpdesk: 0 },
  users: { cli: 'admin', hostOs: 'administrator' },
  passwords: { cli: 'cli-canary-pw-1', hostOs: 'host-canary-pw-2' },
  clockOffsetMs: 0,
  zone: 'Europe/Stockholm',
  logHistoryMs: 3 * 3_600_000,
  logBytes: 20_000,
  techsupport: { durationMs: 0, bytes: 20_000 },
  backupBytes: 10_000,
  maxFileBytes: undefined,
};

export type Rig = {
  folder: string;
  config: string;
  mock: RunningMock;
  /** CLI commands that answer otherwise than usual; may be changed later. */
  replies: NonNullable<MockOptions['replies']>;
  /** Runs the built program with a home of its own; returns when it has ended and what must always hold was checked. */
  icepack(args: string[], options?: RunOptions): Promise<Finished>;
  /** The environment such a run has. */
  env: Record<string, string>;
  /** Changes the configuration. */
  configure(change: (document: Json) => void): Promise<void>;
  runs(): Promise<string[]>;
};

export type RunOptions = {
  env?: Record<string, string>;
  input?: string;
  cwd?: string;
  /** A file that takes standard output. */
  stdout?: string;
  /** Another Node than that of the tests. */
  node?: string;
  /** A program that runs it, with its options. */
  under?: string[];
  /** Kills it so many ms after its start, if it is still there. */
  killAfterMs?: number;
  onStderr?: (text: string, kill: (signal: NodeJS.Signals) => void) => void;
  /** Called when the first of standard output is there, with what ends it. */
  onStdout?: (kill: (signal: NodeJS.Signals) => void) => void;
  /** Gets what ends it. */
  onStart?: (kill: (signal: NodeJS.Signals) => void) => void;
};

/** Mock servers, a mock help desk and a home for the program; all gone with the test. */
export async function startRig(options: Partial<MockOptions> = {}): Promise<Rig> {
  const folder = await temporaryFolder();
  const replies = options.replies ?? {};
  const mock = await startMock({ ...quickMock, ...options, replies, folder: join(folder, 'mock') });
  onTestFinished(() => mock.close());
  const { config } = mock.announcement;
  const env = { PATH: process.env['PATH'] ?? '', HOME: folder, ICEPACK_CONFIG: config, TZ: 'UTC' };
  return {
    folder,
    config,
    mock,
    replies,
    env,
    async icepack(args, run = {}) {
      const before = await readdir(folder);
      const finished = await runProgram(args, { cwd: folder, ...run, env: { ...env, ...run.env } });
      const secrets = [quickMock.passwords.cli, quickMock.passwords.hostOs].filter((secret) => secret !== undefined);
      const token = await readFile(join(folder, 'mock', 'token.secret'), 'utf8').catch(() => undefined); // no help desk
      await expectInvariants({
        ...finished,
        args: [...args, ...Object.values(run.env ?? {})],
        home: folder,
        before,
        secrets: token === undefined ? secrets : [...secrets, token.trim()],
        secretPlaces: ['mock/cli.secret', 'mock/hostOs.secret', 'mock/token.secret'],
      });
      return finished;
    },
    async configure(change) {
      const document = parse(await readFile(config, 'utf8'));
      change(document);
      await writeFile(config, stringify(document));
    },
    runs: () => readdir(join(folder, '.local', 'state', 'icepack', 'runs')),
  };
}

/** Starts a run that can be struck while it is at work; what it said is printed when the test fails. */
export function startRun(rig: Rig, args: string[], options: RunOptions = {}) {
  let said = '';
  let asked: NodeJS.Signals | undefined;
  let end = (signal: NodeJS.Signals) => {
    asked = signal; // before it began
  };
  const ended = rig.icepack(args, {
    ...options,
    onStart: (kill) => {
      end = kill;
      if (asked !== undefined) kill(asked);
    },
    onStderr: (text) => {
      said = text;
    },
  });
  onTestFailed(() => {
    process.stderr.write(`icepack ${args.join(' ')} said:\n${said}\n`);
  });
  return { ended, said: () => said, kill: (signal: NodeJS.Signals) => end(signal) };
}

/** Waits until something is so; the time-out of the test is its limit. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 10));
}

/** Runs the built program. */
export function runProgram(
  args: string[],
  {
    env = {},
    input,
    cwd = tmpdir(),
    stdout: target,
    node = process.execPath,
    under = [],
    killAfterMs,
    onStderr,
    onStdout,
    onStart,
  }: RunOptions,
): Promise<Finished> {
  const [program = '', ...words] = [...under, node, binary, ...args];
  const child = spawn(program, words, {
    env,
    cwd,
    stdio: [input === undefined ? 'ignore' : 'pipe', target === undefined ? 'pipe' : openSync(target, 'w'), 'pipe'],
  });
  onStart?.((signal) => child.kill(signal));
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  let peakMb: number | undefined;
  const watching = setInterval(() => {
    peakMb = peakOf(child.pid) ?? peakMb;
  }, 50);
  child.stdout?.on('data', (chunk: Buffer) => out.push(chunk));
  child.stdout?.once('data', () => onStdout?.((signal) => child.kill(signal)));
  child.stderr?.on('data', (chunk: Buffer) => {
    err.push(chunk);
    onStderr?.(Buffer.concat(err).toString(), (signal) => child.kill(signal));
  });
  if (input !== undefined) child.stdin?.end(input);
  const killing = killAfterMs === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), killAfterMs);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status, signal) => {
      // As a shell has it: a signal that comes when the program is just ending ends it all the same.
      const code = signal === null || signal === 'SIGKILL' ? status : 128 + constants.signals[signal];
      clearInterval(watching);
      clearTimeout(killing);
      const stdout = Buffer.concat(out).toString();
      resolve({ code, stdout, stderr: Buffer.concat(err).toString(), peakMb, json: () => JSON.parse(stdout) });
    });
  });
}

function peakOf(pid: number | undefined): number | undefined {
  try {
    const kilobytes = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kilobytes === undefined ? undefined : Math.round(Number(kilobytes) / 1024);
  } catch {
    return undefined; // it has ended, or this is not Linux
  }
}

/** The usual way to a ticket without questions. */
export const batch = ['--batch', '--at', '-45m', '--summary', 'VPN down', '--severity', 'high'];
