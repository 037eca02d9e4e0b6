import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { appendFile, chmod, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import net from 'node:net';
import { join } from 'node:path';
import ssh2 from 'ssh2';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { HostKeyPin, ShownHostKey } from '../../src/domain/host-key.ts';
import { UserError } from '../../src/errors.ts';
import { connect } from '../../src/ssh/connect.ts';
import { openDialer } from '../../src/ssh/dialer.ts';
import { exec } from '../../src/ssh/exec.ts';
import { shownHostKey } from '../../src/ssh/host-keys.ts';
import { probeOf } from '../../src/ssh/probe.ts';
import { openKnownHosts } from '../../src/state/known-hosts.ts';
import { type ChaosProxy, startChaosProxy, type Toxics } from '../support/chaos-proxy.ts';
import { connected, failureOf, targetOf } from '../support/connect-target.ts';
import { hintOf } from '../support/hint.ts';
import { largeBanner, startBannerSshd, startDropbear, startPasswordSshd, startPeer } from '../support/peers.ts';
import { lacks, programPath } from '../support/requirements.ts';
import { type Finished, projectRoot, type Rig, runProgram, startRig, temporaryFolder } from '../support/rig.ts';
import { newKeyPair, startTcpServer } from '../support/scripted-server.ts';
import { fingerprint, freePort, type Login, makeLogin, type RealServer, startSshd } from '../support/sshd.ts';

const never = new AbortController().signal;

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 5));
}

async function publicKeyOf(path: string): Promise<HostKeyPin> {
  const [type = '', key = ''] = (await readFile(`${path}.pub`, 'utf8')).split(' ');
  return { source: 'known_hosts:1', type, key };
}

/** An OpenSSH server with several host keys, and where they are. */
async function startWithHostKeys(hostKeyTypes: ('ed25519' | 'ecdsa' | 'rsa')[], lines: string[] = []) {
  const folder = await temporaryFolder();
  const { authorizedKeys, ...login } = makeLogin(folder);
  const server = await startSshd(folder, 'server', authorizedKeys, lines, { hostKeyTypes });
  return {
    ...server,
    login,
    folder,
    authorizedKeys,
    hostKeyAt: (type: string) => join(folder, 'server', `host_key_${type}`),
  };
}

