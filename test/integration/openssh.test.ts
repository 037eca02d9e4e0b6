import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lacks, programPath } from '../support/requirements.ts';
import { batch, type Rig, startRig } from '../support/rig.ts';
import { applianceConfig, type RealAppliance, startRealAppliance } from '../support/sshd.ts';

async function withRealServers(names: string[]): Promise<{ rig: Rig; servers: RealAppliance[] }> {
  const rig = await startRig();
  const servers: RealAppliance[] = [];
  for (const name of names) servers.push(await startRealAppliance(rig.folder, name));
  await rig.configure((document) => {
    document.appliances = Object.fromEntries(
      servers.map((server, index) => [
        server.name,
        applianceConfig(server, index + 1, names.length > 1 ? 'east' : undefined),
      ]),
    );
  });
  return { rig, servers };
}

function only<T>(all: T[]): T {
  const [first] = all;
  if (first === undefined || all.length !== 1) throw new Error(`one was expected, not ${all.length}`);
  return first;
}

function fileInZip(zip: string, name: RegExp): string {
  const listing = execFileSync(programPath('unzip'), ['-Z1', zip]).toString().split('\n');
  const path = only(listing.filter((each) => name.test(each)));
  return execFileSync(programPath('unzip'), ['-p', zip, path]).toString();
}

/** A CLI whose file root works although its shell does not. */
function brokenShell(files: string): string {
  return `#!/bin/bash
case "$SSH_ORIGINAL_COMMAND" in
  internal-sftp|*sftp-server*) exec ${programPath('sftp-server')} -d ${files} ;;
esac
echo 'InCenter is not available'
exit 1
`;
}

