import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Check } from '../../src/doctor/check.ts';
import { lacks, programPath } from '../support/requirements.ts';
import { batch, type Finished, type Rig, startRig } from '../support/rig.ts';
import { applianceConfig, type RealAppliance, startRealAppliance } from '../support/sshd.ts';

type Item = { path: string; status: string; reason?: string; source?: string; coverage?: { complete: boolean } };

type Place = { rig: Rig; server: RealAppliance; pins: string };

/** A real server, and where icepack keeps what doctor finds. */
async function startPlace(hostOs: Record<string, string> = {}): Promise<Place> {
  const rig = await startRig();
  const server = await startRealAppliance(rig.folder, 'ice01');
  await rig.configure((document) => {
    const usual = applianceConfig(server, 1);
    document.appliances = { ice01: { ...usual, hostOs: { ...usual.hostOs, ...hostOs } } };
  });
  return { rig, server, pins: join(rig.folder, '.local/state/icepack/file-roots.json') };
}

function configureRoot({ rig }: Place, filesRoot: string): Promise<void> {
  return rig.configure((document) => {
    document.appliances.ice01.hostOs.filesRoot = filesRoot;
  });
}

/** What doctor says of the files of port 22 on the host OS. */
async function said({ rig }: Place): Promise<Check> {
  const checks: Check[] = (await rig.icepack(['doctor', '--json'])).json().checks;
  const found = checks.filter(({ check, face }) => check === 'files' && face === 'hostOs');
  expect(found).toHaveLength(1);
  return found[0] as Check;
}

function itemsOf(done: Finished): Map<string, Item> {
  const items: Item[] = done.json().servers[0].items;
  return new Map(items.map((item) => [item.path, item]));
}

function inBundle(done: Finished, pattern: string): string {
  return execFileSync(programPath('unzip'), ['-p', done.json().bundle.path, pattern]).toString();
}

function writeReport({ server }: Place, minutesAgo: number): void {
  const path = join(server.files, 'errors', 'crash.err');
  const at = Date.now() / 1000 - minutesAgo * 60;
  writeFileSync(path, 'java.lang.OutOfMemoryError\n');
  utimesSync(path, at, at);
}

function everythingIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true }).map(String).sort();
}