describe.skipIf(lacks('sshd', 'sftp-server', 'ssh-keygen'))('a real OpenSSH server', () => {
  it('that exchanges keys again and again is checked each time, while data flows (A07)', async () => {
    const peer = await startPeer(await temporaryFolder(), 'rekeying');
    const { pin, asked } = countedPin(peer.hostKey);
    const connection = await connected(targetOf('hostOs', peer, { pins: [pin] }));
    const atLogin = asked();

    const { stdout } = await exec(connection, 'head -c 300000 /dev/zero', never);

    expect(stdout).toHaveLength(300_000);
    expect(asked() - atLogin).toBeGreaterThan(5);
  });

  it('whose key is no longer the pinned one at such an exchange is left (A07)', async () => {
    const peer = await startPeer(await temporaryFolder(), 'rekeying');
    const { pin, becomes } = countedPin(peer.hostKey);
    const connection = await connected(targetOf('hostOs', peer, { pins: [pin] }));
    becomes('SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA');

    const failure = await exec(connection, 'head -c 300000 /dev/zero', never).catch((error: unknown) => error);

    expect(shownOf(failure)).toMatchObject({ name: 'UserError', code: 'host-key-changed' });
    expect(String(failure)).toContain(peer.hostKey);
  });

  it('with a pinned RSA key beside the Ed25519 key it prefers shows the pinned one (A03)', async () => {
    const server = await startWithHostKeys(['ed25519', 'rsa']);
    const pin = await publicKeyOf(server.hostKeyAt('rsa'));

    const connection = await connected(targetOf('hostOs', server, { pins: [pin] }));

    expect(connection.probe.hostKey).toMatchObject({ type: 'ssh-rsa', key: 'key' in pin && pin.key });
    expect(connection.probe.algorithms).toContain('rsa-sha2-512');
  });

  it.each(['rsa', 'ecdsa'])('with the fingerprint of its %s key pinned is logged in to (A03)', async (type) => {
    const server = await startWithHostKeys(['ed25519', 'ecdsa', 'rsa'], ['LogLevel VERBOSE']);
    const hostKey = fingerprint(`${server.hostKeyAt(type)}.pub`);

    const connection = await connected(targetOf('hostOs', { ...server, hostKey }));

    expect(connection.probe.hostKey?.fingerprint).toBe(hostKey);
    expect(server.log().match(/Accepted publickey/g)).toHaveLength(1);
  });

  it('without a key of the pinned type is not logged in to (A03)', async () => {
    const server = await startWithHostKeys(['ed25519', 'ecdsa'], ['LogLevel DEBUG2']);
    const other = await startWithHostKeys(['rsa']);
    const pin = await publicKeyOf(other.hostKeyAt('rsa'));

    const failure = await failureOf(connect(targetOf('hostOs', server, { pins: [pin] }), never));

    expect(shownOf(failure)).toMatchObject({
      code: 'host-key-changed',
      message: expect.stringContaining('known_hosts:1'),
    });
    expect(server.log()).not.toContain('userauth-request');
  });

  it.each([
    'cut by fin',
    'cut by rst',
    'stalled',
  ])('has its handshake %s at any byte: an error every time (A12, A13)', async (how) => {
    const server = await startWithHostKeys(['ed25519'], ['MaxStartups 1000']);
    const target = { ...targetOf('hostOs', server), timeoutMs: how === 'stalled' ? 400 : 10_000 };
    const whole = await startChaosProxy(server.port);
    await connected({ ...target, port: whole.port, timeoutMs: 10_000 });
    const bytes = (whole.connections[0]?.down ?? 0) - 400; // what follows the consent is no handshake
    const points = Array.from({ length: 12 }, (_, index) => Math.floor((index * bytes) / 12));

    const outcomes = await Promise.all(
      points.map(async (afterBytes) => {
        const toxics: Toxics = {
          stalled: { stall: { afterBytes } },
          'cut by fin': { cut: { afterBytes, by: 'fin' as const } },
          'cut by rst': { cut: { afterBytes, by: 'rst' as const } },
        }[how] as Toxics;
        const proxy = await startChaosProxy(server.port, { down: toxics });
        return failureOf(connect({ ...target, port: proxy.port }, new AbortController().signal));
      }),
    );

    expect(bytes).toBeGreaterThan(1000);
    for (const outcome of outcomes) expect(outcome).toMatchObject({ name: 'UserError', code: 'unreachable' });
  });

  it('of 2012 is told what it offers and which switch allows it, and with it let us in (A14)', async () => {
    const peer = await startPeer(await temporaryFolder(), 'legacy');

    const refused = await failureOf(connect(targetOf('hostOs', peer), never));
    const connection = await connected({ ...targetOf('hostOs', peer), legacyAlgorithms: true });

    expect(shownOf(refused)).toMatchObject({
      code: 'no-common-algorithm',
      message: expect.stringContaining('it offers diffie-hellman-group14-sha1'),
      hint: expect.stringContaining('appliances.ice01.legacyAlgorithms: true'),
    });
    expect(connection.probe.algorithms).toBe('diffie-hellman-group14-sha1, ssh-rsa, aes128-ctr, hmac-sha1');
  });

  it('that takes neither key nor password counts one attempt of each (A16)', async () => {
    const server = await startWithHostKeys(
      ['ed25519'],
      ['AuthenticationMethods any', 'PasswordAuthentication yes', 'LogLevel VERBOSE'],
    );
    const { privateKey } = makeLogin(await temporaryFolder());
    const login = { ...server.login, privateKey, password: 'no password of anybody' };

    const failure = await failureOf(openDialer().dial(targetOf('hostOs', { ...server, login }), never));
    await until(() => /Connection closed|disconnect/i.test(server.log()));

    expect(shownOf(failure)).toMatchObject({
      code: 'login-refused',
      message: expect.stringContaining('private key, password'),
    });
    expect(failedLogins(server)).toEqual(['publickey', 'password']);
  });

  it('that wants two keys gets the one of the file and that of the agent (A19)', async () => {
    const server = await startWithHostKeys(['ed25519'], ['AuthenticationMethods publickey,publickey']);
    const second = makeLogin(await temporaryFolder());
    await appendFile(server.authorizedKeys, await readFile(second.authorizedKeys));
    const target = targetOf('hostOs', server);
    const agentSocket = await startAgent(second);

    const half = await failureOf(connect(target, never));
    const connection = await connected({ ...target, secrets: { ...target.secrets, agentSocket } });

    expect(half).toMatchObject({ code: 'login-refused', message: expect.stringContaining('private key') });
    expect(connection.probe).toMatchObject({ reached: 'login', login: 'agent' });
  });

  describe.skipIf(lacks('ssh-agent'))('and an agent with eight keys (field-C05)', () => {
    it('gets so many of them that the password still has its turn', async () => {
      const server = await startWithHostKeys(
        ['ed25519'],
        ['AuthenticationMethods any', 'MaxAuthTries 6', 'PasswordAuthentication yes', 'LogLevel VERBOSE'],
      );
      const { agentSocket } = await agentWithStrangers(8);

      const failure = await failureOf(
        connect(targetOf('hostOs', server, { secrets: { agentSocket, password: 'wrong' } }), never),
      );
      await until(() => /Connection closed|disconnect/i.test(server.log()));

      expect(shownOf(failure)).toMatchObject({
        code: 'login-refused',
        message: expect.stringContaining('tried: agent (5 of its 8 keys), password'),
        hint: expect.stringContaining('appliances.ice01.hostOs.identity: ~/.ssh/KEY.pub'),
      });
      expect(failedLogins(server).filter((method) => method === 'password')).toHaveLength(1);
    });

    it('is logged in to with the one that is chosen, though it is the last of them', async () => {
      const server = await startWithHostKeys(['ed25519'], ['MaxAuthTries 6']);
      const { agentSocket } = await agentWithStrangers(8, server.login);
      const agentKey = { path: 'KEY.pub', key: agentKeyOf(server.login) };

      const shutOut = await failureOf(connect(targetOf('hostOs', server, { secrets: { agentSocket } }), never));
      const connection = await connected(targetOf('hostOs', server, { secrets: { agentSocket, agentKey } }));

      expect(shownOf(shutOut)).toMatchObject({
        code: 'login-refused',
        hint: expect.stringContaining('hostOs.identity'),
      });
      expect(connection.probe.login).toBe('agent');
    });

    it('is told when it ends the login for too many tries', async () => {
      const server = await startWithHostKeys(
        ['ed25519'],
        ['AuthenticationMethods any', 'MaxAuthTries 3', 'PasswordAuthentication yes'],
      );
      const { agentSocket } = await agentWithStrangers(8);

      const failure = await failureOf(
        connect(targetOf('hostOs', server, { secrets: { agentSocket, password: 'wrong' } }), never),
      );

      expect(shownOf(failure)).toMatchObject({
        code: 'login-refused',
        message: expect.stringMatching(/too many tries; tried: agent/),
        hint: expect.stringContaining('identity'),
      });
    });

    it('is told that the chosen key is not in the agent, and gets the password', async () => {
      const server = await startWithHostKeys(
        ['ed25519'],
        ['AuthenticationMethods any', 'PasswordAuthentication yes', 'LogLevel VERBOSE'],
      );
      const { agentSocket } = await agentWithStrangers(8);
      const agentKey = { path: '/home/kim/.ssh/KEY.pub', key: agentKeyOf(server.login) };

      const failure = await failureOf(
        connect(targetOf('hostOs', server, { secrets: { agentSocket, agentKey, password: 'wrong' } }), never),
      );
      await until(() => failedLogins(server).length > 0);

      expect(shownOf(failure)).toMatchObject({
        code: 'login-refused',
        message: expect.stringContaining('the SSH agent does not hold the key of "/home/kim/.ssh/KEY.pub"'),
      });
      expect(failedLogins(server)).toEqual(['password']);
    });

    it('gets the password when the agent has gone', async () => {
      const server = await startWithHostKeys(
        ['ed25519'],
        ['AuthenticationMethods any', 'PasswordAuthentication yes', 'LogLevel VERBOSE'],
      );
      const secrets = { agentSocket: '/nowhere/agent', password: 'wrong' };

      const failure = await failureOf(connect(targetOf('hostOs', server, { secrets }), never));
      await until(() => failedLogins(server).length > 0);

      expect(shownOf(failure)).toMatchObject({
        code: 'login-refused',
        message: expect.stringMatching(/agent \(the SSH agent failed: .*\), password/),
      });
    });
  });

  it('with a banner of 30 kB that writes on terminals is logged in to like any other (A20)', async () => {
    const peer = await startBannerSshd(await temporaryFolder(), largeBanner(30_000));

    const connection = await connected(targetOf('hostOs', peer));

    expect(await exec(connection, 'echo here', never)).toMatchObject({ code: 0, stdout: 'here\n' });
  });

  it('with a banner of 200 kB, more than a packet may hold, is left with that as the likely reason (A20)', async () => {
    const peer = await startBannerSshd(await temporaryFolder(), largeBanner(200_000));

    const failure = await failureOf(connect(targetOf('hostOs', peer), never));

    expect(shownOf(failure)).toMatchObject({
      code: 'unreachable',
      message: expect.stringMatching(/packet of more than 35 kB.*banner/),
    });
    expect(peer.log()).not.toContain('Accepted');
  });

  it('with one place for newcomers is tried again until the one before has left (A21)', async () => {
    const { peer, proxy, holder } = await occupied();

    const dialling = openDialer().dial(targetOf('hostOs', { ...peer, port: proxy.port }), never);
    await until(() => proxy.connections.length === 2);
    holder.destroy();
    const connection = await dialling;

    onTestFinished(() => connection.close());
    expect(connection.probe.reached).toBe('login');
    expect(proxy.connections.length).toBeLessThanOrEqual(3);
  });

  it('with one place for newcomers, held for good, is given up after three attempts (A21)', async () => {
    const { peer, proxy } = await occupied();

    const failure = await failureOf(openDialer().dial(targetOf('hostOs', { ...peer, port: proxy.port }), never));

    expect(shownOf(failure)).toMatchObject({ name: 'UserError', code: 'unreachable' });
    expect(probeOf(failure)?.hostKey).toBeUndefined();
    expect(proxy.connections).toHaveLength(3);
  });

  it.skipIf(lacks('unshare')).each(['keyboard-interactive', 'password'] as const)(
    'that takes a password by %s lets us in with the right one, and counts a wrong one once (A16, A17)',
    async (method) => {
      const peer = await startPasswordSshd(await temporaryFolder(), { password: "pä$$ 'word\\", method });
      const login = { ...peer.login, password: 'another' };

      const connection = await connected(targetOf('hostOs', peer));
      const failure = await failureOf(connect(targetOf('hostOs', { ...peer, login }), never));
      await until(() => refusals(peer) > 0 && /Disconnected|Connection closed/.test(peer.log()));

      expect(connection.probe.login).toBe(method);
      expect(shownOf(failure)).toMatchObject({
        code: 'login-refused',
        message: expect.stringContaining(`tried: ${method}`),
      });
      expect(refusals(peer)).toBe(1);
    },
  );
});

