import { execFileSync } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { bufferFile, type MockTree } from '../../src/mock/files.ts';
import { programPath } from '../support/requirements.ts';
import { batch, type Rig, startRig } from '../support/rig.ts';

type Item = {
  path: string;
  status: string;
  reason?: string;
  fromRun?: string;
  coverage?: { window: { since: string; until: string } };
};

const minute = 60_000;
const hour = 60 * minute;

function treeOf(rig: Rig): MockTree {
  const tree = rig.mock.appliances[0]?.trees.cli;
  if (tree === undefined) throw new Error('there is no mock appliance');
  return tree;
}

/** A log that is written once a minute, rotated at these ages in ms, oldest first; its lines name their file. */
function writeHistory(tree: MockTree, type: string, ages: readonly number[]): void {
  for (const path of [...tree.files.keys()]) if (path.startsWith(`logs/${type}.log`)) tree.files.delete(path);
  const now = Date.now();
  ages.forEach((age, index) => {
    const until = ages[index + 1] ?? 0;
    const number = ages.length - 2 - index;
    const name = number < 0 ? `${type}.log` : `${type}.log.${number}.gz`;
    const lines: string[] = [];
    for (let ms = now - age; ms < now - until; ms += minute)
      lines.push(`${new Date(ms).toISOString()} line of ${name}\n`);
    const content = Buffer.from(lines.join(''));
    tree.files.set(`logs/${name}`, bufferFile(number < 0 ? content : gzipSync(content), now - until));
  });
}

function itemOf(items: Item[], path: string) {
  return items.find((item) => item.path === path);
}

function inZip(path: string, name: string): string {
  return execFileSync(programPath('unzip'), ['-p', path, `*/${name}`]).toString();
}

describe('the files of a log', () => {
  it('that cannot overlap the window are not fetched, and that is written down (D21)', async () => {
    const rig = await startRig();
    writeHistory(treeOf(rig), 'system', [96 * hour, 72 * hour, 48 * hour, 52 * minute, 40 * minute]);

    const { servers, bundle, exitCode } = (await rig.icepack(['collect', ...batch, '--only', 'logs', '--json'])).json();

    const item = itemOf(servers[0].items, 'Logs/system.log');
    const text = inZip(bundle.path, 'Logs/system.log');
    expect(exitCode).toBe(0);
    expect(item).toMatchObject({
      status: 'ok',
      source: expect.stringMatching(/system\.log\.1\.gz, .*system\.log\.0\.gz, .*system\.log$/),
      coverage: { complete: true, notNeeded: ['system.log.3.gz', 'system.log.2.gz'] },
    });
    expect([...new Set(text.match(/line of \S+/g))]).toEqual([
      'line of system.log.1.gz',
      'line of system.log.0.gz',
      'line of system.log',
    ]);
    expect(text.trim().split('\n').length).toBeGreaterThanOrEqual(60);
  });

  it('that lies after the window is not fetched, though it is the current one', async () => {
    const rig = await startRig();
    writeHistory(treeOf(rig), 'system', [40 * hour, 20 * hour, 4 * hour]);

    const done = await rig.icepack(['collect', '--batch', '--at', '-10h', '--only', 'logs', '--no-submit', '--json']);

    expect(itemOf(done.json().servers[0].items, 'Logs/system.log')).toMatchObject({
      status: 'ok',
      source: expect.stringMatching(/\/system\.log\.0\.gz$/),
      coverage: { complete: true, notNeeded: ['system.log.1.gz', 'system.log'] },
    });
  });

  it('that do not reach back to the window say so in one sentence (D09)', async () => {
    const rig = await startRig();
    writeHistory(treeOf(rig), 'system', [60 * minute, 20 * minute]);

    const done = await rig.icepack(['collect', ...batch, '--only', 'logs']);

    expect(done.code).toBe(3);
    expect(done.stdout).toContain(
      'The logs do not cover the whole window: ICE01 system.log (its older lines are gone from the server).',
    );
  });
});

