import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Peer, startNoisySshd, startPeer } from '../support/peers.ts';
import { lacks, programPath } from '../support/requirements.ts';
import { batch, type Finished, type Rig, startRig, startRun, until } from '../support/rig.ts';
import { applianceConfig, type RealAppliance, startRealAppliance } from '../support/sshd.ts';

type Item = { path: string; collector: string; status: string; reason?: string; command?: string };

type Host = {
  rig: Rig;
  server: RealAppliance;
  /** A name that no other test uses: scripts are looked for among all that runs on the machine. */
  script: string;
  /** What lies in the home of the host OS. */
  listing(): string[];
};

let hosts = 0;

/** A real server whose backup script is the given one. */
async function startHost(backup?: (host: Host) => string): Promise<Host> {
  const rig = await startRig();
  const server = await startRealAppliance(rig.folder, 'ice01');
  const script = `backup-${process.pid}-${++hosts}.sh`;
  const host = { rig, server, script, listing: () => readdirSync(server.home, { recursive: true }).map(String).sort() };
  if (backup !== undefined) writeScript(join(server.home, 'scripts', script), backup(host));
  await rig.configure((document) => {
    document.appliances = { ice01: applianceConfig(server, 1) };
    if (backup !== undefined) document.appliances.ice01.backupScript = script;
  });
  return host;
}

function writeScript(path: string, text: string): void {
  writeFileSync(path, `#!/bin/sh\n${text}\n`, { mode: 0o755 });
}

const collectConfig = ['collect', ...batch, '--only', 'config', '--json'];

function itemOf(done: Finished, collector: string): Item {
  const items: Item[] = done.json().servers[0].items;
  const found = items.find((item) => item.collector === collector);
  if (found === undefined) throw new Error(`nothing was said of ${collector}`);
  return found;
}

/** How often a script runs on this machine now. */
function running(script: string): number {
  return commandLines().filter((line) => line.startsWith(`/bin/sh ./${script} `)).length;
}

function commandLines(): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
      } catch {
        return ''; // it has just ended
      }
    });
}

/** Starts a collection that can be killed, and what it has said so far. */
function startCollecting({ rig }: Host, args = collectConfig) {
  return startRun(rig, args);
}

describe.skipIf(lacks('sshd', 'sftp-server', 'ssh-keygen', 'unzip'))('a script on a real host OS', () => {
  it.each([
    ['fails', 'echo "no space left" >&2; exit 7', /exit status 7: no space left$/],
    ['is killed', 'kill -KILL $$', /signal KILL|exit status 137/],
    ['writes nothing', 'echo saved', /ended well, but ".*" is not there$/],
  ])('that %s has a reason of its own (B02)', async (_what, backup, reason) => {
    const { rig } = await startHost(() => backup);

    const done = await rig.icepack(collectConfig);

    expect(done.code).toBe(4);
    expect(itemOf(done, 'config')).toMatchObject({ status: 'failed', reason: expect.stringMatching(reason) });
  });

  it('that asks gets no answer, and no time (B14)', async () => {
    const { rig } = await startHost(
      () => 'printf "[sudo] password for administrator: " >&2; read -r answer || exit 1; echo "$answer" > "$1"',
    );

    const done = await rig.icepack(collectConfig);

    expect(itemOf(done, 'config')).toMatchObject({
      status: 'failed',
      reason: expect.stringContaining('[sudo] password for administrator:'),
    });
  });

  it('that drips for ever is ended when its time is up, and leaves nothing (B10)', async () => {
    const host = await startHost(() => 'while echo .; do echo half > ../"$1"; sleep 0.1; done');
    const before = host.listing();
    await host.rig.configure((document) => {
      document.timeouts = { config: '2s' };
    });

    const done = await host.rig.icepack(collectConfig);

    expect(itemOf(done, 'config')).toMatchObject({
      status: 'failed',
      reason: expect.stringContaining('2.0 s (timeouts.config)'),
    });
    expect(running(host.script)).toBe(0);
    expect(host.listing()).toEqual(before);
  });

  it('that prints for ever is ended (B09)', async () => {
    const host = await startHost(() => 'yes "$0 $1"');

    const done = await host.rig.icepack(collectConfig);

    expect(itemOf(done, 'config')).toMatchObject({
      status: 'failed',
      reason: expect.stringContaining('printed more than 64 MiB'),
    });
    await until(() => commandLines().every((line) => !line.includes(host.script)));
  });

  it('is not run when the disk is nearly full, and the reason says so (gentle)', async () => {
    const host = await startHost(({ server }) => `touch ${server.home}/RAN`);
    await host.rig.configure((document) => {
      document.appliances.ice01.hostOs.minFree = '999999999GB';
    });

    const done = await host.rig.icepack(collectConfig);

    expect(itemOf(done, 'config')).toMatchObject({
      status: 'failed',
      reason: expect.stringMatching(/^only .* are free in .* hostOs\.minFree .*; nothing was written there$/),
    });
    expect(existsSync(join(host.server.home, 'RAN'))).toBe(false);
  });

  it.each([
    ['a command', '/tmp/a;reboot'],
    ['5 kB', `/tmp/${'a'.repeat(5000)}`],
  ])('that names %s puts nothing of it into a command (B12)', async (_what, name) => {
    const { rig, server } = await startHost();
    const own = join(server.home, '..');
    writeScript(
      join(own, 'login.sh'),
      `printf '%s\\n' "$SSH_ORIGINAL_COMMAND" >> ${own}/commands\nexec sh -c "$SSH_ORIGINAL_COMMAND"`,
    );
    await placeHostOs(rig, server, await startPeer(own, 'scp-only', [`ForceCommand ${own}/login.sh`]));
    await server.cli.close();
    writeScript(
      join(server.home, 'scripts', 'techsupport.sh'),
      `printf 'Technical Support file created: %s\\n' '${name}'`,
    );

    const done = await rig.icepack(['collect', ...batch, '--only', 'techsupport', '--json']);

    const commands = readFileSync(join(own, 'commands'), 'utf8');
    expect(itemOf(done, 'techsupport').status).toBe('failed');
    expect(commands).toContain('./techsupport.sh');
    expect(commands).not.toMatch(/reboot|aaaaaa/);
  });
});

