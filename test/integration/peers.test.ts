import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startChaosProxy, type Toxics } from '../support/chaos-proxy.ts';
import {
  largeBanner,
  type Peer,
  type PeerKind,
  startBannerSshd,
  startDropbear,
  startNoisySshd,
  startPasswordSshd,
  startPeer,
} from '../support/peers.ts';
import { lacks, programPath } from '../support/requirements.ts';
import { temporaryFolder } from '../support/rig.ts';
import { startTcpServer } from '../support/scripted-server.ts';

/** The rigs themselves, checked with the clients of OpenSSH: a peer must be what its name says. */
describe.skipIf(lacks('sshd', 'sftp-server', 'ssh', 'scp', 'sftp'))('real OpenSSH servers', () => {
  it('legacy: offers to a client of today what that one refuses, and serves who insists', async () => {
    const { ssh, peer } = await meet('legacy');
    const old = ['-oKexAlgorithms=+diffie-hellman-group14-sha1', '-oHostKeyAlgorithms=+ssh-rsa', '-oMACs=+hmac-sha1'];

    const byDefault = await ssh(['true']);
    const withOldKex = await ssh([...old.slice(0, 1), 'true']);
    const insisting = await ssh(['-v', ...old, 'echo hello']);

    expect(byDefault.stderr).toContain('Their offer: diffie-hellman-group14-sha1');
    expect(withOldKex.stderr).toContain('Their offer: ssh-rsa');
    expect(insisting.stdout).toBe('hello\n');
    expect(insisting.stderr).toContain(`Server host key: ssh-rsa ${peer.hostKey}`);
    expect(insisting.stderr).toContain('kex: server->client cipher: aes128-ctr MAC: hmac-sha1 ');
  });

  it('one-session: refuses a second session of a connection', async () => {
    const { ssh, folder } = await meet('one-session');
    const control = ['-S', join(folder, 'control')];
    void ssh([...control, '-M', 'sleep 60']);
    await until(() => existsSync(join(folder, 'control')));

    const second = await ssh([...control, '-oControlMaster=no', '-oProxyCommand=false', 'true']);

    expect(second.stderr).toContain('Session open refused by peer');
  });

  it('one-login: drops the next one until the first is in or has used up its time', async () => {
    const { ssh, peer } = await meet('one-login', ['LoginGraceTime 1']);
    const holder = net.connect(peer.port, '127.0.0.1');
    onTestFinished(() => void holder.destroy());
    const dropped = new Promise((resolve) => holder.on('error', resolve).on('close', resolve));
    await new Promise((resolve) => holder.once('data', resolve));

    const refused = await ssh(['true']);
    await dropped;
    const served = await ssh(['true']);

    expect(refused.code).toBe(255);
    expect(refused.stderr).toMatch(/kex_exchange_identification/);
    expect(served).toMatchObject({ code: 0 });
  });

  it('rekeying: exchanges keys again and again', async () => {
    const { ssh } = await meet('rekeying');

    const done = await ssh(['-v', 'head -c 100000 /dev/zero']);

    expect(done.stdout).toHaveLength(100_000);
    expect(done.stderr.match(/SSH2_MSG_NEWKEYS received/g)?.length).toBeGreaterThan(3);
  });

  it('scp-only: has no SFTP, and hands out files by scp -f', async () => {
    const { scp, sftp } = await meet('scp-only');

    const [bySftp, byNewScp, byScp] = [await sftp(), await scp(), await scp(['-O'])];

    expect(bySftp.stderr).toContain('subsystem request failed');
    expect(byNewScp.copied).toBeUndefined();
    expect(byScp.copied).toBe('evidence\n');
  });

  it('shows a banner of escape sequences, and a large one', async () => {
    const folder = await temporaryFolder();
    const { ssh } = clientsOf(folder, await startBannerSshd(folder));
    const large = clientsOf(folder, await startBannerSshd(join(folder, 'large'), largeBanner(200_000)));

    const [shown, shownLarge] = [await ssh(['true']), await large.ssh(['true'])];

    expect(shown.stderr).toContain('\\033]0;owned\\007\\033[2J'); // the client escapes what the server sent
    expect(shownLarge.code).toBe(0);
    expect(shownLarge.stderr.length).toBeGreaterThan(199_000);
  });

  it('says something at login: before a command, into SCP and into SFTP', async () => {
    const folder = await temporaryFolder();
    const { ssh, sftp, scp } = clientsOf(folder, await startNoisySshd(folder));
    const quieter = clientsOf(folder, await startNoisySshd(folder, { noise: 'quota exceeded\n', stream: 'stderr' }));

    const [command, bySftp, byScp] = [await ssh(['echo "$0" && exit 3']), await sftp(), await scp(['-O'])];
    const [besides, beside] = [await quieter.ssh(['echo out']), await quieter.scp(['-O'])];

    expect(command).toMatchObject({ code: 3, stdout: 'Welcome back!\nLast backup: never\nsh\n' });
    expect(bySftp.stderr).toContain('Received message too long');
    expect(byScp.copied).toBeUndefined();
    expect(besides).toMatchObject({ stdout: 'out\n', stderr: 'quota exceeded\n' });
    expect(beside.copied).toBe('evidence\n');
  });

  it.skipIf(lacks('unshare')).each(['keyboard-interactive', 'password'] as const)(
    'lets in by %s, with the password of the test',
    async (method) => {
      const folder = await temporaryFolder();
      const password = "pä$$ 'word\\";
      const peer = await startPasswordSshd(folder, { password, method });
      const { ssh } = clientsOf(folder, { ...peer, login: { user: peer.login.user, privateKey: 'none' } });
      const answering = (answer: string) => {
        const script = join(folder, 'askpass.sh');
        writeFileSync(script, '#!/bin/sh\nprintf "%s\\n" "$ANSWER"\n', { mode: 0o755 });
        return { SSH_ASKPASS: script, SSH_ASKPASS_REQUIRE: 'force', ANSWER: answer };
      };
      const interactive = ['-oBatchMode=no', '-oNumberOfPasswordPrompts=1'];

      const right = await ssh([...interactive, '-tt', 'tty'], answering(password));
      const wrong = await ssh([...interactive, 'true'], answering(`${password}x`));

      expect(right).toMatchObject({ code: 0, stdout: expect.stringContaining('/dev/pts/') });
      expect(wrong.stderr).toContain(`Permission denied (${method})`);
    },
  );

  it('ends its sessions, and what runs in them, with itself', async () => {
    const { ssh, peer } = await meet('one-session');
    const hanging = ssh(['echo $$; exec sleep 60']);
    await until(() => /Accepted publickey/.test(peer.log()));

    await peer.close();

    expect((await hanging).code).toBe(255);
  });
});

