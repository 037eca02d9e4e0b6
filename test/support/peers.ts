import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { privateMounts, programPath } from './requirements.ts';
import {
  fingerprint,
  freePort,
  type Login,
  makeLogin,
  type RealServer,
  type SshdOptions,
  startDaemon,
  startSshd,
} from './sshd.ts';

/** A real SSH server on loopback that lets the user who runs the test in by key. */
export type Peer = RealServer & { login: Login };

const kinds = {
  /** What an appliance of 2012 offers; OpenSSH's client refuses it by default. */
  legacy: {
    lines: [
      'KexAlgorithms diffie-hellman-group14-sha1',
      'HostKeyAlgorithms ssh-rsa',
      'Ciphers aes128-ctr',
      'MACs hmac-sha1',
    ],
    options: { hostKeyTypes: ['rsa'] },
  },
  /** Refuses a second session, and a shell beside SFTP, in one connection. */
  'one-session': { lines: ['MaxSessions 1'] },
  /** Drops who comes while another one has not logged in yet; that one has two seconds. */
  'one-login': { lines: ['MaxStartups 1', 'LoginGraceTime 2'] },
  /** Exchanges keys anew after 16 kB in either direction. */
  rekeying: { lines: ['RekeyLimit 16K'] },
  /** Has no SFTP subsystem; files come by `scp -f`. */
  'scp-only': { lines: [], options: { sftp: false } },
} satisfies Record<string, { lines: string[]; options?: SshdOptions }>;

export type PeerKind = keyof typeof kinds;

/** Starts an OpenSSH server of a kind. Lines of `sshd_config` that are given stand instead of the kind's own. */
export function startPeer(folder: string, kind: PeerKind, lines: string[] = []): Promise<Peer> {
  const peer: { lines: string[]; options?: SshdOptions } = kinds[kind];
  return startWithKey(folder, kind, [...lines, ...peer.lines], peer.options); // sshd takes the first value of a keyword
}

async function startWithKey(folder: string, name: string, lines: string[], options?: SshdOptions): Promise<Peer> {
  const own = ownFolder(folder, name);
  const { authorizedKeys, ...login } = makeLogin(own);
  return { ...(await startSshd(own, 'server', authorizedKeys, lines, options)), login };
}

function ownFolder(folder: string, name: string): string {
  const own = join(folder, name);
  mkdirSync(own, { recursive: true, mode: 0o700 });
  return own;
}

/** A title, colours, a cleared screen, a new clipboard, a reversed text and a bell. */
export const escapeSequences =
  '\x1b]0;owned\x07\x1b[2J\x1b[31mred\x1b[0m \x1b]52;c;b3duZWQ=\x07 \u202egnp.exe\u202c \x07\r\n';

/** @returns escape sequences and then lines of text, so many bytes together */
export function largeBanner(bytes: number): Buffer {
  const start = Buffer.from(escapeSequences);
  const line = `${'This system is monitored. '.repeat(3)}\n`;
  return Buffer.concat([start, Buffer.alloc(Math.max(0, bytes - start.length), line)]).subarray(0, bytes);
}

/** OpenSSH with a banner: over 255 kB it sends none that a client could read, over 1 MB none at all. */
export function startBannerSshd(folder: string, banner: string | Buffer = escapeSequences): Promise<Peer> {
  const path = join(ownFolder(folder, 'banner'), 'banner');
  writeFileSync(path, banner);
  return startWithKey(folder, 'banner', [`Banner ${path}`]);
}

export type NoisyOptions = { noise?: string; stream?: 'stdout' | 'stderr' };

/** OpenSSH whose login says something before each command, `scp -f` and `sftp-server`, as a chatty .bashrc does. */
export function startNoisySshd(
  folder: string,
  { noise = 'Welcome back!\nLast backup: never\n', stream = 'stdout' }: NoisyOptions = {},
): Promise<Peer> {
  const own = ownFolder(folder, `noisy-${stream}`);
  writeFileSync(join(own, 'noise'), noise);
  const login = writeScript(
    join(own, 'login.sh'),
    `cat ${join(own, 'noise')} ${stream === 'stderr' ? '>&2' : ''}\nexec \${SSH_ORIGINAL_COMMAND:+sh -c} "\${SSH_ORIGINAL_COMMAND:-sh}"\n`,
  );
  const lines = [`ForceCommand ${login}`, `Subsystem sftp ${programPath('sftp-server')}`];
  return startWithKey(folder, `noisy-${stream}`, lines);
}

export type PasswordPeer = RealServer & { login: { user: string; password: string } };

export type PasswordOptions = { password: string; method?: 'keyboard-interactive' | 'password' };

/**
 * OpenSSH that lets the user who runs the test in by a password of the test's own: PAM decides, by a configuration that
 * only this server sees. Needs `sshd` and `unshare`.
 */