describe('the end of collect', () => {
  it('says that the logs cover the window, in the zone of the server and in UTC (D02)', async () => {
    const rig = await startRig({ zone: 'Asia/Kathmandu' });

    const done = await rig.icepack(['collect', ...batch], { env: { TZ: 'America/New_York' } });

    expect(done.code).toBe(0);
    expect(done.stdout).toMatch(/The logs cover the whole window, .* Asia\/Kathmandu \(.* UTC\)\./);
    expect(done.stdout).toMatch(/^Event 1, .* America\/New_York \(-0\d:00\), .* Asia\/Kathmandu \(\+05:45\), .* UTC$/m);
  });
});

describe('a window that is not over', () => {
  it('is waited for with --wait, and its lines are taken then (D08)', async () => {
    const rig = await startRig();
    await rig.configure((document) => {
      document.window = { before: '30m', after: '10s' };
    });
    const tree = treeOf(rig);
    const late = 'a line of the second half';
    const call = ['collect', '--batch', '--summary', 'now', '--severity', 'low', '--wait', '--json'];

    const done = await rig.icepack(call, {
      onStderr(text) {
        const before = tree.files.get('logs/system.log');
        if (!text.includes('waiting') || before === undefined) return;
        const line = `${new Date(Date.now() - 1000).toISOString()} ${late}\n`;
        tree.files.set(
          'logs/system.log',
          bufferFile(Buffer.concat([before.read(0, before.bytes), Buffer.from(line)]), Date.now()),
        );
      },
    });

    const { servers, bundle, exitCode } = done.json();
    expect(exitCode).toBe(0);
    expect(itemOf(servers[0].items, 'Logs/system.log')).toMatchObject({ status: 'ok', coverage: { complete: true } });
    expect(inZip(bundle.path, 'Logs/system.log')).toContain(late);
    expect(servers[0].items.map(({ path }: Item) => path).filter((path: string) => path.startsWith('Logs/'))).toEqual([
      'Logs/system.log',
      'Logs/audit.log',
      'Logs/debug.log',
      'Logs/errors/',
    ]);
    expect(rig.mock.helpdesk?.tickets).toHaveLength(1);
  });

  it('can be left by a signal: what there was is kept and submitted later', async () => {
    const rig = await startRig();

    const done = await rig.icepack(['collect', '--batch', '--summary', 'now', '--severity', 'low', '--wait'], {
      onStderr: (text, kill) => {
        if (text.includes('waiting')) kill('SIGTERM');
      },
    });
    const [run] = await rig.runs();
    const later = await rig.icepack(['submit', `${run}`, '--batch', '--json']);

    expect(done.code).toBe(143);
    expect(done.stdout).toMatch(/^ZIP {2}.* attached to TIC-1001\n\/.*\.zip$/m);
    expect(done.stdout.match(/TIC-1001_Event1_\d+_\d+\.zip/g)).toHaveLength(1);
    expect(done.stdout).toContain(`Next: icepack resume ${run}`);
    expect(later.json()).toMatchObject({ exitCode: 3, ticket: { key: 'TIC-1001' }, bundle: { attached: true } });
    expect(rig.mock.helpdesk?.tickets[0]?.files).toHaveLength(1); // nothing new was collected
  });

  it('is completed by the command that is printed, and the ZIP holds the whole event again', async () => {
    const rig = await startRig({ appliances: 2, cluster: 'east' });
    await rig.configure((document) => {
      document.window = { before: '30m', after: '12s' };
    });

    const first = (
      await rig.icepack(['collect', 'east', '--batch', '--summary', 'x', '--severity', 'low', '--json'])
    ).json();
    const [command] = first.next;
    await delay(Date.parse(first.event.window.until) + 1000 - Date.now());
    const second = (await rig.icepack([...command.split(' ').slice(1), '--batch', '--json'])).json();

    const names = (path: string) =>
      execFileSync(programPath('unzip'), ['-Z1', path]).toString().trim().split('\n').sort();
    const earlier = names(second.bundle.path).filter((name) => name.includes('/earlier/'));
    expect(first.exitCode).toBe(3);
    expect(command).toBe(`icepack resume ${first.run}`);
    expect(first.next[1]).toContain('--only logs --ticket TIC-1001 --event 1');
    expect(second).toMatchObject({
      exitCode: 0,
      ticket: { key: 'TIC-1001' },
      bundle: { name: expect.stringMatching(/_2\.zip$/) },
    });
    expect(earlier).toEqual([]);
    const isThere = (name: string) => !name.endsWith('/NOT-COLLECTED.txt');
    expect(names(second.bundle.path)).toEqual(names(first.bundle.path).filter(isThere));
    expect(itemOf(second.servers[0].items, 'VM/virtual-machine.txt')).toMatchObject({
      status: 'ok',
      fromRun: first.run,
    });
    expect(itemOf(second.servers[0].items, 'Logs/system.log')?.fromRun).toBeUndefined();
    execFileSync(programPath('unzip'), ['-tq', second.bundle.path]);
  });

  it('that is completed too late keeps what was there beside what there is', async () => {
    const rig = await startRig();
    const at = new Date(Date.now() - 10 * minute).toISOString();
    const call = ['collect', '--batch', '--at', at, '--no-submit', '--json'];

    const first = (await rig.icepack(call)).json();
    writeHistory(treeOf(rig), 'system', [8 * minute, 4 * minute]);
    const second = (await rig.icepack([...call, '--only', 'logs'])).json();

    expect(itemOf(first.servers[0].items, 'Logs/system.log')).toMatchObject({ status: 'partial' });
    expect(second.servers[0].items.filter(({ path }: Item) => path.endsWith('system.log'))).toMatchObject([
      {
        path: 'Logs/system.log',
        status: 'partial',
        reason: expect.stringContaining('older lines are not on the server'),
      },
      { path: 'Logs/earlier/system.log', fromRun: first.run },
    ]);
    expect(inZip(second.bundle.path, 'Logs/earlier/system.log')).toContain('system[');
  });
});

