import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { programPath } from './requirements.ts';

export type RealServer = {
  port: number;
  /** `SHA256:…` of its (first) host key. */
  hostKey: string;
  /** What the server has logged so far. */
  log(): string;
  /** The process id of the one that listens. */
  pid: number;
  /** Ends the server and everything it has started. */
  close(): Promise<void>;
};

export type Login = { user: string; privateKey: string };

/** A key pair that the servers of a test let in, as the user who runs the test. */
export function makeLogin(folder: string, passphrase = ''): Login & { authorizedKeys: string } {
  const privateKey = join(folder, 'login_key');
  execFileSync(programPath('ssh-keygen'), ['-q', '-t', 'ed25519', '-N', passphrase, '-f', privateKey]);
  return { user: userInfo().username, privateKey, authorizedKeys: `${privateKey}.pub` };
}

export type SshdOptions = {
  /** One host key of each type; the first one's fingerprint is told. */
  hostKeyTypes?: ('ed25519' | 'ecdsa' | 'rsa')[];
  /** Whether there is an SFTP subsystem when the given lines name none. */
  sftp?: boolean;
  /** What has to stand before the command to run it in surroundings of its own. */
  wrap?: (command: string[]) => string[];
};

/** Starts a real OpenSSH server on loopback. A given line stands instead of ours with the same keyword. */
export async function startSshd(
  folder: string,
  name: string,
  authorizedKeys: string,
  lines: string[],
  { hostKeyTypes = ['ed25519'], sftp = true, wrap = (command) => command }: SshdOptions = {},
): Promise<RealServer> {
  const own = join(folder, name);
  mkdirSync(own, { recursive: true, mode: 0o700 });
  const hostKeys = hostKeyTypes.map((type) => makeHostKey(own, type));
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true }); // what its service unit would make
  const port = await freePort();
  const ours = [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    ...hostKeys.map((key) => `HostKey ${key}`),
    `AuthorizedKeysFile ${authorizedKeys}`,
    'AuthenticationMethods publickey',
    'PermitRootLogin yes',
    'StrictModes no',
    'UsePAM no',
    'PidFile none',
    `SetEnv HOME=${own}`, // the .bashrc of whoever runs the tests is no part of a server
    ...(sftp ? ['Subsystem sftp internal-sftp'] : []),
  ];
  const given = new Set(lines.map(keywordOf));
  const config = [...ours.filter((line) => !given.has(keywordOf(line))), ...lines];
  writeFileSync(join(own, 'sshd_config'), `${config.join('\n')}\n`);
  const command = wrap([programPath('sshd'), '-D', '-e', '-f', join(own, 'sshd_config')]);
  const daemon = await startDaemon(command, 'Server listening');
  return { port, hostKey: fingerprint(`${hostKeys[0]}.pub`), ...daemon };
}

function makeHostKey(folder: string, type: string): string {
  const path = join(folder, `host_key_${type}`);
  const bits = type === 'rsa' ? ['-b', '2048'] : [];
  execFileSync(programPath('ssh-keygen'), ['-q', '-t', type, ...bits, '-N', '', '-f', path]);
  return path;
}

function keywordOf(line: string): string {
  return line.split(/[\s=]/, 1)[0]?.toLowerCase() ?? '';
}

/** Starts a server that says on stderr when it listens; it ends with the test. */
export async function startDaemon(command: string[], sign: string): Promise<Pick<RealServer, 'log' | 'pid' | 'close'>> {
  const [program = '', ...args] = command;
  const daemon = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const said: Buffer[] = [];
  const log = () => Buffer.concat(said).toString();
  onTestFinished(() => stop(daemon));
  await new Promise<void>((resolve, reject) => {
    daemon.stderr.on('data', (chunk: Buffer) => {
      said.push(chunk);
      if (log().includes(sign)) resolve();
    });
    daemon.once('error', reject);
    daemon.once('exit', () => reject(new Error(`${program} ended: ${log()}`)));
  });
  return { log, pid: daemon.pid ?? 0, close: () => stop(daemon) };
}

/** Sessions too, and what runs in them: a server's end alone does not end them. */
async function stop(daemon: ChildProcess): Promise<void> {
  if (daemon.pid === undefined || daemon.exitCode !== null || daemon.signalCode !== null) return;
  const gone = new Promise((resolve) => daemon.once('exit', resolve));
  daemon.kill('SIGSTOP'); // no more children from here on
  for (const pid of descendantsOf(daemon.pid)) killIfThere(pid);
  daemon.kill('SIGKILL');
  await gone;
}