/** A pin that counts how often it is looked at, and may become another one. */
function countedPin(hostKey: string) {
  let [current, count] = [hostKey, 0];
  const pin: HostKeyPin = {
    source: 'icepack.yaml',
    get fingerprint() {
      count++;
      return current;
    },
  };
  return {
    pin,
    asked: () => count,
    becomes: (other: string) => {
      current = other;
    },
  };
}

/** Methods that were refused, as the server counts them towards a lock-out. */
function failedLogins(server: RealServer): string[] {
  return [...server.log().matchAll(/Failed (\S+) for/g)]
    .map(([, method = '']) => method)
    .filter((each) => each !== 'none');
}

/** Passwords that a server has refused. */
function refusals(server: RealServer): number {
  return server.log().match(/^(?:error: )?PAM: .* for |^Failed password/gm)?.length ?? 0;
}

async function startAgent(...logins: Login[]): Promise<string> {
  const socket = join(await temporaryFolder(), 'agent');
  const agent = spawn(programPath('ssh-agent'), ['-D', '-a', socket], { stdio: 'ignore' });
  onTestFinished(() => void agent.kill());
  await until(() => existsSync(socket));
  for (const { privateKey } of logins) {
    const adding = spawn('ssh-add', ['-q', privateKey], {
      env: { ...process.env, SSH_AUTH_SOCK: socket },
      stdio: 'ignore',
    });
    await new Promise((resolve) => adding.once('close', resolve));
  }
  return socket;
}

