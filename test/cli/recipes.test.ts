import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { bufferFile } from '../../src/mock/files.ts';
import { programPath } from '../support/requirements.ts';
import { batch, startRig } from '../support/rig.ts';

type Item = { path: string; status: string; reason?: string; coverage?: object; source?: string };

function inZip(path: string, name: string): string {
  return execFileSync(programPath('unzip'), ['-p', path, `*/${name}`]).toString();
}

const asked = [
  'description: case 4711',
  'window: { before: 10m, after: 5m }',
  'cliCommands: [show ha]',
  'hostCommands: [echo all is well, nosuchcommand]',
  'paths:',
  '  - { face: hostOs, path: /var/log/messages }',
  '  - { face: hostOs, path: /var/crash/ }',
  '  - { face: cli, path: logs/missing }',
].join('\n');

describe('collect --recipe', () => {
  it('takes the commands, files and folders of the recipe, and says what is missing', async () => {
    const rig = await startRig({ replies: { 'show ha': 'HA: active\n' } });
    const host = rig.mock.appliances[0]?.trees.hostOs.files;
    host?.set('/var/log/messages', bufferFile(Buffer.from('kernel: hello\n'), Date.now()));
    host?.set('/var/crash/one', bufferFile(Buffer.from('core one'), Date.now()));
    host?.set('/var/crash/two', bufferFile(Buffer.from('core two'), Date.now()));
    writeFileSync(join(rig.folder, 'ask.yaml'), asked);

    const done = await rig.icepack(['collect', ...batch, '--recipe', './ask.yaml', '--yes', '--json']);

    const { servers, bundle, event, exitCode } = done.json();
    const extra = servers[0].items.filter(({ path }: Item) => /files|commands/.test(path));
    expect(exitCode).toBe(3);
    expect(new Date(event.window.until).getTime() - new Date(event.window.since).getTime()).toBe(15 * 60_000);
    expect(extra.map(({ path, status }: Item) => `${path} ${status}`)).toEqual([
      'VM/commands.txt partial',
      'VM/files/var_log_messages ok',
      'VM/files/var_crash/ ok',
      'CLI/files/logs_missing failed',
      'VM/files/var_crash_one ok',
      'VM/files/var_crash_two ok',
    ]);
    expect(inZip(bundle.path, 'CLI/transcript.txt')).toMatch(/log -status[\s\S]*show ha\nHA: active/);
    expect(inZip(bundle.path, 'VM/commands.txt')).toContain('$ echo all is well\nall is well\n');
    expect(inZip(bundle.path, 'VM/files/var_crash_two')).toBe('core two');
  });

  it('takes fifty paths without a word of Node (field-B06)', async () => {
    const rig = await startRig();
    const host = rig.mock.appliances[0]?.trees.hostOs.files;
    const paths = Array.from({ length: 50 }, (_, n) => `/var/log/log${n}`);
    for (const path of paths) host?.set(path, bufferFile(Buffer.from('x'), Date.now()));
    const input = `paths: [${paths.map((path) => `{ face: hostOs, path: ${path} }`).join(', ')}]`;

    const args = ['collect', ...batch, '--recipe', '-', '--only', 'recipe', '--yes', '--json'];
    const done = await rig.icepack(args, { input });

    expect(done.code).toBe(0);
    expect(done.stderr).not.toContain('Warning');
  });

  it('runs nothing on the host OS that nobody confirmed', async () => {
    const rig = await startRig();

    const done = await rig.icepack(['collect', ...batch, '--recipe', '-'], { input: asked });

    expect(done.code).toBe(2);
    expect(done.stderr).toContain('on the host OS: echo all is well');
    expect(done.stderr).toContain('on the InCenter CLI: show ha');
    expect(done.stderr).toContain('say --yes');
    expect(rig.mock.appliances[0]?.logins.hostOs).toEqual([]);
  });

  it('shows with --dry-run all it would do, and connects to nothing', async () => {
    const rig = await startRig();
    mkdirSync(join(dirname(rig.config), 'recipes'));
    writeFileSync(join(dirname(rig.config), 'recipes', 'case.yaml'), asked);

    const done = await rig.icepack(['collect', ...batch, '--recipe', 'case', '--dry-run']);

    expect(done.code).toBe(0);
    expect(done.stdout).toContain('run on the CLI: log -status; show ha');
    expect(done.stdout).toContain('run on the host OS: nosuchcommand');
    expect(done.stdout).toContain('fetch /var/crash/ from the host OS');
    expect(rig.mock.appliances[0]?.logins.hostOs).toEqual([]);
  });

  it('never widens what the configuration allows', async () => {
    const rig = await startRig();
    await rig.configure((document) => {
      document.allow = { hostCommands: ['echo *'], paths: ['/var/log/*'] };
    });

    const done = await rig.icepack(['collect', ...batch, '--recipe', '-', '--yes'], { input: asked });

    expect(done.code).toBe(2);
    expect(done.stderr).toContain('host OS command "nosuchcommand" is not allowed by allow.hostCommands');
    expect(done.stderr).toContain('path "/var/crash/" is not allowed by allow.paths');
    expect(done.stderr).not.toContain('"echo all is well" is not allowed');
    expect(rig.mock.appliances[0]?.logins.cli).toEqual([]);
  });

  it('with a fault ends before anything happens, naming file and line', async () => {
    const rig = await startRig();

    const done = await rig.icepack(['collect', ...batch, '--recipe', '-'], { input: 'collect: [logs]\npath: []\n' });

    expect(done.code).toBe(2);
    expect(done.stderr).toContain('standard input:2: unknown key "path"; did you mean "paths"?');
  });

  it('collects only the kinds it names; --only recipe leaves what it adds', async () => {
    const rig = await startRig();
    writeFileSync(join(rig.folder, 'few.yaml'), 'collect: [cli]\nhostCommands: [echo hello]\n');
    const call = ['collect', ...batch, '--no-submit', '--recipe', './few.yaml', '--yes', '--json'];
    const taken = (items: Item[]) => items.filter(({ status }) => status !== 'skipped').map(({ path }) => path);

    const few = (await rig.icepack(call)).json();
    const added = (await rig.icepack([...call, '--only', 'recipe', '--at', '-2h'])).json();

    expect(taken(few.servers[0].items)).toEqual(['CLI/transcript.txt', 'VM/commands.txt']);
    expect(taken(added.servers[0].items)).toEqual(['VM/commands.txt']);
  });
});