describe.skipIf(lacks('dropbear', 'dropbearkey', 'unshare', 'ssh', 'scp', 'sftp'))('dropbear', () => {
  it('serves commands and scp -f, in a home of its own, and no SFTP', async () => {
    const folder = await temporaryFolder();
    const peer = await startDropbear(folder);
    const { ssh, sftp, scp } = clientsOf(folder, peer);

    const command = await ssh(['-v', '-tt', 'pwd']);
    const [bySftp, byScp] = [await sftp(), await scp(['-O'])];

    expect(command.stdout).toBe(`${peer.home}\r\n`);
    expect(command.stderr).toContain('remote software version dropbear');
    expect(command.stderr).toContain(`Server host key: ssh-ed25519 ${peer.hostKey}`);
    expect(bySftp).toMatchObject({ code: 255, stderr: expect.stringMatching(/sftp-server: (not found|No such file)/) });
    expect(byScp.copied).toBe('evidence\n');
  });
});

describe('the chaos proxy', () => {
  const megabyte = Buffer.alloc(1_000_000, 'x');

  it.each([0, 1, 37, 65_536, 500_001])('cuts after %i bytes, by FIN and by RST', async (afterBytes) => {
    const fin = await download({ cut: { afterBytes, by: 'fin' } });
    const rst = await download({ cut: { afterBytes, by: 'rst' } });

    expect(fin).toMatchObject({ bytes: afterBytes, ended: 'end' });
    expect(rst).toMatchObject({ bytes: afterBytes, ended: 'ECONNRESET' });
  });

  it('stalls after so many bytes, until it is told otherwise', async () => {
    const { proxy, client } = await throughProxy({ stall: { afterBytes: 1000 } });
    await until(() => client.bytesRead === 1000);
    expect(proxy.connections).toEqual([{ up: 0, down: 1000, open: true }]);

    proxy.change({ down: {} });
    await new Promise((resolve) => client.once('end', resolve));

    expect(client.bytesRead).toBe(megabyte.length);
    await until(() => proxy.connections[0]?.open === false);
  });

  it('delays without taking bandwidth, and takes bandwidth', async () => {
    const delayed = await download({ latencyMs: 150 });
    const narrow = await download({ bytesPerSecond: 2_000_000 });
    const sliced = await download({ slice: { bytes: 5000 } });

    expect(delayed).toMatchObject({ bytes: megabyte.length, ended: 'end' });
    expect(delayed.ms).toBeGreaterThanOrEqual(149);
    expect(narrow.ms).toBeGreaterThan(400);
    expect(sliced.bytes).toBe(megabyte.length);
    expect(sliced.largest).toBeLessThanOrEqual(20_000); // the kernel may join a few
  });

  it('refuses new connections and takes them again, on the same port', async () => {
    const { proxy, client } = await throughProxy({ stall: { afterBytes: 10 } });
    await until(() => client.bytesRead === 10);

    await proxy.refuse(true);
    const refused = await drain(net.connect(proxy.port, '127.0.0.1'));
    await proxy.refuse(false);
    const taken = net.connect(proxy.port, '127.0.0.1');
    await until(() => taken.bytesRead === 10);

    expect(refused.ended).toBe('ECONNREFUSED');
    expect(proxy.connections).toHaveLength(2);
    expect(proxy.connections[0]).toMatchObject({ open: true });
  });

  async function throughProxy(down: Toxics) {
    const server = await startTcpServer((socket) => socket.end(megabyte));
    const proxy = await startChaosProxy(server.port, { down });
    const client = net.connect(proxy.port, '127.0.0.1').resume();
    client.on('error', () => undefined);
    onTestFinished(() => void client.destroy());
    return { proxy, client };
  }

  async function download(down: Toxics) {
    return drain((await throughProxy(down)).client);
  }
});