/** An agent with so many keys; the last one is that of a login, where it is given. */
async function agentWithStrangers(count: number, last?: Login): Promise<{ agentSocket: string }> {
  const strangers: Login[] = [];
  while (strangers.length < count - (last === undefined ? 0 : 1)) strangers.push(makeLogin(await temporaryFolder()));
  return { agentSocket: await startAgent(...strangers, ...(last === undefined ? [] : [last])) };
}

function agentKeyOf({ privateKey }: Login): string {
  return readFileSync(`${privateKey}.pub`, 'utf8').split(' ')[1] ?? '';
}

/** A server that takes one newcomer at a time, and somebody who says nothing in that place. */
async function occupied(): Promise<{
  peer: Awaited<ReturnType<typeof startPeer>>;
  proxy: ChaosProxy;
  holder: net.Socket;
}> {
  const peer = await startPeer(await temporaryFolder(), 'one-login', ['LoginGraceTime 60']);
  const proxy = await startChaosProxy(peer.port);
  const holder = net.connect(peer.port, '127.0.0.1');
  holder.on('error', () => undefined);
  onTestFinished(() => void holder.destroy());
  await new Promise((resolve) => holder.once('data', resolve));
  return { peer, proxy, holder };
}

describe.skipIf(lacks('dropbear', 'dropbearkey', 'unshare'))('a real dropbear', () => {
  it('is checked, logged in to and given commands like any other (A15)', async () => {
    const peer = await startDropbear(await temporaryFolder());

    const connection = await connected(targetOf('hostOs', peer));

    expect(connection.probe).toMatchObject({
      banner: expect.stringMatching(/^SSH-2\.0-dropbear/),
      hostKey: { fingerprint: peer.hostKey },
    });
    expect(connection.probe.algorithms).not.toMatch(/chacha20|etm/);
    expect(await exec(connection, 'echo here', never)).toMatchObject({ code: 0, stdout: 'here\n' });
  });
});