describe.skipIf(lacks('sshd', 'sftp-server', 'ssh-keygen', 'unzip'))('against real OpenSSH servers', () => {
  it('collects everything from a real server and leaves it as it was', async () => {
    const { rig, servers } = await withRealServers(['ice01']);
    const server = only(servers);
    const before = [readdirSync(server.home), readdirSync(join(server.files, 'techsupport'))];

    const done = await rig.icepack(['collect', ...batch, '--json']);

    expect(done.stderr).not.toContain('"status":"failed"');
    expect(done.code).toBe(0);
    const { bundle, servers: reported } = done.json();
    expect(
      reported[0].items.map(
        (item: { path: string; status: string }) => `${item.path.replace(/\/.*\d.*\./, '/*.')} ${item.status}`,
      ),
    ).toEqual([
      'Config/*.gz ok',
      'Techsupport/*.tgz ok',
      'Logs/system.log ok',
      'Logs/audit.log ok',
      'Logs/debug.log skipped',
      'Logs/errors/ ok',
      'CLI/transcript.txt ok',
      'VM/virtual-machine.txt ok',
    ]);
    execFileSync(programPath('unzip'), ['-tq', bundle.path]);
    expect([readdirSync(server.home), readdirSync(join(server.files, 'techsupport'))]).toEqual(before);
    expect(existsSync(join(server.home, 'STATIC-IP-WAS-RUN'))).toBe(false);
  });

  it('writes down when the server was started, and which logins in its logs are ours', async () => {
    const { rig } = await withRealServers(['ice01']);

    const done = await rig.icepack(['collect', ...batch, '--only', 'vm,cli', '--json']);

    const { servers } = JSON.parse(fileInZip(done.json().bundle.path, /manifest\.json$/));
    const startedMs = Date.now() - Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]) * 1000;
    expect(Math.abs(Date.parse(servers[0].boot) - startedMs)).toBeLessThan(30_000);
    const ours = { user: userInfo().username, from: expect.stringMatching(/^127\.|^::1$/) };
    expect(servers[0].icepackSessions).toEqual([expect.objectContaining(ours), expect.objectContaining(ours)]);
  });

  it('cuts the window out of rotated and current logs, continuation lines included', async () => {
    const { rig } = await withRealServers(['ice01']);

    const { bundle } = (await rig.icepack(['collect', ...batch, '--json'])).json();

    const log = fileInZip(bundle.path, /Logs\/system\.log$/);
    const ages = [...log.matchAll(/entry (\d+) min ago/g)].map((match) => Number(match[1]));
    expect(ages[0]).toBeGreaterThanOrEqual(74);
    expect(ages[0]).toBeLessThanOrEqual(75);
    expect(ages.at(-1)).toBe(15);
    expect(ages).toEqual(Array.from({ length: ages.length }, (_, index) => (ages[0] ?? 0) - index));
    expect(log).toContain('entry 45 min ago\n    at a continuation line\n');
  });

  it('shows in the transcript what a person would have seen, the prompt inside the output too', async () => {
    const { rig } = await withRealServers(['ice01']);

    const { bundle } = (await rig.icepack(['collect', ...batch, '--json', '--only', 'cli'])).json();

    const transcript = fileInZip(bundle.path, /CLI\/transcript\.txt$/);
    expect(transcript.split('\n').slice(1)).toEqual([
      'admin@InCenter:/> log -status',
      'system on',
      'audit on',
      'admin@InCenter:/> is how the prompt looks',
      '',
    ]);
  });

  it('takes techsupport by script when the CLI of one server of a cluster is down', async () => {
    const { rig, servers } = await withRealServers(['ice01', 'ice02']);
    await servers[1]?.cli.close();

    const done = await rig.icepack(['collect', 'east', ...batch, '--json']);

    const { servers: reported, bundle } = done.json();
    expect(reported.map((server: { faces: { cli: { status: string } } }) => server.faces.cli.status)).toEqual([
      'up',
      'down',
    ]);
    const items = Object.fromEntries(reported[1].items.map((item: { path: string }) => [item.path, item]));
    expect(items['Techsupport/tsf-by-script.tgz']).toMatchObject({
      status: 'ok',
      command: './techsupport.sh',
      reason: expect.stringContaining('connection refused'),
    });
    expect(items['Logs/system.log']).toMatchObject({
      status: 'failed',
      reason: expect.stringContaining('connection refused'),
    });
    expect(items['CLI/transcript.txt']).toMatchObject({ status: 'failed' });
    expect(done.code).toBe(3);
    expect(bundle.attached).toBe(true);
    expect(fileInZip(bundle.path, /tsf-by-script/)).toMatch(/^\x1f/);
  });

  it.each([
    ['from the folder that the configuration names', true],
    ['from the file root of port 22, when only the shell is down', false],
  ])('fetches what the techsupport script made %s', async (_where, isConfigured) => {
    const { rig, servers } = await withRealServers(['ice01']);
    const server = only(servers);
    writeFileSync(
      join(server.home, 'scripts', 'techsupport.sh'),
      `#!/bin/sh\ntar czf ${server.files}/techsupport/tsf.tgz -C ${server.home} scripts\necho 'Technical Support file created:'; echo tsf.tgz\n`,
    );
    writeFileSync(join(server.files, '..', 'cli.sh'), brokenShell(server.files));
    await rig.configure((document) => {
      if (isConfigured) document.appliances.ice01.hostOs.techsupportFolder = join(server.files, 'techsupport');
    });
    if (isConfigured) await server.cli.close();

    const done = await rig.icepack(['collect', ...batch, '--json', '--only', 'techsupport']);

    expect(done.json().servers[0].items[1]).toMatchObject({ path: 'Techsupport/tsf.tgz', status: 'ok' });
    expect(readdirSync(join(server.files, 'techsupport'))).toEqual([]);
  });

  it('names the techsupport file that was made and cannot be fetched', async () => {
    const { rig, servers } = await withRealServers(['ice01']);
    const server = only(servers);
    writeFileSync(
      join(server.home, 'scripts', 'techsupport.sh'),
      "#!/bin/sh\necho 'Technical Support file created: /nowhere/tsf-17.tgz'\n",
    );
    await server.cli.close();

    const done = await rig.icepack(['collect', ...batch, '--json', '--only', 'techsupport']);

    expect(done.code).toBe(4);
    expect(done.json().servers[0].items[1]).toMatchObject({
      path: 'Techsupport/',
      status: 'failed',
      reason: expect.stringContaining('"/nowhere/tsf-17.tgz", which cannot be fetched and was left on the server'),
    });
  });

  it.each([
    ['several match', ['backup-a.sh', 'backup-b.sh'], 'backup-a.sh, backup-b.sh'],
    ['none matches', ['other.sh'], 'other.sh, staticIP.sh, techsupport.sh'],
  ])('runs no script when %s, and lists what is there', async (_what, names, listed) => {
    const { rig, servers } = await withRealServers(['ice01']);
    const { home } = only(servers);
    rmSync(join(home, 'scripts', 'configBackup.sh'));
    for (const name of names)
      writeFileSync(join(home, 'scripts', name), `#!/bin/sh\ntouch ${home}/RAN\n`, { mode: 0o755 });

    const done = await rig.icepack(['collect', ...batch, '--json', '--only', 'config']);

    expect(done.code).toBe(4);
    expect(done.json().servers[0].items[0]).toMatchObject({
      status: 'failed',
      reason: expect.stringContaining(listed),
    });
    expect(existsSync(join(home, 'RAN'))).toBe(false);
  });

  it('takes what a script left that failed, says so, and removes it (field-B01)', async () => {
    const { rig, servers } = await withRealServers(['ice01']);
    const { home } = only(servers);
    writeFileSync(
      join(home, 'scripts', 'configBackup.sh'),
      `#!/bin/sh\necho half > ${home}/$1\necho broken >&2; exit 3\n`,
    );

    const done = await rig.icepack(['collect', ...batch, '--json', '--only', 'config']);

    expect(done.json().servers[0].items[0]).toMatchObject({
      status: 'partial',
      reason: expect.stringContaining('exit status 3: broken; it is text and no archive: half'),
    });
    expect(readdirSync(home).filter((name) => name.startsWith('icepack-'))).toEqual([]);
  });

  it('keeps what the one server gave when the other cannot be reached, and says so', async () => {
    const { rig, servers } = await withRealServers(['ice01', 'ice02']);
    await servers[0]?.cli.close();
    await servers[0]?.hostOs.close();

    const done = await rig.icepack(['collect', 'east', ...batch, '--json']);

    const { servers: reported, ticket } = done.json();
    expect(done.code).toBe(4);
    expect(ticket.key).toBe('TIC-1001');
    expect(reported[0].items).toHaveLength(8);
    for (const item of reported[0].items)
      expect(item).toMatchObject({ status: 'failed', reason: expect.stringContaining('connection refused') });
    expect(reported[1].items.every((item: { status: string }) => item.status !== 'failed')).toBe(true);
  });

  it('opens no ticket when nothing can be reached, unless told to', async () => {
    const { rig, servers } = await withRealServers(['ice01']);
    await servers[0]?.cli.close();
    await servers[0]?.hostOs.close();

    const refused = await rig.icepack(['collect', ...batch, '--json']);
    const opened = await rig.icepack(['collect', ...batch, '--json', '--submit-anyway']);

    expect(refused.code).toBe(5);
    expect(refused.json()).toMatchObject({
      ticket: null,
      error: { code: 'nothing-reached' },
      servers: [{ faces: { cli: { status: 'down', probe: { reached: 'nothing' } } } }],
    });
    expect(opened.code).toBe(4);
    expect(opened.json()).toMatchObject({ ticket: { key: 'TIC-1001' }, bundle: { attached: true } });
  });

  it('logs in with a private key that has a passphrase', async () => {
    const { rig, servers } = await withRealServers(['ice01']);
    const { privateKey } = only(servers).login;
    execFileSync(programPath('ssh-keygen'), ['-q', '-p', '-P', '', '-N', 'canary phrase', '-f', privateKey]);
    await rig.configure((document) => {
      for (const face of ['cli', 'hostOs']) document.appliances.ice01[face].passphrase = { env: 'KEY_PHRASE' };
    });

    const done = await rig.icepack(['collect', ...batch, '--json', '--only', 'vm,cli'], {
      env: { KEY_PHRASE: 'canary phrase' },
    });

    expect(done.code).toBe(0);
    expect(done.stdout + done.stderr).not.toContain('canary');
  });

  it('logs in with the keys of a running agent', async () => {
    const { rig, servers } = await withRealServers(['ice01']);
    const socket = join(rig.folder, 'agent');
    const agent = execFileSync(programPath('ssh-agent'), ['-a', socket]).toString();
    const pid = Number(/AGENT_PID=(\d+)/.exec(agent)?.[1]);
    execFileSync('ssh-add', ['-q', only(servers).login.privateKey], { env: { ...rig.env, SSH_AUTH_SOCK: socket } });
    await rig.configure((document) => {
      for (const face of ['cli', 'hostOs']) delete document.appliances.ice01[face].privateKey;
    });

    const done = await rig.icepack(['collect', ...batch, '--json', '--only', 'vm,cli'], {
      env: { SSH_AUTH_SOCK: socket },
    });
    process.kill(pid);

    expect(done.code).toBe(0);
  });
});