describe('logs that a syslog server kept', () => {
  it('are cut like those of the server, packed or not, and marked', async () => {
    const rig = await startRig();
    const stamp = (minutesAgo: number) => new Date(Date.now() - minutesAgo * 60_000).toISOString();
    const rfc5424 = [200, 50, 40, 1].map((ago) => `<134>1 ${stamp(ago)} ice01 incenter - - - ${ago} min ago\n`);
    writeFileSync(join(dirname(rig.config), 'ice01.log'), rfc5424.join(''));
    writeFileSync(join(rig.folder, 'old.log.gz'), gzipSync(`${stamp(45)} packed\n`));
    await rig.configure((document) => {
      document.appliances.ice01.logs = {
        files: ['ice01.log', join(rig.folder, 'old.log.gz'), '/no/such/file'],
        zone: 'UTC',
      };
      document.appliances.ice01.cli.password = { env: 'WRONG' };
    });

    const done = await rig.icepack(['collect', ...batch, '--only', 'logs', '--no-submit', '--json'], {
      env: { WRONG: 'x' },
    });

    const { servers, bundle } = done.json();
    const items: Item[] = servers[0].items.filter(({ path }: Item) => path.includes('exported'));
    expect(items).toMatchObject([
      { path: 'Logs/exported/file', status: 'failed', source: '/no/such/file' },
      { path: 'Logs/exported/ice01.log', status: 'ok', reason: expect.stringContaining('syslog server') },
      { path: 'Logs/exported/old.log', status: 'partial' },
    ]);
    expect(inZip(bundle.path, 'Logs/exported/ice01.log').match(/\d+ min ago/g)).toEqual(['50 min ago', '40 min ago']);
    expect(inZip(bundle.path, 'Logs/exported/old.log')).toContain('packed');
  });
});