/** Reads to the end, whichever it is. */
function drain(socket: net.Socket): Promise<{ bytes: number; ended: string; ms: number; largest: number }> {
  const since = performance.now();
  let largest = 0;
  socket.on('data', (chunk) => {
    largest = Math.max(largest, chunk.length);
  });
  return new Promise((resolve) => {
    const done = (ended: string) => resolve({ bytes: socket.bytesRead, ended, ms: performance.now() - since, largest });
    socket.once('end', () => done('end'));
    socket.once('error', (error: NodeJS.ErrnoException) => done(error.code ?? error.message));
  });
}

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 5));
}

async function meet(kind: PeerKind, lines?: string[]) {
  const folder = await temporaryFolder();
  const peer = await startPeer(folder, kind, lines);
  return { folder, peer, ...clientsOf(folder, peer) };
}

type Ended = { code: number | null; stdout: string; stderr: string };

/** OpenSSH's clients, with nothing of the configuration of who runs the test. */
function clientsOf(folder: string, { port, login }: Pick<Peer, 'port' | 'login'>) {
  const common = [
    ...['-F', 'none', '-i', login.privateKey, '-oIdentitiesOnly=yes', '-oIdentityAgent=none', '-oBatchMode=yes'],
    ...[
      '-oStrictHostKeyChecking=no',
      '-oUserKnownHostsFile=/dev/null',
      '-oLogLevel=INFO',
      '-oGlobalKnownHostsFile=none',
    ],
  ];
  const there = `${login.user}@127.0.0.1`;
  return {
    /** The last argument is the command; options before it stand before ours. */
    ssh: (args: string[], env = {}) =>
      run('ssh', [...args.slice(0, -1), ...common, '-p', String(port), there, ...args.slice(-1)], env),
    sftp: () => run('sftp', [...common, '-P', String(port), '-b', '/dev/null', there]),
    async scp(args: string[] = []) {
      writeFileSync(join(folder, 'remote'), 'evidence\n');
      const local = join(folder, `local-${args.join('')}`);
      const ended = await run('scp', [...common, '-P', String(port), ...args, `${there}:${folder}/remote`, local]);
      return { ...ended, copied: readIfThere(local) };
    },
  };
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function run(program: 'ssh' | 'scp' | 'sftp', args: string[], env: Record<string, string> = {}): Promise<Ended> {
  const child = spawn(programPath(program), args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  const [out, err]: [Buffer[], Buffer[]] = [[], []];
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
  onTestFinished(() => void child.kill());
  return new Promise((resolve) => {
    child.once('close', (code) => {
      resolve({
        code,
        stdout: Buffer.concat(out).toString(),
        stderr: Buffer.concat(err)
          .toString()
          .replace(/^Warning: Permanently added .*\r?\n/m, ''),
      });
    });
  });
}
