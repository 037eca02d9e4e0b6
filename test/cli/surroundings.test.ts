import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { behindProxies } from '../support/behind-proxies.ts';
import { lacks, programPath } from '../support/requirements.ts';
import { batch, binary, type Rig, startRig, startRun, until } from '../support/rig.ts';

type Ended = { code: number; stdout: string; stderr: string };

/** Runs the program behind the words of another one. */
async function behind(
  words: string[],
  rig: Rig,
  args: string[],
  env: Record<string, string> = rig.env,
): Promise<Ended> {
  const [program = '', ...rest] = [...words, process.execPath, binary, ...args];
  try {
    return { code: 0, ...(await promisify(execFile)(program, rest, { env, cwd: rig.folder, timeout: 50_000 })) };
  } catch (error) {
    return error as Ended;
  }
}

const collectAll = ['collect', ...batch, '--json'];

it('does under cron what it does for a person: no terminal, no HOME, TZ or LANG, in /, with any umask (H07)', async () => {
  const rig = await startRig();
  const at = new Date(Date.now() - 45 * 60_000).toISOString();
  const args = ['collect', '--batch', '--at', at, '--no-submit', '--json'];
  const here = await rig.icepack(args);
  const cron = `umask 077; cd /; exec "$@" --config ${rig.config} <&-`;

  const done = await behind(
    [
      'env',
      '-i',
      'PATH=/usr/bin:/bin',
      `XDG_STATE_HOME=${join(rig.folder, 'state')}`,
      'setsid',
      '--wait',
      'sh',
      '-c',
      cron,
      'sh',
    ],
    rig,
    args,
  );

  const kinds = (stdout: string) =>
    JSON.parse(stdout).servers[0].items.map(
      ({ path, status }: { path: string; status: string }) =>
        `${status} ${path.replace(/\d{8,}(?:-\d{4})?|-[a-z0-9]{4}\.tar/g, '')}`,
    );
  expect(done.code).toBe(0);
  expect(kinds(done.stdout)).toEqual(kinds(here.stdout));
  expect(JSON.parse(done.stdout).event).toMatchObject({ at: here.json().event.at, window: here.json().event.window });
  expect(JSON.parse(done.stdout).bundle.path.startsWith(join(rig.folder, 'state'))).toBe(true);
});

it('never asks without a terminal: what is missing is an error that says so (H07)', async () => {
  const rig = await startRig();

  const done = await behind(['setsid', '--wait', 'sh', '-c', 'exec "$@" <&-', 'sh'], rig, ['collect', '--at', '-45m']);

  expect(done.code).toBe(2);
  expect(done.stderr).toContain('--summary');
});

it('needs no HOME: the account has one (H07)', async () => {
  const rig = await startRig();

  const done = await behind(['env', '-i'], rig, ['runs', '--config', rig.config]);

  expect(done).toMatchObject({ code: 0, stderr: '' });
});

describe.skipIf(lacks('unshare'))('for a user without an entry in passwd, and without HOME', () => {
  const nobody = ['unshare', '--user', '--map-user=54321', '--map-group=54321', 'env', '-i'];

  it('works with the folders that XDG names (field-C07)', async () => {
    const rig = await startRig();
    const folders = [`XDG_STATE_HOME=${join(rig.folder, 'state')}`, `XDG_CONFIG_HOME=${join(rig.folder, 'config')}`];

    const done = await behind([...nobody, ...folders], rig, ['doctor', '--config', rig.config, '--json']);

    expect(JSON.parse(done.stdout)).toMatchObject({ exitCode: 0 });
  });

  it.each([
    ['no configuration is named', () => ['doctor']],
    ['the state has no place', (config: string) => ['runs', '--config', config]],
    [
      'a first configuration has no place',
      () => ['init', '--batch', '--server', 'ice01=192.0.2.10', '--cli-login', 'ask', '--host-os-login', 'ask'],
    ],
  ])('says what to set where %s (field-C07)', async (_what, args) => {
    const rig = await startRig();

    const done = await behind(nobody, rig, args(rig.config));

    expect(done.code).toBe(2);
    expect(done.stderr).toContain('no home folder');
    expect(done.stderr).toContain('Set HOME');
    expect(done.stderr).not.toMatch(/^\s+at /m);
  });

  it('prints its help and its version (field-C07)', async () => {
    const rig = await startRig();

    for (const args of [['--help'], ['--version'], ['collect', '--help']])
      expect(await behind(nobody, rig, args)).toMatchObject({ code: 0, stderr: '' });
  });
});