export async function startPasswordSshd(
  folder: string,
  { password, method = 'keyboard-interactive' }: PasswordOptions,
): Promise<PasswordPeer> {
  const own = ownFolder(folder, `by-${method}`);
  const server = await startSshd(
    own,
    'server',
    'none',
    [
      'UsePAM yes',
      `AuthenticationMethods ${method}`,
      `KbdInteractiveAuthentication ${method === 'password' ? 'no' : 'yes'}`,
      `PasswordAuthentication ${method === 'password' ? 'yes' : 'no'}`,
      'PubkeyAuthentication no',
    ],
    { wrap: (command) => withOwn({ '/etc/pam.d': pamFolder(own, password), '/etc/group': groupsFile(own) }, command) },
  );
  return { ...server, login: { user: userInfo().username, password } };
}

function pamFolder(own: string, password: string): string {
  const folder = ownFolder(own, 'pam.d');
  writeFileSync(join(own, 'password'), password, { mode: 0o600 });
  const check = writeScript(join(own, 'check.sh'), `tr -d '\\000' | cmp -s - ${join(own, 'password')}\n`);
  const rules = [
    `auth required pam_exec.so quiet expose_authtok ${check}`,
    'auth required pam_permit.so', // pam_exec has no credentials to set
    'account required pam_permit.so',
    'session required pam_permit.so',
  ];
  writeFileSync(join(folder, 'sshd'), `${rules.join('\n')}\n`);
  return folder;
}

/** Without a group "tty" sshd does not give terminals to it, which in a user namespace it cannot. */
function groupsFile(own: string): string {
  const path = join(own, 'group');
  writeFileSync(path, readFileSync('/etc/group', 'utf8').replace(/^tty:.*\n/m, ''));
  return path;
}

/** Dropbear, and the home of who logs in. */
export type Dropbear = Peer & { home: string };

/**
 * Dropbear as small appliances have it: no sftp-server on the machine, files come by `scp -f`. It sees a home of its own
 * for the user who runs the test, with the key in it. Needs `dropbear`, `dropbearkey` and `unshare`.
 */
export async function startDropbear(folder: string, args: string[] = []): Promise<Dropbear> {
  const own = ownFolder(folder, 'dropbear');
  const { authorizedKeys, ...login } = makeLogin(own);
  const home = ownFolder(own, 'home');
  copyFileSync(authorizedKeys, join(ownFolder(home, '.ssh'), 'authorized_keys'));
  const port = await freePort();
  const hostKey = makeDropbearKey(own);
  const command = [programPath('dropbear'), '-F', '-E', '-s', '-p', `127.0.0.1:${port}`, '-r', hostKey.path, ...args];
  const files = { '/etc/passwd': passwdFile(own, home), '/etc/group': groupsFile(own) };
  const server = await startDaemon(withOwn({ ...files, ...withoutSftpServer(own) }, command), 'Not backgrounding');
  return { port, hostKey: hostKey.fingerprint, ...server, login, home };
}

function makeDropbearKey(own: string): { path: string; fingerprint: string } {
  const path = join(own, 'host_key');
  const said = execFileSync(programPath('dropbearkey'), ['-t', 'ed25519', '-f', path], { stdio: 'pipe' }).toString();
  writeFileSync(`${path}.pub`, said.split('\n').find((line) => line.startsWith('ssh-')) ?? '');
  return { path, fingerprint: fingerprint(`${path}.pub`) };
}

function passwdFile(own: string, home: string): string {
  const path = join(own, 'passwd');
  const moved = (line: string) => line.split(':').with(5, home).join(':');
  const lines = readFileSync('/etc/passwd', 'utf8').split('\n');
  const mine = `${userInfo().username}:`;
  writeFileSync(path, lines.map((line) => (line.startsWith(mine) ? moved(line) : line)).join('\n'));
  return path;
}

/** Debian's dropbear runs /usr/lib/sftp-server, a link into this folder. */
function withoutSftpServer(own: string): Record<string, string> {
  return existsSync('/usr/lib/openssh') ? { '/usr/lib/openssh': ownFolder(own, 'empty') } : {};
}

/** @returns the command run where these paths, and only for it, have another content */
function withOwn(contents: Record<string, string>, command: string[]): string[] {
  const { uid, gid } = userInfo();
  const asMyself = uid === 0 ? [] : ['unshare', '--user', `--map-user=${uid}`, `--map-group=${gid}`];
  const mounts = Object.entries(contents).map(([path, content]) => `mount --bind '${content}' '${path}' && `);
  const script = `${mounts.join('')}exec "$@"`;
  return [programPath('unshare'), ...privateMounts(), 'sh', '-c', script, 'sh', ...asMyself, ...command];
}

function writeScript(path: string, text: string): string {
  writeFileSync(path, `#!/bin/sh\n${text}`);
  chmodSync(path, 0o755);
  return path;
}