/** What a failure says, as a person reads it. */
function shownOf(failure: unknown) {
  if (!(failure instanceof UserError)) return failure;
  const { name, code, message } = failure;
  return { name, code, message, hint: hintOf(failure) };
}

type Check = { check: string; status: string; face?: string; text: string; hint: string | null };

function checksOf(done: Finished, face: string, check: string): Check[] {
  return done.json().checks.filter((each: Check) => each.face === face && each.check === check);
}

const collectCli = ['collect', '--batch', '--no-submit', '--at', '-45m', '--only', 'cli'];

async function unpinned(appliances = 1): Promise<Rig> {
  const rig = await startRig({ appliances, helpdesk: false });
  await rig.configure((document) => {
    for (const appliance of Object.values<{ cli: object; hostOs: object }>(document.appliances)) {
      appliance.cli = { ...appliance.cli, hostKey: undefined };
      appliance.hostOs = { ...appliance.hostOs, hostKey: undefined };
    }
  });
  return rig;
}

const knownHostsOf = (home: string) => join(home, '.local', 'state', 'icepack', 'known_hosts');

describe('the program', () => {
  it('takes the keys of two faces for changed when they are swapped (A06)', async () => {
    const rig = await unpinned();
    await rig.icepack(['doctor', '--pin']);
    const before = rig.mock.appliances[0]?.logins.cli.length;
    const lines = (await readFile(knownHostsOf(rig.folder), 'utf8')).trim().split('\n');
    const keys = lines.map((line) => line.split(' ').slice(1).join(' '));
    const swapped = lines.map((line, index) => `${line.split(' ')[0]} ${keys.at(index - 1)}\n`);
    await writeFile(knownHostsOf(rig.folder), swapped.join(''));

    const done = await rig.icepack(['doctor', '--json']);

    expect(done.json().faces).toMatchObject([
      { pin: 'changed', login: 'not-tried' },
      { pin: 'changed', login: 'not-tried' },
    ]);
    expect(rig.mock.appliances[0]?.logins.cli).toHaveLength(before ?? 0);
  });

  it.each([
    ['holds garbage', (path: string) => writeFile(path, '# mine\n\x00\xff\x1b[2J\n')],
    ['holds half a key', (path: string) => writeFile(path, '[127.0.0.1]:1 ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIE\n')],
    ['is a folder', (path: string) => mkdir(path)],
    ['cannot be read', (path: string) => symlink(path, path)],
  ])('contacts nobody when its file of host keys %s, and names the file (A05)', async (_what, spoil) => {
    const rig = await unpinned();
    const path = knownHostsOf(rig.folder);
    await mkdir(join(path, '..'), { recursive: true, mode: 0o700 });
    await spoil(path);

    const done = await runProgram(collectCli, { env: rig.env, cwd: rig.folder });

    expect(done.code).toBe(2);
    expect(done.stdout + done.stderr).toContain(path);
    expect(rig.mock.appliances[0]?.logins).toEqual({ cli: [], hostOs: [] });
  });

  it('trusts nothing when its file of host keys is empty (A05)', async () => {
    const rig = await unpinned();
    const path = knownHostsOf(rig.folder);
    await mkdir(join(path, '..'), { recursive: true, mode: 0o700 });
    await writeFile(path, '', { mode: 0o600 });

    const done = await rig.icepack(collectCli);

    expect(done.code).toBe(5);
    expect(done.stderr).toContain('nobody has pinned');
    expect(rig.mock.appliances[0]?.logins).toEqual({ cli: [], hostOs: [] });
  });

  it('collects from the other servers when one refuses connections and one has no name (A09)', async () => {
    const rig = await startRig({ appliances: 3, helpdesk: false });
    const closed = await freePort();
    await rig.configure((document) => {
      document.appliances.ice01.cli.port = closed;
      document.appliances.ice01.hostOs.port = closed;
      document.appliances.ice02.address = 'ice02.invalid';
    });

    const done = await rig.icepack([...collectCli, '--all', '--json']);

    const reasons = done
      .json()
      .servers.map((server: { faces: { cli: { status: string; reason?: string } } }) => server.faces.cli);
    expect(reasons).toMatchObject([
      { status: 'down', reason: expect.stringContaining('connection refused') },
      { status: 'down', reason: expect.stringMatching(/DNS/) },
      { status: 'up' },
    ]);
    expect(done.code).not.toBe(0);
  });

  it('tries a wrong password once in a run, whatever needs it (A16)', async () => {
    const rig = await startRig({ helpdesk: false });
    await rig.configure((document) => {
      document.appliances.ice01.hostOs.password = { env: 'WRONG' };
    });

    const done = await rig.icepack(['collect', '--batch', '--no-submit', '--at', '-45m', '--json'], {
      env: { WRONG: 'not the password' },
    });

    expect(done.json().servers[0].faces.hostOs).toMatchObject({
      status: 'down',
      reason: expect.stringContaining('refused the login'),
    });
    expect(rig.mock.appliances[0]?.logins.hostOs).toEqual(['none', 'password']);
  });

  it('warns of a server that lets anyone in, once (A19)', async () => {
    const rig = await startRig({ helpdesk: false });
    const open = await startOpenServer();
    await rig.configure((document) => {
      Object.assign(document.appliances.ice01.cli, open);
    });

    const [looked, collected] = [await rig.icepack(['doctor', '--json']), await rig.icepack(collectCli)];

    expect(checksOf(looked, 'cli', 'login')).toMatchObject([
      { status: 'warn', text: expect.stringContaining('anyone is let in') },
    ]);
    expect(collected.stderr.match(/lets anyone in/g)).toHaveLength(1);
  });

  it('refuses a private key that others may read, and says how to close it (A24)', async () => {
    const rig = await startRig({ helpdesk: false });
    const key = join(rig.folder, 'mock', 'login_key');
    await writeFile(key, newKeyPair('ed25519').privateKey);
    await chmod(key, 0o644);
    await rig.configure((document) => {
      document.appliances.ice01.hostOs.privateKey = key;
    });

    const done = await rig.icepack(['doctor']);

    expect(done.stdout + done.stderr).toContain('others may read');
    expect(done.stdout + done.stderr).toContain(`chmod 600 ${key}`);
    expect(done.code).not.toBe(0);
    expect(rig.mock.appliances[0]?.logins.hostOs).toEqual([]);
  });

  it('asks nobody for the passphrase of a private key where nobody is there, and says what to set (A24)', async () => {
    const rig = await startRig({ helpdesk: false });
    const key = join(rig.folder, 'mock', 'login_key');
    const locked = ssh2.utils.generateKeyPairSync('ed25519', { passphrase: 'open', cipher: 'aes256-ctr', rounds: 1 });
    await writeFile(key, locked.private, { mode: 0o600 });
    await rig.configure((document) => {
      Object.assign(document.appliances.ice01.cli, { privateKey: key, password: undefined });
    });

    const [looked, collected] = [await rig.icepack(['doctor']), await rig.icepack(collectCli)];

    for (const done of [looked, collected]) {
      expect(done.code).not.toBe(0);
      expect(done.stdout + done.stderr).toMatch(/passphrase/);
      expect(done.stdout + done.stderr).toContain('appliances.ice01.cli.passphrase');
    }
  });
});

