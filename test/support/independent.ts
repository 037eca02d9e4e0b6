import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, onTestFinished } from 'vitest';
import { type Program, programPath } from './requirements.ts';
import { fingerprint } from './sshd.ts';

/** What each server is made with; for `describe.skipIf(lacks(...needs.asyncssh))`. */
export const needs = {
  asyncssh: ['asyncssh', 'ssh-keygen'],
  paramiko: ['paramiko', 'ssh-keygen'],
  conch: ['conch', 'ssh-keygen'],
  go: ['go', 'gliderlabs-ssh', 'pkg-sftp', 'ssh-keygen'],
} as const satisfies Record<string, Program[]>;

export type ServerKind = keyof typeof needs;

export const serverKinds = Object.keys(needs) as ServerKind[];

const usual = {
  user: 'admin',
  password: 'cli-canary-pw-1',
  /** Conch has no keyboard-interactive login. */
  login: 'password' as 'password' | 'keyboard-interactive',
  /** What a keyboard-interactive login asks. */
  question: 'Lösenord: ',
  loginSeconds: 0,
  /** `scp`: asyncssh alone. */
  files: 'sftp' as 'sftp' | 'scp' | 'none',
  /** Whether the pager of `show` takes single keys, or whole lines only. */
  pager: 'key' as 'key' | 'line',
  twoLinePrompt: false,
  /** Silence of the client at its shell after which the connection is ended; in Go, of the whole connection. */
  idleSeconds: null as number | null,
  oneChannel: false,
  /** Whether there is a shell; in Go there always is. */
  shell: true,
  /** Whether commands run without a shell. */
  exec: false,
  /** Keys are exchanged anew after so many bytes. */
  rekeyBytes: null as number | null,
  techsupportSeconds: 0,
  /** Bytes of files that are handed out over SFTP until the server is gone, as if it had been killed. */
  dieAfterBytes: null as number | null,
};

export type ServerOptions = Partial<typeof usual> & {
  /** The file root; one of its own otherwise. */
  root?: string;
  /** A file that techsupport hands out a copy of; a small one otherwise. */
  techsupportFile?: string;
  /** A server that has died is started again on its port after so much time. */
  restartAfterMs?: number;
};

/** An InCenter CLI with its file root, written with an SSH library that is not ours. */
export type IndependentServer = {
  port: number;
  hostKey: string;
  login: { user: string; password: string };
  /** The file root, with `logs/`, `errors/` and `techsupport/`. */
  root: string;
  /** What it said of logins; all of it when it is closed. */
  log(): string;
  /** How often it was started. */
  starts(): number;
  close(): Promise<void>;
};

/** A server for one test. */
export async function startIndependent(kind: ServerKind, options: ServerOptions = {}): Promise<IndependentServer> {
  const server = await start(kind, options);
  onTestFinished(server.close);
  return server;
}

/** A server for all tests of a `describe`. */
export function sharedIndependent(kind: ServerKind, options: ServerOptions = {}): () => IndependentServer {
  let server: IndependentServer | undefined;
  beforeAll(async () => {
    server = await start(kind, options);
  });
  afterAll(() => server?.close());
  return () => {
    if (server === undefined) throw new Error('the server is not there yet');
    return server;
  };
}

async function start(kind: ServerKind, { restartAfterMs, ...options }: ServerOptions): Promise<IndependentServer> {
  const folder = await mkdtemp(join(tmpdir(), `icepack-${kind}-`));
  const { root = join(folder, 'root'), techsupportFile = join(folder, 'techsupport') } = options;
  if (options.techsupportFile === undefined) writeFileSync(techsupportFile, gzipSync(randomBytes(20_000)));
  for (const name of ['logs', 'errors', 'techsupport']) mkdirSync(join(root, name), { recursive: true });
  const hostKey = join(folder, 'host_key');
  execFileSync(programPath('ssh-keygen'), ['-q', '-t', 'ed25519', '-N', '', '-f', hostKey]);
  const settings = { ...usual, ...options, root, techsupportFile, hostKey };
  const said: Buffer[] = [];
  let starts = 1;
  let closed = false;
  let running = await launch(kind, { ...settings, port: 0 }, said);
  const { port } = running;
  if (restartAfterMs !== undefined) running.child.once('exit', () => setTimeout(() => void restart(), restartAfterMs));
  return {
    port,
    hostKey: fingerprint(`${hostKey}.pub`),
    login: { user: settings.user, password: settings.password },
    root,
    log: () => Buffer.concat(said).toString(),
    starts: () => starts,
    async close() {
      closed = true;
      await end(running.child);
      await rm(folder, { recursive: true, force: true });
    },
  };

  async function restart(): Promise<void> {
    if (closed) return;
    running = await launch(kind, { ...settings, port, dieAfterBytes: null }, said);
    starts++;
    if (closed) await end(running.child);
  }
}

type Settings = typeof usual & { root: string; techsupportFile: string; hostKey: string; port: number };

/** The server ends with its standard input, so that it does not outlive us either. */
function launch(kind: ServerKind, settings: Settings, said: Buffer[]): Promise<{ port: number; child: ChildProcess }> {
  const [program, ...args] = commandOf(kind);
  const child = spawn(program, [...args, JSON.stringify(settings)], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' },
  });
  child.stdin.on('error', () => undefined); // it has died
  child.stderr.on('data', (chunk: Buffer) => said.push(chunk));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', () => reject(new Error(`the server of ${kind} ended: ${Buffer.concat(said)}`)));
    createInterface(child.stdout).once('line', (line) => resolve({ port: JSON.parse(line).port, child }));
  });
}

const sources = fileURLToPath(new URL('servers/', import.meta.url));

/** Debian's own Python has Debian's packages; another one may stand before it in PATH. */
function commandOf(kind: ServerKind): [program: string, ...args: string[]] {
  return kind === 'go' ? [builtWithGo()] : ['/usr/bin/python3', join(sources, `${kind}_server.py`)];
}

/** Built once for each state of its source, with Debian's packages and without a network. */
function builtWithGo(): string {
  const folder = fileURLToPath(new URL('../../.cache/servers', import.meta.url));
  const source = join(sources, 'go', 'main.go');
  const built = join(folder, createHash('sha256').update(readFileSync(source)).digest('hex').slice(0, 16));
  if (existsSync(built)) return built;
  mkdirSync(folder, { recursive: true });
  const mine = `${built}.${process.pid}`; // others may be building it, too
  const env = { ...process.env, GO111MODULE: 'off', GOPATH: '/usr/share/gocode', GOFLAGS: '', GOTOOLCHAIN: 'local' };
  execFileSync(programPath('go'), ['build', '-o', mine, source], { env, stdio: 'pipe' });
  renameSync(mine, built);
  return built;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('close', resolve));
  child.kill('SIGKILL');
  await gone;
}