/** Another SSH server in place of the one of the host OS, with the same home. */
function placeHostOs(rig: Rig, { home }: RealAppliance, { port, hostKey, login }: Peer): Promise<void> {
  return rig.configure((document) => {
    document.appliances.ice01.hostOs = { port, hostKey, home, user: login.user, privateKey: login.privateKey };
  });
}

/** Says that it has begun, and how many of it there are; goes on when it is let go on, and then has its file. */
function slowBackup({ server, script }: Host): string {
  const own = join(server.home, '..');
  return [
    `pgrep -f '^/bin/sh [.]/${script} ' > ${own}/seen-$$`,
    `echo half > ${server.home}/$1`,
    `echo $$ >> ${own}/started`,
    `while [ ! -e ${own}/release ]; do sleep 0.05; done`,
    `tar czf ${own}/whole -C ${server.home} scripts && mv ${own}/whole ${server.home}/$1`,
  ].join('\n');
}

describe.skipIf(lacks('sshd', 'sftp-server', 'ssh-keygen', 'unzip'))('a run that ends while a script runs', () => {
  const startsOf = ({ server }: Host) => {
    const path = join(server.home, '..', 'started');
    return existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : [];
  };

  it('by kill -9 leaves a script that is bounded; the next run begins none beside it and clears up (B22)', async () => {
    const host = await startHost(slowBackup);
    const own = join(host.server.home, '..');
    const before = host.listing();
    const killed = startCollecting(host);
    await until(() => startsOf(host).length === 1);

    killed.kill('SIGKILL');
    await killed.ended;
    const left = { scripts: running(host.script), bound: commandLines().filter((line) => line.includes(host.script)) };
    const next = startCollecting(host);
    await until(() => next.said().includes('is still running on the host OS') || startsOf(host).length === 2);
    writeFileSync(join(own, 'release'), '');
    const done = await next.ended;

    expect(left.scripts).toBe(1);
    expect(left.bound).toContainEqual(expect.stringMatching(/^timeout \d+ \.\/backup-/));
    expect(done.code).toBe(0);
    expect(next.said()).toMatch(/removed \\".*icepack-.*\.tar\.gz\\", left by run/);
    const seen = readdirSync(own).filter((name) => name.startsWith('seen-'));
    expect(seen.map((name) => readFileSync(join(own, name), 'utf8').trim().split('\n').length)).toEqual([1, 1]);
    expect(running(host.script)).toBe(0);
    expect(host.listing()).toEqual(before);
  });

  it('by kill -9 after the script has ended: the next run lists what was left, and removes it (B22)', async () => {
    const host = await startHost(slowBackup);
    const before = host.listing();
    const killed = startCollecting(host);
    await until(() => startsOf(host).length === 1);
    killed.kill('SIGKILL');
    await killed.ended;
    writeFileSync(join(host.server.home, '..', 'release'), '');
    await until(() => running(host.script) === 0);
    const left = host.listing().filter((name) => !before.includes(name));

    const doctor = await host.rig.icepack(['doctor', '--json']);
    const next = await host.rig.icepack(['collect', ...batch, '--only', 'vm', '--json']);

    expect(left).toEqual([expect.stringMatching(/^icepack-.*\.tar\.gz$/)]);
    expect(doctor.stdout).toContain(left[0]);
    expect(next.stderr).toContain(`${left[0]}\\", left by run`);
    expect(host.listing()).toEqual(before);
  });

  it('waits for a script that somebody else has begun, and leaves its file alone (B22)', async () => {
    const host = await startHost(slowBackup);
    const { home } = host.server;
    const before = host.listing();
    const other = spawn(`./${host.script}`, ['icepack-by-hand.tar.gz'], { cwd: join(home, 'scripts') });
    onTestFinished(() => void other.kill('SIGKILL'));
    await until(() => startsOf(host).length === 1);

    const waiting = startCollecting(host);
    await until(() => waiting.said().includes('is still running on the host OS'));
    const startedMeanwhile = startsOf(host).length;
    writeFileSync(join(home, '..', 'release'), '');
    const done = await waiting.ended;

    expect(startedMeanwhile).toBe(1);
    expect(done.code).toBe(0);
    expect(startsOf(host)).toHaveLength(2);
    expect(host.listing()).toEqual([...before, 'icepack-by-hand.tar.gz'].sort());
  });

  it.each(['SIGINT', 'SIGHUP'] as const)('by %s leaves the server as it was (B22)', async (signal) => {
    const host = await startHost(slowBackup);
    const before = host.listing();
    const stopped = startCollecting(host);
    await until(() => startsOf(host).length === 1);

    stopped.kill(signal);
    const { code } = await stopped.ended;

    expect(code).toBe({ SIGINT: 130, SIGHUP: 129 }[signal]);
    expect(running(host.script)).toBe(0);
    expect(host.listing()).toEqual(before);
  });
});