describe('clocks', () => {
  it('that are set while evidence is collected are told, with what was measured (D01)', async () => {
    const rig = await startRig({ techsupport: { durationMs: 1500, bytes: 1000 } });
    const [appliance] = rig.mock.appliances;

    const done = await rig.icepack(['collect', ...batch, '--json'], {
      onStderr: (text) => {
        if (appliance !== undefined && text.includes('"clock-measured"')) appliance.clock.offsetMs = 8 * minute;
      },
    });

    const [server] = done.json().servers;
    expect(done.stderr).toContain('its clock was set 8 min forward while evidence was collected');
    expect(server.clock.jumpedMs).toBeGreaterThan(7 * minute);
    expect(server.clock.atEnd.offsetMs).toBeGreaterThan(7 * minute);
  });

  it('of several servers shift each its own window (D22)', async () => {
    const rig = await startRig({ appliances: 2, cluster: 'east' });
    const [, second] = rig.mock.appliances;
    if (second !== undefined) second.clock.offsetMs = -3 * hour;

    const { servers } = (await rig.icepack(['collect', 'east', ...batch, '--only', 'logs', '--json'])).json();

    const [inStep, behind] = servers.map(({ items }: { items: Item[] }) => itemOf(items, 'Logs/audit.log'));
    const shift = new Date(inStep.coverage.window.since).getTime() - new Date(behind.coverage.window.since).getTime();
    expect(Math.round(shift / minute)).toBe(180);
  });

  it('that cannot be read make the window wider, and nobody says that it is covered (D01)', async () => {
    const rig = await startRig();
    await rig.configure((document) => {
      document.appliances.ice01.hostOs.password = { env: 'WRONG' };
    });

    const done = await rig.icepack(['collect', ...batch, '--only', 'logs', '--json'], { env: { WRONG: 'x' } });

    const { servers, event } = done.json();
    const { since, until } = itemOf(servers[0].items, 'Logs/system.log')?.coverage?.window ?? {};
    expect(new Date(event.window.since).getTime() - new Date(`${since}`).getTime()).toBe(5 * minute);
    expect(new Date(`${until}`).getTime() - new Date(event.window.until).getTime()).toBe(5 * minute);
    expect(done.stderr).toContain('5 min wider on both sides');
    expect(done.code).toBe(3);
    expect(itemOf(servers[0].items, 'Logs/system.log')?.coverage).toMatchObject({
      complete: false,
      gaps: ['clock-unknown'],
    });
  });
});