function descendantsOf(ancestor: number): number[] {
  if (!existsSync('/proc/self/stat')) return [];
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    const parent = parentOf(name);
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const found: number[] = [];
  for (let todo = [ancestor]; todo.length > 0; ) {
    todo = todo.flatMap((pid) => children.get(pid) ?? []);
    found.push(...todo);
  }
  return found;
}

function parentOf(pid: string): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return undefined; // it has just ended
  }
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // it has just ended
  }
}

const portsOfWorker = 2000;
const firstPort = 10_000 + (Number(process.env.VITEST_POOL_ID ?? 1) % 10) * portsOfWorker;
let portsTried = Math.floor(Math.random() * portsOfWorker);

/**
 * @returns a port that nobody listens on, for servers that cannot choose one themselves. It lies below those that the
 * system gives to connections, and no other worker takes it: nothing has it when the server starts.
 */
export async function freePort(): Promise<number> {
  for (let left = portsOfWorker; left > 0; left--) {
    const port = firstPort + (portsTried++ % portsOfWorker);
    if (await isFree(port)) return port;
  }
  throw new Error(`no free port from ${firstPort} on`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = net.createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, () => probe.close(() => resolve(true)));
  });
}

/** @returns `SHA256:…` of a public key file */
export function fingerprint(publicKey: string): string {
  return execFileSync(programPath('ssh-keygen'), ['-lf', publicKey]).toString().split(' ')[1] ?? '';
}

export type RealAppliance = {
  name: string;
  login: Login;
  cli: RealServer;
  hostOs: RealServer;
  /** `/home/administrator` of the host OS. */
  home: string;
  /** The private file root of the CLI face. */
  files: string;
  backupScript: string;
};

export type RealApplianceOptions = {
  techsupportSeconds?: number;
  /** A file that techsupport hands out a copy of; random bytes otherwise. */
  techsupportFile?: string;
  /** Servers on one machine see one another's scripts run; those of other names do not wait for each other. */
  backupScript?: string;
  /** A file the backup script hands out a copy of. */
  backupFile?: string;
  /** Each of system.log, audit.log and debug.log, over three hours. */
  logBytes?: number;
};

/**
 * An InCenter server made of real OpenSSH: a shell loop behind ForceCommand as CLI, `internal-sftp` in its file root,
 * and a host OS with real scripts.
 */
export async function startRealAppliance(
  folder: string,
  name: string,
  options: RealApplianceOptions = {},
): Promise<RealAppliance> {
  const own = join(folder, name);
  const home = join(own, 'home');
  const files = join(own, 'files');
  for (const path of [join(home, 'scripts'), join(files, 'logs'), join(files, 'techsupport'), join(files, 'errors')])
    mkdirSync(path, { recursive: true });
  const login = makeLogin(own);
  const backupScript = options.backupScript ?? 'configBackup.sh';
  writeScripts(home, files, backupScript, options.backupFile);
  if (options.logBytes === undefined) writeLogs(files);
  else writeLargeLogs(files, options.logBytes);
  const loop = writeScript(join(own, 'cli.sh'), cliLoop(files, options));
  const cli = await startSshd(own, 'cli', login.authorizedKeys, [`ForceCommand ${loop}`]);
  const bin = writeDf(own);
  const path = `PATH=${bin}:${process.env['PATH'] ?? ''}`;
  const hostOs = await startSshd(own, 'host-os', login.authorizedKeys, [`SetEnv HOME=${join(own, 'host-os')} ${path}`]);
  return { name, login, cli, hostOs, home, files, backupScript };
}

/** A machine with one local file system: its own folder. Whatever looks everywhere is not let loose on the test's machine. */
function writeDf(own: string): string {
  const bin = join(own, 'bin');
  mkdirSync(bin);
  const local = `printf 'Filesystem 1024-blocks Used Available Capacity Mounted on\\n/dev/vda1 9 9 9 9%% ${own}\\n'`;
  const real = `PATH=\${PATH#*:}; export PATH; exec df "$@"`;
  writeScript(join(bin, 'df'), `#!/bin/sh\n[ "$1" = -lP ] && { ${local}; exit; }\n${real}\n`);
  return bin;
}