describe.skipIf(lacks('sshd', 'sftp-server', 'ssh-keygen', 'unzip'))('when port 22 is closed', () => {
  it('logs, errors and techsupport come from where doctor found them on the host OS (field-B09)', async () => {
    const target = await startPlace();
    const { rig, server } = target;
    writeReport(target, 45);
    const before = everythingIn(server.files);
    const found = await said(target);
    await server.cli.close();

    const done = await rig.icepack(['collect', ...batch, '--json']);

    const items = itemsOf(done);
    expect(found).toMatchObject({ status: 'ok', text: `the files of port 22 lie in ${server.files} (now pinned)` });
    expect(done.code).toBe(3); // the CLI output cannot be had
    for (const type of ['system', 'audit']) {
      expect(items.get(`Logs/${type}.log`)).toMatchObject({
        status: 'ok',
        reason: expect.stringMatching(new RegExp(`^from ${server.files} on the host OS, because ICE01 InCenter CLI `)),
        source: expect.stringContaining(`${server.files}/logs/${type}.log`),
        coverage: { complete: true },
      });
      expect(inBundle(done, `*/Logs/${type}.log`)).toContain(`${type} entry 45 min ago`);
    }
    expect(items.get('Logs/errors/crash.err')).toMatchObject({
      status: 'ok',
      reason: expect.stringContaining(`from ${server.files} on the host OS, because`),
    });
    expect(inBundle(done, '*/crash.err')).toBe('java.lang.OutOfMemoryError\n');
    const techsupport = [...items.values()].find(({ path }) => path.startsWith('Techsupport/'));
    expect(techsupport).toMatchObject({ status: 'ok', command: './techsupport.sh' });
    expect([...items.values()].filter(({ status }) => status === 'failed').map(({ path }) => path)).toEqual([
      'CLI/transcript.txt',
    ]);
    expect(everythingIn(server.files)).toEqual(before);
  });

  it('techsupport that its script names without a path comes from the configured folder (field-B09)', async () => {
    const target = await startPlace();
    const { rig, server } = target;
    await configureRoot(target, `${server.files}/`);
    const script = join(server.home, 'scripts', 'techsupport.sh');
    const text = readFileSync(script, 'utf8');
    writeFileSync(script, text.replace(/created: \S+\//, 'created: '));
    await server.cli.close();

    const done = await rig.icepack(['collect', ...batch, '--json']);

    expect(itemsOf(done).get('Techsupport/tsf-by-script.tgz')).toMatchObject({
      status: 'ok',
      source: `${server.files}/techsupport/tsf-by-script.tgz`,
      reason: expect.stringMatching(`^from ${server.files} on the host OS; made by the script, because `),
    });
    expect(itemsOf(done).get('Logs/system.log')).toMatchObject({ status: 'ok' });
    expect(readdirSync(join(server.files, 'techsupport'))).toEqual([]);
  });

  it('logs are failed and say what to do, when nobody knows where they lie (field-B09)', async () => {
    const { rig, server } = await startPlace();
    await server.cli.close();

    const done = await rig.icepack(['collect', ...batch, '--only', 'logs', '--json']);

    expect(itemsOf(done).get('Logs/system.log')).toMatchObject({
      status: 'failed',
      reason: expect.stringMatching(/refused.*; where the files of port 22 lie on the host OS is not known.*filesRoot/),
    });
  });
});

describe.skipIf(lacks('sshd', 'sftp-server', 'ssh-keygen', 'unzip'))('when port 22 gives no files', () => {
  it('logs come from the host OS all the same (field-B09)', async () => {
    const target = await startPlace();
    const { rig, server } = target;
    await configureRoot(target, server.files);
    const loop = join(server.files, '..', 'cli.sh');
    const text = readFileSync(loop, 'utf8');
    writeFileSync(loop, text.replace(/exec \S+sftp-server -d .* ;;/, 'exit 1 ;;'));

    const done = await rig.icepack(['collect', ...batch, '--json']);

    expect(done.code).toBe(0);
    expect(itemsOf(done).get('Logs/system.log')).toMatchObject({
      status: 'ok',
      reason: expect.stringContaining(`from ${server.files} on the host OS, because `),
    });
    expect([...itemsOf(done).values()].find(({ path }) => path.startsWith('Techsupport/'))).toMatchObject({
      status: 'ok',
      command: 'techsupport',
      reason: expect.stringContaining(`from ${server.files} on the host OS, because `),
    });
  });
});

describe.skipIf(lacks('sshd', 'sftp-server', 'ssh-keygen'))('doctor looks for the files of port 22', () => {
  it('pins them for this user alone, and changes nothing on the server (field-B09)', async () => {
    const target = await startPlace();
    const { server } = target;
    const before = [everythingIn(server.home), everythingIn(server.files)];

    const first = await said(target);
    const second = await said(target);
    await server.cli.close();
    const alone = await said(target);

    expect([first, second, alone].map(({ text }) => /\(.*\)/.exec(text)?.[0])).toEqual([
      '(now pinned)',
      '(pinned)',
      '(pinned, not compared)',
    ]);
    expect(statSync(target.pins).mode & 0o777).toBe(0o600);
    expect([everythingIn(server.home), everythingIn(server.files)]).toEqual(before);
  });

  it('pins nothing when a copy of them lies elsewhere, and names both (field-B09)', async () => {
    const target = await startPlace();
    const { server } = target;
    const copy = join(server.home, 'copy');
    cpSync(server.files, copy, { recursive: true, preserveTimestamps: true });

    const found = await said(target);

    expect(found.status).toBe('warn');
    expect(found.text).toContain(server.files);
    expect(found.text).toContain(copy);
    expect(found.hint).toContain('appliances.ice01.hostOs.filesRoot');
    expect(() => statSync(target.pins)).toThrow();
  });

  it('is not misled by a copy of yesterday, nor by a second name of the same folder (field-B09)', async () => {
    const target = await startPlace();
    const { server } = target;
    const copy = join(server.home, 'copy');
    cpSync(server.files, copy, { recursive: true, preserveTimestamps: true });
    rmSync(join(copy, 'logs', 'audit.log'));
    for (const other of ['aaa', 'current', 'zzz']) {
      mkdirSync(join(server.home, other));
      symlinkSync(join(server.files, 'logs'), join(server.home, other, 'logs'));
    }

    const found = await said(target);

    expect(found).toMatchObject({ status: 'ok', text: `the files of port 22 lie in ${server.files} (now pinned)` });
  });

  it('needs two files that are equal in name, size and time (field-B09)', async () => {
    const target = await startPlace();
    const { server } = target;
    const copy = join(server.home, 'copy');
    cpSync(server.files, copy, { recursive: true });
    const now = Date.now() / 1000;
    for (const name of readdirSync(join(copy, 'logs'))) utimesSync(join(copy, 'logs', name), now + 5, now + 5);

    const found = await said(target);

    expect(found).toMatchObject({ status: 'ok', text: `the files of port 22 lie in ${server.files} (now pinned)` });
  });

  it('finds again what has moved since it was pinned (field-B09)', async () => {
    const target = await startPlace();
    await said(target);
    const pins = readFileSync(target.pins, 'utf8');
    writeFileSync(target.pins, pins.replaceAll(target.server.files, '/opt/old'));

    const found = await said(target);

    expect(found).toMatchObject({ status: 'ok', text: expect.stringContaining(`${target.server.files} (now pinned)`) });
    expect(readFileSync(target.pins, 'utf8')).toContain(target.server.files);
  });

  it('says what the login may not read, and the next step (field-B09)', async () => {
    const target = await startPlace();
    const find = join(target.server.home, '..', 'bin', 'find');
    writeFileSync(
      find,
      `#!/bin/sh\necho "find: '/root': Permission denied" >&2\necho "find: '/opt/incenter/data': Permission denied" >&2\nexit 1\n`,
    );
    chmodSync(find, 0o755);

    const found = await said(target);

    expect(found).toMatchObject({
      status: 'warn',
      text: expect.stringMatching(/was not found: "\S+" may not read \/opt\/incenter\/data, \/root$/),
      hint: expect.stringContaining('appliances.ice01.hostOs.filesRoot'),
    });
  });

  it('checks the folder that is configured, which counts for more than what was found (field-B09)', async () => {
    const target = await startPlace();
    const { server } = target;
    await said(target);

    await configureRoot(target, server.files);
    const right = await said(target);
    await configureRoot(target, server.home);
    const wrong = await said(target);

    expect(right).toMatchObject({ status: 'ok', text: expect.stringContaining('(configured)') });
    expect(wrong).toMatchObject({ status: 'fail', text: expect.stringContaining(server.home) });
  });
});
