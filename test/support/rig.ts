import { spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { parse, stringify } from 'yaml';
import { type MockOptions, type RunningMock, startMock } from '../../src/mock/mock.ts';

export const projectRoot = fileURLToPath(new URL('../..', import.meta.url));
export const binary = join(projectRoot, 'bin', 'icepack.js');

export type Finished = { code: number | null; stdout: string; stderr: string; json: () => Json };

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
  /** Runs the built program with a home of its own; returns when it has ended. */
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
  onStderr?: (text: string, kill: (signal: NodeJS.Signals) => void) => void;
};

/** Mock servers, a mock help desk and a home for the program; all gone with the test. */
export async function startRig(options: Partial<MockOptions> = {}): Promise<Rig> {
  const folder = await temporaryFolder();
  const mock = await startMock({ ...quickMock, ...options, folder: join(folder, 'mock') });
  onTestFinished(() => mock.close());
  const { config } = mock.announcement;
  const env = { PATH: process.env['PATH'] ?? '', HOME: folder, ICEPACK_CONFIG: config, TZ: 'UTC' };
  return {
    folder,
    config,
    mock,
    env,
    icepack: (args, run = {}) => runProgram(args, { cwd: folder, ...run, env: { ...env, ...run.env } }),
    async configure(change) {
      const document = parse(await readFile(config, 'utf8'));
      change(document);
      await writeFile(config, stringify(document));
    },
    runs: () => readdir(join(folder, '.local', 'state', 'icepack', 'runs')),
  };
}

/** Runs the built program. */
export function runProgram(
  args: string[],
  { env = {}, input, cwd = tmpdir(), stdout: target, onStderr }: RunOptions,
): Promise<Finished> {
  const child = spawn(process.execPath, [binary, ...args], {
    env,
    cwd,
    stdio: [input === undefined ? 'ignore' : 'pipe', target === undefined ? 'pipe' : openSync(target, 'w'), 'pipe'],
  });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr?.on('data', (chunk: Buffer) => {
    err.push(chunk);
    onStderr?.(Buffer.concat(err).toString(), (signal) => child.kill(signal));
  });
  if (input !== undefined) child.stdin?.end(input);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      const stdout = Buffer.concat(out).toString();
      resolve({ code, stdout, stderr: Buffer.concat(err).toString(), json: () => JSON.parse(stdout) });
    });
  });
}

/** The usual way to a ticket without questions. */
export const batch = ['--batch', '--at', '-45m', '--summary', 'VPN down', '--severity', 'high'];