/** Lets anyone in and gives nobody a shell. */
async function startOpenServer(): Promise<{ port: number; hostKey: string }> {
  const { privateKey, blob } = newKeyPair('ed25519');
  const { port } = await startTcpServer((socket) => {
    new ssh2.Server({ hostKeys: [privateKey] }, (client) => {
      client.on('error', () => undefined); // clients leave as they like
      client.on('authentication', (attempt) => attempt.accept());
    }).injectSocket(socket);
  });
  return { port, hostKey: shownHostKey(blob).fingerprint };
}

describe.skipIf(lacks('sshd', 'ssh-keygen'))('the program and real servers', () => {
  it('says of an old server which switch allows it, and logs in with that (A14)', async () => {
    const rig = await startRig({ helpdesk: false });
    const peer = await startPeer(rig.folder, 'legacy', ['ForceCommand /bin/false']);
    await rig.configure((document) => {
      document.appliances.ice01.cli = { port: peer.port, hostKey: peer.hostKey, ...peer.login };
    });

    const refused = await rig.icepack(['doctor', '--json']);
    await rig.configure((document) => {
      document.appliances.ice01.legacyAlgorithms = true;
    });
    const allowed = await rig.icepack(['doctor', '--json']);

    expect(checksOf(refused, 'cli', 'algorithms')).toMatchObject([
      {
        status: 'fail',
        text: expect.stringContaining('it offers diffie-hellman-group14-sha1'),
        hint: expect.stringContaining('appliances.ice01.legacyAlgorithms: true'),
      },
    ]);
    expect(checksOf(allowed, 'cli', 'algorithms')).toMatchObject([
      { status: 'ok', text: expect.stringContaining('hmac-sha1') },
    ]);
    expect(checksOf(allowed, 'cli', 'login')).toMatchObject([{ status: 'ok', text: 'logged in by private key' }]);
  });

  it('logs in to a server that prefers another key than the one whose fingerprint is configured (A03)', async () => {
    const rig = await startRig({ helpdesk: false });
    const server = await startWithHostKeys(['ed25519', 'rsa'], ['ForceCommand /bin/false']);
    const hostKey = fingerprint(`${server.hostKeyAt('rsa')}.pub`);
    await rig.configure((document) => {
      document.appliances.ice01.cli = { port: server.port, hostKey, ...server.login };
    });

    const [looked, collected] = [await rig.icepack(['doctor', '--json']), await rig.icepack([...collectCli, '--json'])];

    expect(collected.json().servers[0].faces.cli).toMatchObject({ status: 'up', hostKey: `ssh-rsa ${hostKey}` });
    expect(looked.json().faces[0]).toMatchObject({ pin: 'pinned', login: 'ok' });
  });

  it('shows nothing of a banner that writes on terminals (A20)', async () => {
    const rig = await startRig({ helpdesk: false });
    const peer = await startBannerSshd(rig.folder, largeBanner(30_000));
    await rig.configure((document) => {
      document.appliances.ice01.cli = { port: peer.port, hostKey: peer.hostKey, ...peer.login };
    });

    const done = await rig.icepack([...collectCli, '--verbose']);

    expect(done.stdout + done.stderr).not.toMatch(/owned|monitored|\x1b/);
    expect(peer.log()).toContain('Accepted publickey');
  });

  it('goes through a jump host with its own login, once its key is pinned (A01)', async () => {
    const rig = await startRig({ helpdesk: false });
    const hop = await startWithHostKeys(['ed25519'], ['LogLevel DEBUG2']);
    await rig.configure((document) => {
      document.jumpHosts = { bastion: { address: '127.0.0.1', port: hop.port, ...hop.login } };
      document.appliances.ice01.via = 'bastion';
    });

    const before = await rig.icepack(['doctor', '--json']);
    const askedToLogIn = hop.log().includes('userauth-request');
    const pinned = await rig.icepack(['doctor', '--pin', '--fingerprint', hop.hostKey, '--json']);
    const collected = await rig.icepack([...collectCli, '--json']);

    expect(before.code).not.toBe(0);
    expect(before.stdout).toContain(hop.hostKey);
    expect(askedToLogIn).toBe(false);
    expect(pinned.json().faces).toMatchObject([{ login: 'ok' }, { login: 'ok' }]);
    expect(collected.json().servers[0].faces.cli).toMatchObject({ status: 'up' });
  });
});