describe.skipIf(lacks('sshd', 'sftp-server', 'ssh-keygen', 'scp', 'unzip'))(
  'a login that prints something first',
  () => {
    const noise = 'Welcome back!\nicepack-clock 1000000000.5 +0000\nMars/Olympus\nicepack\n';

    it('on the host OS costs nothing and changes nothing; its files come over SCP (B16)', async () => {
      const { rig, server, listing } = await startHost();
      await placeHostOs(rig, server, await startNoisySshd(rig.folder, { noise }));
      const before = listing();

      const done = await rig.icepack(['collect', ...batch, '--json']);

      const { servers, bundle } = done.json();
      expect(done.code).toBe(0);
      expect(Math.abs(servers[0].clock.offsetMs)).toBeLessThan(1000 + servers[0].clock.errorMs);
      expect(itemOf(done, 'config')).toMatchObject({ path: expect.stringMatching(/^Config\/icepack-/), status: 'ok' });
      const facts = execFileSync(programPath('unzip'), ['-p', bundle.path, '*/virtual-machine.txt']).toString();
      expect(facts).toContain('Linux');
      expect(facts).not.toMatch(/Welcome back|Olympus/);
      expect(done.stderr).toMatch(/something else talks first.*; files are fetched over SCP/);
      expect(listing()).toEqual(before);
    });

    it('on the CLI is said, and techsupport is made by the script (B16)', async () => {
      const { rig, server } = await startHost();
      const loop = join(server.files, '..', 'cli.sh');
      writeFileSync(loop, readFileSync(loop, 'utf8').replace('#!/bin/bash\n', `#!/bin/bash\necho 'Welcome back!'\n`));
      await rig.configure((document) => {
        document.appliances.ice01.hostOs.techsupportFolder = join(server.files, 'techsupport');
      });

      const done = await rig.icepack(['collect', ...batch, '--json']);

      expect(done.code).toBe(3);
      expect(done.stderr).toContain('something else talks first, such as a login script that prints text');
      expect(itemOf(done, 'techsupport')).toMatchObject({ status: 'ok', command: './techsupport.sh' });
      expect(itemOf(done, 'cli')).toMatchObject({ status: 'ok' });
      expect(itemOf(done, 'logs')).toMatchObject({ status: 'failed', reason: expect.any(String) });
    });
  },
);

describe.skipIf(lacks('sshd', 'sftp-server', 'ssh-keygen', 'unzip'))(
  'a server with one session in a connection',
  () => {
    it('gives everything all the same (B17)', async () => {
      const { rig, server, listing } = await startHost();
      const before = listing();
      const cli = await startPeer(join(rig.folder, 'ice01', 'cli-1'), 'one-session', [
        `ForceCommand ${join(server.files, '..', 'cli.sh')}`,
      ]);
      await placeHostOs(rig, server, await startPeer(join(rig.folder, 'ice01', 'host-1'), 'one-session'));
      await rig.configure((document) => {
        const { port, hostKey, login } = cli;
        Object.assign(document.appliances.ice01.cli, { port, hostKey, privateKey: login.privateKey });
      });

      const done = await rig.icepack(['collect', ...batch, '--json']);

      expect(done.code).toBe(0);
      expect(cli.log()).toContain('no more sessions');
      expect(listing()).toEqual(before);
      expect(readdirSync(join(server.files, 'techsupport'))).toEqual([]);
    });

    it('gives everything over one connection to who takes one session at a time (B17)', async () => {
      const { rig, server } = await startHost();
      const hostOs = await startPeer(join(rig.folder, 'ice01', 'host-1'), 'one-session');
      await placeHostOs(rig, server, hostOs);
      await rig.configure((document) => {
        document.appliances.ice01.sessions = 1;
      });

      const done = await rig.icepack(['collect', ...batch, '--json']);

      expect(done.code).toBe(0);
      expect(hostOs.log().match(/Accepted publickey/g)).toHaveLength(1);
    });
  },
);
