import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { vi } from 'vitest';
import { makeCertificates } from './certificates.ts';
import { programPath } from './requirements.ts';
import { freePort, startDaemon } from './sshd.ts';

export type FtpServer = {
  host: string;
  port: number;
  /** Of data connections. */
  passivePorts: [number, number];
  /** Where its files are. */
  files: string;
  /** PEM of the authority that signed its certificate. */
  ca: string;
  log(): string;
};

export type FtpdOptions = {
  tls?: 'none' | 'explicit' | 'implicit';
  /** Besides 127.0.0.1, for proxies before it that have its ports. */
  host?: string;
  /** Lines that stand last, e.g. a `<Limit>`. */
  lines?: string[];
};

export const ftpLogin = { user: 'acme', password: 'ftp-canary-pw-3' };

/** Starts a real FTP server (ProFTPD) on loopback, with one user and, where root starts it, `anonymous`. */
export async function startFtpd(
  folder: string,
  { tls = 'none', host = '127.0.0.1', lines = [] }: FtpdOptions = {},
): Promise<FtpServer> {
  const own = join(folder, 'ftpd');
  const files = join(own, 'files');
  mkdirSync(join(files, 'in'), { recursive: true });
  const port = await freePort();
  const passivePorts = await twoPorts();
  const { uid, gid, username } = userInfo();
  const hash = execFileSync(programPath('openssl'), ['passwd', '-6', ftpLogin.password]).toString().trim();
  const users = join(own, 'users');
  const line = (name: string, password: string) => `${name}:${password}:${uid}:${gid}::${files}:/bin/sh\n`;
  writeFileSync(users, line(ftpLogin.user, hash) + line(username, '!'), { mode: 0o600 });
  const group = execFileSync('id', ['-gn']).toString().trim();
  const ca = tls === 'none' ? '' : makeCertificates(own).ca;
  const config = [
    'ServerType standalone',
    `DefaultAddress ${host}`,
    'SocketBindTight on',
    'UseIPv6 off',
    'UseReverseDNS off',
    `Port ${port}`,
    `PassivePorts ${passivePorts.join(' ')}`,
    `User ${username}`,
    `Group ${group}`,
    `AuthUserFile ${users}`,
    'AuthOrder mod_auth_file.c',
    'RequireValidShell off',
    'RootLogin on',
    'UseFtpUsers off',
    'ScoreboardFile none',
    `PidFile ${join(own, 'pid')}`,
    'DelayEngine off',
    'WtmpLog off',
    'TransferLog none',
    'TimeoutLinger 0',
    'AllowOverwrite on',
    'AllowStoreRestart on',
    'AllowRetrieveRestart on',
    ...(process.getuid?.() === 0
      ? [
          `<Anonymous ${files}>`,
          `User ${username}`,
          `Group ${group}`,
          `UserAlias anonymous ${username}`,
          'RequireValidShell off',
          '</Anonymous>',
        ]
      : []),
    ...(tls === 'none' ? [] : tlsLines(own, tls)),
    ...lines,
  ];
  writeFileSync(join(own, 'proftpd.conf'), `${config.join('\n')}\n`);
  const command = [programPath('proftpd'), '-n', '-d', '1', '-c', join(own, 'proftpd.conf')];
  const { log } = await startDaemon(command, 'STARTUP');
  await untilItListens(host, port);
  return { host, port, passivePorts, files, ca, log };
}

/** It takes a range of ports: two that follow each other. */
async function twoPorts(): Promise<[number, number]> {
  for (let last = await freePort(); ; ) {
    const next = await freePort();
    if (next === last + 1) return [last, next];
    last = next;
  }
}

/** It says that it has started a moment before it listens. */
async function untilItListens(host: string, port: number): Promise<void> {
  await vi.waitUntil(
    () =>
      new Promise<boolean>((resolve) => {
        const socket = net.connect(port, host, () => resolve(true));
        socket.on('error', () => resolve(false));
        socket.on('connect', () => socket.destroy());
      }),
    { timeout: 10_000, interval: 20 },
  );
}

/** Data connections must resume the session of the control connection, as is usual. */
function tlsLines(own: string, tls: 'explicit' | 'implicit'): string[] {
  return [
    'ModulePath /usr/lib/proftpd',
    'LoadModule mod_tls.c',
    'TLSEngine on',
    'TLSRequired on',
    `TLSLog ${join(own, 'tls.log')}`,
    `TLSRSACertificateFile ${join(own, 'server.pem')}`,
    `TLSRSACertificateKeyFile ${join(own, 'server.key')}`,
    'TLSVerifyClient off',
    ...(tls === 'implicit' ? ['TLSOptions UseImplicitSSL'] : []),
  ];
}