/** A host key somebody has, as a line of `known_hosts`. */
const someKey = (host: string) => `${host} ssh-ed25519 ${newKeyPair('ed25519').blob.toString('base64')}`;
const hostAt = (port: number) => `[127.0.0.1]:${port}`;
const others = ['192.0.2.1', '192.0.2.2', '192.0.2.3'];

describe('pinning host keys', () => {
  it('of 20 servers by 20 processes at once loses none (A08)', async () => {
    const rig = await unpinned(20);
    await rig.configure((document) => {
      for (const { cli, hostOs } of Object.values<{ cli: Named; hostOs: Named }>(document.appliances)) {
        cli.user = 'nobody'; // over sooner: the login is refused
        hostOs.user = 'nobody';
      }
    });

    const done = await Promise.all(
      rig.mock.appliances.map(({ name }) => runProgram(['doctor', name, '--pin'], { env: rig.env, cwd: rig.folder })),
    );

    expect(done.map(({ stdout }) => stdout.match(/now pinned/g)?.length)).toEqual(done.map(() => 2));
    for (const { cli, hostOs } of rig.mock.appliances) {
      expect(await pinnedIn(knownHostsOf(rig.folder), cli.port)).toEqual([cli.hostKey]);
      expect(await pinnedIn(knownHostsOf(rig.folder), hostOs.port)).toEqual([hostOs.hostKey]);
    }
  });

  it('anew in place of others by 12 processes at once loses none (A08)', async () => {
    const path = join(await temporaryFolder(), 'known_hosts');
    const ports = Array.from({ length: 12 }, (_, index) => 2201 + index);
    await writeFile(path, [...others, ...ports.map(hostAt)].map((host) => `${someKey(host)}\n`).join(''));
    const keys = ports.map((port) => ({ port, line: someKey(hostAt(port)) }));

    const codes = await Promise.all(keys.map(({ line }) => pinAlone(path, line)));

    expect(codes).toEqual(keys.map(() => 0));
    const lines = (await readFile(path, 'utf8')).trim().split('\n');
    expect(lines.slice(others.length).sort()).toEqual(keys.map(({ line }) => line).sort());
  });

  it.each([
    ['for the first time', []],
    ['in place of another one', [someKey(hostAt(2222))]],
  ])('%s loses none when it is killed at any step, and is done by doing it again (A08)', async (_how, old) => {
    const folder = await temporaryFolder();
    const kept = others.map(someKey);
    const line = someKey(hostAt(2222));
    const steps: { killed: boolean; left: string[]; done: string[] }[] = [];
    const linesOf = async (path: string) => (await readFile(path, 'utf8')).split('\n');

    do {
      const path = join(folder, String(steps.length), 'known_hosts');
      await mkdir(join(path, '..'), { mode: 0o700 });
      await writeFile(path, [...kept, ...old, ''].join('\n'), { mode: 0o600 });
      const killed = (await pinAlone(path, line, steps.length + 1)) === null;
      const left = await linesOf(path);
      await openKnownHosts(path, []).pin('127.0.0.1', 2222, keyIn(line), { replace: true });
      steps.push({ killed, left, done: await linesOf(path) });
    } while (steps.at(-1)?.killed);

    expect(steps.length).toBeGreaterThan(5); // open, write, sync, close, and the folder's
    for (const { left, done } of steps) {
      expect([[...kept, ...old].join('\n'), [...kept, line].join('\n')]).toContain(left.slice(0, -1).join('\n'));
      expect(done).toEqual([...kept, line, '']);
    }
  });
});

