import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import net, { type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { onTestFinished, vi } from 'vitest';
import { makeCertificates } from './certificates.ts';
import { programPath } from './requirements.ts';
import { temporaryFolder } from './rig.ts';
import { freePort, startDaemon } from './sshd.ts';

export const mailLogin = { user: 'icepack', password: 'smtp-canary-pw-7' };

/** On loopback, and yet a host to which nothing may go unprotected. */
export const strictHost = '127.0.0.2';

export type MailServer = { url: URL; ca: string; mails: string[]; logins: number /** All connections. */; cut(): void };

/** A mail server of ours, which wants TLS and a login. @param options what it does otherwise */
export async function startMailServer(
  options: SMTPServerOptions & { names?: string; host?: string } = {},
): Promise<MailServer> {
  const folder = await temporaryFolder();
  const { ca, key, certificate } = makeCertificates(folder, options.names);
  const sockets = new Set<net.Socket>();
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  const seen: Pick<MailServer, 'mails' | 'logins' | 'cut'> = { mails: [], logins: 0, cut };
  const server = new SMTPServer({
    key: readFileSync(key),
    cert: readFileSync(certificate),
    onAuth({ username, password }, _session, done) {
      seen.logins += 1;
      if (username === mailLogin.user && password === mailLogin.password) return done(null, { user: username });
      done(Object.assign(new Error(`no such login: ${password}`), { responseCode: 535 }));
    },
    async onData(stream, _session, done) {
      seen.mails.push(await text(stream));
      done();
    },
    ...options,
  });
  server.on('error', () => undefined); // a client that leaves is what is tested
  server.server.on('connection', (socket: net.Socket) => sockets.add(socket));
  const { host = strictHost } = options;
  await new Promise<void>((resolve) => {
    server.listen(0, host, resolve);
  });
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
  const { port } = server.server.address() as AddressInfo;
  return Object.assign(seen, { ca, url: new URL(`${options.secure ? 'smtps' : 'smtp'}://${host}:${port}`) });
}

/** A channel of a configuration to a server, whose password is in `SMTP_PW`. */
export const mailChannel = ({ url, ca }: Pick<MailServer, 'url' | 'ca'>) => ({
  ...{ kind: 'smtp', url: url.href, ca, from: 'icepack@example.com' },
  ...{ user: mailLogin.user, password: { env: 'SMTP_PW' } },
});

type Wire = { url: URL; received(): string /** How many connections there are. */; open(): number };

/** A port that does what it is told with whoever comes. */
export async function startWire(serve: (client: net.Socket) => void, host = '127.0.0.1'): Promise<Wire> {
  const received: Buffer[] = [];
  const sockets = new Set<net.Socket>();
  const server = net.createServer((client) => {
    sockets.add(client);
    client.on('data', (chunk: Buffer) => received.push(chunk));
    client.on('error', () => undefined);
    client.on('close', () => sockets.delete(client));
    serve(client);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, host, resolve);
  });
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const url = new URL(`smtp://${host}:${(server.address() as AddressInfo).port}`);
  return { url, received: () => Buffer.concat(received).toString(), open: () => sockets.size };
}

const answers: Record<string, string> = {
  ...{ EHLO: '250-mail\r\n250 AUTH PLAIN', AUTH: '235 ok', MAIL: '250 ok', RCPT: '250 ok', DATA: '354 go on' },
  ...{ '.': '250 taken', QUIT: '221 bye' },
};

/** A mail server without TLS that has another answer for some commands, or none. */
export function startScriptedSmtp(others: Record<string, string | undefined>): Promise<Wire> {
  const said = { ...answers, ...others };
  return startWire((client) => {
    client.write('220 mail\r\n');
    client.on('data', (chunk: Buffer) => {
      for (const line of chunk.toString().split('\r\n')) {
        const answer = said[/^(?:[A-Z]{4}(?= |$)|\.$)/.exec(line)?.[0] ?? ''];
        if (answer !== undefined) client.write(`${answer}\r\n`);
      }
    });
  });
}