function writeScript(path: string, text: string): string {
  writeFileSync(path, text);
  chmodSync(path, 0o755);
  return path;
}

function writeScripts(home: string, files: string, backupScript: string, backupFile?: string): void {
  const save = backupFile === undefined ? 'tar czf "$1" scripts' : `cp ${backupFile} "$1"`;
  writeScript(join(home, 'scripts', backupScript), `#!/bin/sh\ncd ${home} && ${save} && echo "saved $1"\n`);
  writeScript(join(home, 'scripts', 'staticIP.sh'), `#!/bin/sh\ntouch ${home}/STATIC-IP-WAS-RUN\n`);
  writeScript(
    join(home, 'scripts', 'techsupport.sh'),
    `#!/bin/sh\necho "Collecting and storing Technical Support Information..."\ntar czf ${files}/techsupport/tsf-by-script.tgz -C ${home} scripts\necho "Technical Support file created: ${files}/techsupport/tsf-by-script.tgz"\n`,
  );
}

function writeLogs(files: string): void {
  const line = (minutesAgo: number, text: string) =>
    `${new Date(Date.now() - minutesAgo * 60_000).toISOString().slice(0, 19).replace('T', ' ')} ${text}\n`;
  const minutes = Array.from({ length: 180 }, (_, index) => 180 - index);
  for (const type of ['system', 'audit']) {
    const entries = minutes.map(
      (ago) => line(ago, `${type} entry ${ago} min ago`) + (ago === 45 ? '    at a continuation line\n' : ''),
    );
    writeFileSync(join(files, 'logs', `${type}.log.0`), entries.slice(0, 120).join(''));
    execFileSync('gzip', ['-n', '-f', '-S', '.gz', join(files, 'logs', `${type}.log.0`)]);
    writeFileSync(join(files, 'logs', `${type}.log`), entries.slice(120).join(''));
  }
}

function writeLargeLogs(files: string, bytes: number): void {
  const lines = Math.round(bytes / 100);
  const since = Date.now() - 3 * 3_600_000;
  const stepMs = (3 * 3_600_000) / lines;
  for (const type of ['system', 'audit', 'debug']) {
    const text = Array.from({ length: lines }, (_, index) => {
      const stamp = new Date(since + index * stepMs).toISOString().replace('T', ' ').slice(0, 23);
      return `${`${stamp} INFO ${type}[${index}] node ${index % 97} answered in ${(index * 7919) % 1000} ms`.padEnd(99, ' .')}\n`;
    });
    writeFileSync(join(files, 'logs', `${type}.log`), text.join(''));
  }
}

function cliLoop(files: string, { techsupportSeconds = 0, techsupportFile }: RealApplianceOptions): string {
  const make = techsupportFile === undefined ? 'head -c 50000 /dev/urandom >' : `cp ${techsupportFile}`;
  return `#!/bin/bash
case "$SSH_ORIGINAL_COMMAND" in
  internal-sftp|*sftp-server*) exec ${programPath('sftp-server')} -d ${files} ;;
  '') ;;
  *) echo "only a shell here" >&2; exit 1 ;;
esac
printf 'Welcome to InCenter\\n\\n'
while true; do
  printf 'admin@InCenter:/> '
  IFS= read -r line || exit 0
  case "$line" in
    '') ;;
    techsupport)
      echo 'Collecting and storing Technical Support Information...'
      sleep ${techsupportSeconds}
      name=techsupport_$(date +%s).tgz
      ${make} ${files}/techsupport/$name
      printf '\\nTechnical Support file created:\\n%s\\n' "$name" ;;
    'log -status') printf 'system on\\naudit on\\nadmin@InCenter:/> is how the prompt looks\\n' ;;
    exit) exit 0 ;;
    *) echo "Unknown command: $line" ;;
  esac
done
`;
}

/** What goes into `appliances:` of a configuration for a real appliance. */
export function applianceConfig({ login, cli, hostOs, home }: RealAppliance, id: number, cluster?: string) {
  const face = (server: RealServer) => ({
    port: server.port,
    user: login.user,
    privateKey: login.privateKey,
    hostKey: server.hostKey,
  });
  return {
    id,
    address: '127.0.0.1',
    ...(cluster === undefined ? {} : { cluster }),
    zone: 'UTC',
    cli: face(cli),
    hostOs: { ...face(hostOs), home },
  };
}