type Named = { user: string };

function keyIn(line: string): ShownHostKey {
  return shownHostKey(Buffer.from(line.split(' ')[2] ?? '', 'base64'));
}

async function pinnedIn(path: string, port: number): Promise<string[]> {
  const pins = await openKnownHosts(path, []).pinsOf('127.0.0.1', port);
  return pins.map((pin) => ('key' in pin ? shownHostKey(Buffer.from(pin.key, 'base64')).fingerprint : ''));
}

/** Pins a key in a process of its own. @returns its exit code; null when it was killed before its so many-th file operation */
async function pinAlone(path: string, line: string, killAtStep = 0): Promise<number | null> {
  const script = `
    import fs from 'node:fs/promises';
    import { syncBuiltinESMExports } from 'node:module';
    let step = 0;
    const counted = (work) => (...args) => {
      if (++step === ${killAtStep}) process.kill(process.pid, 'SIGKILL');
      return work(...args);
    };
    const open = fs.open;
    fs.open = counted(async (...args) => {
      const handle = await open(...args);
      for (const name of ['writeFile', 'appendFile', 'write', 'chmod', 'sync', 'close'])
        handle[name] = counted(handle[name].bind(handle));
      return handle;
    });
    for (const name of ['rename', 'link', 'unlink']) fs[name] = counted(fs[name]);
    syncBuiltinESMExports();
    const { openKnownHosts } = await import(${JSON.stringify(join(projectRoot, 'dist', 'state', 'known-hosts.js'))});
    const [host, type, key] = ${JSON.stringify(line.split(' '))};
    await openKnownHosts(${JSON.stringify(path)}, []).pin('127.0.0.1', Number(host.split(':')[1]), { type, key }, { replace: true });`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return new Promise((resolve) => child.once('close', resolve));
}