/** Exim, with a queue and a file for what it delivers. */
export async function startExim(): Promise<{ url: URL; ca: string; box(): Promise<string> }> {
  const folder = await temporaryFolder();
  chmodSync(folder, 0o755);
  for (const name of ['spool', 'box', 'logs']) mkdirSync(join(folder, name));
  const { ca, key, certificate } = makeCertificates(folder);
  const port = await freePort();
  const config = join(folder, 'exim.conf');
  const log = join(folder, 'logs', 'mainlog');
  writeFileSync(config, eximLines(folder, port, key, certificate).join('\n'));
  execFileSync('chown', ['-R', 'Debian-exim:Debian-exim', folder]);
  execFileSync('chown', ['root:root', config, folder]);
  await startDaemon([programPath('exim'), '-C', config, '-bdf', '-d-all+route'], 'Listening');
  return {
    ca,
    url: new URL(`smtp://${strictHost}:${port}`),
    async box() {
      const isDone = () => existsSync(log) && readFileSync(log, 'utf8').includes(' Completed');
      await vi.waitUntil(isDone, { timeout: 20_000, interval: 20 });
      return readFileSync(join(folder, 'box', 'mail'), 'utf8');
    },
  };
}

/** Exim, which gives mails to a program, and sends back what that prints. @returns gives it one, and says what became of it */
export async function eximPipe(command: string): Promise<(mail: string) => string> {
  const folder = await temporaryFolder();
  chmodSync(folder, 0o755);
  for (const name of ['spool', 'logs']) mkdirSync(join(folder, name));
  const config = join(folder, 'exim.conf');
  const lines = [
    ...['primary_hostname = mail.example.com', `exim_path = ${programPath('exim')}`],
    ...[`spool_directory = ${folder}/spool`, `log_file_path = ${folder}/logs/%slog`, 'keep_environment ='],
    ...['begin routers', 'all:', '  driver = accept', '  transport = pipe', 'begin transports', 'pipe:'],
    ...['  driver = pipe', `  command = ${command}`, '  return_output', '  return_path_add'],
    ...['  user = Debian-exim', '  group = Debian-exim', 'begin retry', '* * F,2h,15m', ''],
  ];
  writeFileSync(config, lines.join('\n'));
  execFileSync('chown', ['-R', 'Debian-exim:Debian-exim', folder]);
  execFileSync('chown', ['root:root', config, folder]);
  const log = join(folder, 'logs', 'mainlog');
  return (mail) => {
    const from = existsSync(log) ? readFileSync(log, 'utf8').length : 0;
    const args = ['-C', config, '-odf', '-f', 'kim@example.com', 'ack@example.com'];
    execFileSync(programPath('exim'), args, { input: mail });
    return readFileSync(log, 'utf8').slice(from);
  };
}

function eximLines(folder: string, port: number, key: string, certificate: string): string[] {
  return [
    'primary_hostname = mail.example.com',
    `exim_path = ${programPath('exim')}`,
    `spool_directory = ${folder}/spool`,
    `log_file_path = ${folder}/logs/%slog`,
    `pid_file_path = ${folder}/spool/pid`,
    `local_interfaces = ${strictHost}`,
    `daemon_smtp_ports = ${port}`,
    'tls_advertise_hosts = *',
    `tls_certificate = ${certificate}`,
    `tls_privatekey = ${key}`,
    `auth_advertise_hosts = \${if eq{$tls_in_cipher}{}{}{*}}`,
    'acl_smtp_rcpt = rcpt',
    'keep_environment =',
    'begin acl',
    'rcpt:',
    '  accept authenticated = *',
    '  deny message = relay not permitted',
    'begin routers',
    'all:',
    '  driver = accept',
    '  transport = box',
    'begin transports',
    'box:',
    '  driver = appendfile',
    `  file = ${folder}/box/mail`,
    '  user = Debian-exim',
    '  group = Debian-exim',
    'begin authenticators',
    'plain:',
    '  driver = plaintext',
    '  public_name = PLAIN',
    '  server_prompts = :',
    `  server_condition = \${if and{{eq{$auth2}{${mailLogin.user}}}{eq{$auth3}{${mailLogin.password}}}}}`,
    '',
  ];
}