describe.skipIf(process.platform !== 'linux')('with little of what a process may have', () => {
  it('128 open files are enough for eight servers at once (H08)', async () => {
    const rig = await startRig({ appliances: 8, cluster: 'east' });

    const done = await behind(['prlimit', '--nofile=128'], rig, collectAll);

    expect(done.code).toBe(0);
    expect(rig.mock.helpdesk?.tickets[0]?.files).toHaveLength(1);
  });

  it('too few open files end in a sentence, and the run can be gone on with (H08)', async () => {
    const rig = await startRig({ appliances: 8, cluster: 'east' });

    const done = await behind(['prlimit', '--nofile=40'], rig, collectAll);
    const [resume = ''] = JSON.parse(done.stdout).next;
    const after = await rig.icepack([...resume.split(' ').slice(1), '--batch']);

    expect(done.code).toBe(8);
    expect(done.stderr).not.toMatch(/^\s+at /m);
    expect(done.stderr).toContain('ulimit -n 1024');
    expect(after.code).toBe(0);
    expect(rig.mock.helpdesk?.tickets).toHaveLength(1);
  });

  it('48 MB for its objects are enough (H08)', async () => {
    const rig = await startRig({ logBytes: 2_000_000, techsupport: { durationMs: 0, bytes: 10_000_000 } });

    const done = await behind([], rig, collectAll, { ...rig.env, NODE_OPTIONS: '--max-old-space-size=48' });

    expect(done.code).toBe(0);
  });
});

it('goes on after it was stopped for a while, and its connections were lost meanwhile (H09)', async () => {
  const rig = await startRig({ techsupport: { durationMs: 0, bytes: 500_000 } });
  const { servers } = await behindProxies(rig);
  const proxies = Object.values(servers).flatMap(({ cli, hostOs }) => [cli, hostOs]);
  for (const proxy of proxies) proxy.change({ down: { bytesPerSecond: 100_000 } });
  const run = startRun(rig, [...collectAll, '--only', 'techsupport']);
  await until(() => run.said().includes('"item-progress"'));

  run.kill('SIGSTOP');
  for (const proxy of proxies) proxy.change({ down: { cut: { afterBytes: 0, by: 'rst' } } });
  await until(() => proxies.every(({ connections }) => connections.every(({ open }) => !open)));
  for (const proxy of proxies) proxy.change({ down: {} });
  run.kill('SIGCONT');
  const done = await run.ended;

  expect(done.code).toBe(0);
  expect(rig.mock.helpdesk?.tickets[0]?.files).toHaveLength(1);
});

describe.skipIf(lacks('strace'))('--dry-run', () => {
  it('connects to nothing and writes nothing (H12)', async () => {
    const rig = await startRig();
    const trace = join(rig.folder, 'mock', 'trace');
    const calls =
      'connect,sendto,sendmsg,open,openat,creat,mkdir,mkdirat,rename,renameat,renameat2,link,linkat,symlinkat,unlink,unlinkat';
    const strace = [programPath('strace'), '-f', '-qq', '-o', trace, '-e', `trace=${calls}`];

    const done = await behind(strace, rig, ['collect', '--batch', '--at', '-45m', '--dry-run', '--json']);

    const seen = readFileSync(trace, 'utf8').split('\n');
    const changing = seen.filter(
      (line) => !/ open(at)?\(/.test(line) || /O_(WRONLY|RDWR|CREAT|TRUNC|APPEND)/.test(line),
    );
    expect(done.code).toBe(0);
    expect(seen.some((line) => line.includes('icepack.yaml'))).toBe(true);
    expect(changing.filter((line) => / \w+\(/.test(line) && !line.includes('"/dev/null"'))).toEqual([]);
  });
});
